"""A camera's frame of 640×480, raw and as JPEG."""

from importlib.metadata import version
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.preprocessing.frames import fields, photo
from benchmarks.timing import Action, Comparison
from omnibind_ros.messages.image import rgb_from_image
from omnibind_ros.preprocessing.image import PRESETS, ImagePreprocessor

SIDE = PRESETS["compact"].side


def comparisons() -> list[Comparison]:
    """Our input carries a quality, which the other ways do not judge."""
    rgb = photo()
    raw = fields(rgb, "rgb8")
    jpeg = SimpleNamespace(format="bgr8; jpeg compressed bgr8", data=jpeg_file(rgb))
    hand = "OpenCV by hand"
    cases = [
        Comparison("image 640×480 rgb8 → 64×64", _ours(raw, "compact"), hand, lambda: by_hand(raw)),
        Comparison("image 640×480 jpeg → 64×64", _ours(jpeg, "compact"), hand, lambda: by_hand_from_jpeg(jpeg)),
    ]
    if _transformers_5_is_there():
        cases.append(
            Comparison("image 640×480 rgb8 → CLIP 224×224", _ours(raw, "clip"), "transformers", _transformers(raw))
        )
    return cases


def by_hand(message: Any) -> NDArray[np.float32]:
    """Input (3, 64, 64) of an rgb8 message."""
    return _prepared(np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3))


def by_hand_from_jpeg(message: Any) -> NDArray[np.float32]:
    """Input (3, 64, 64) of a JPEG message."""
    bgr: Any = cv2.imdecode(np.frombuffer(message.data, np.uint8), cv2.IMREAD_COLOR)
    rgb: Any = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    return _prepared(rgb)


def _prepared(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = rgb.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    small = cv2.resize(rgb[top : top + short, left : left + short], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(((small.astype(np.float32) / 255 - 0.5) / 0.5).transpose(2, 0, 1))


def _ours(message: Any, preset: str) -> Action:
    preprocessor = ImagePreprocessor(PRESETS[preset])

    def run() -> object:
        preprocessor.add(rgb_from_image(message), 0)
        return preprocessor.take()

    return run


def _transformers_5_is_there() -> bool:
    return find_spec("transformers") is not None and version("transformers") >= "5"


def _transformers(message: Any) -> Action:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil  # noqa: PLC0415

    processor = CLIPImageProcessorPil()

    def run() -> object:
        rgb = np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)
        return processor(rgb, return_tensors="np", input_data_format="channels_last")["pixel_values"]

    return run


def jpeg_file(rgb: NDArray[np.uint8]) -> bytes:
    """A JPEG file of (H, W, 3) RGB."""
    return bytes(cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1])
