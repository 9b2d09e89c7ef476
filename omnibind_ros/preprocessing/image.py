"""Camera frames to the input of an image encoder."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.preprocessing.newest_frame import NewestFrame
from omnibind_ros.preprocessing.quality import frame_quality
from omnibind_ros.preprocessing.resize import Interpolation, Pixels, resize_to_square

Colour = tuple[float, float, float]
Spread = tuple[PositiveFloat, PositiveFloat, PositiveFloat]


class ImageSettings(BaseModel):
    """Constants of one way to prepare RGB frames.

    side: of the square input, pixels. resize: `short_side_crop` keeps the aspect ratio and the central square, `squash`
    keeps the whole view. mean and std: per channel R, G, B, of intensities in [0, 1].
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    side: int = Field(ge=1, le=4096)
    resize: Literal["short_side_crop", "squash"]
    interpolation: Interpolation
    mean: Colour
    std: Spread

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(3, side, side)."""
        return (3, self.side, self.side)


CLIP_MEAN: Colour = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD: Colour = (0.26862954, 0.26130258, 0.27577711)
_HALF: Colour = (0.5, 0.5, 0.5)

PRESETS: dict[str, ImageSettings] = {
    settings.name: settings
    for settings in (
        # Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021
        ImageSettings(
            name="clip", side=224, resize="short_side_crop", interpolation="bicubic", mean=CLIP_MEAN, std=CLIP_STD
        ),
        # Zhai et al., "Sigmoid Loss for Language Image Pre-Training", 2023
        ImageSettings(name="siglip", side=224, resize="squash", interpolation="bicubic", mean=_HALF, std=_HALF),
        # Bolya et al., "Perception Encoder", 2025: PE-Core-L14-336
        ImageSettings(name="pe", side=336, resize="squash", interpolation="bilinear", mean=_HALF, std=_HALF),
        ImageSettings(name="compact", side=64, resize="short_side_crop", interpolation="area", mean=_HALF, std=_HALF),
    )
}


def prepare_image(rgb: NDArray[np.uint8], settings: ImageSettings) -> NDArray[np.float32]:
    """Prepare one frame: resize, scale to [0, 1], subtract the mean, divide by the standard deviation.

    rgb: (H, W, 3) uint8. Returns (3, side, side) float32. Raises InputError for any other array.
    """
    return normalise(_resized(require_rgb(rgb), settings), settings.mean, settings.std)


class ImagePreprocessor:
    """Prepares the newest frame of one camera."""

    def __init__(self, settings: ImageSettings) -> None:
        self._settings = settings
        self._newest: NewestFrame[NDArray[np.uint8]] = NewestFrame()

    def add(self, rgb: NDArray[np.uint8], stamp_ns: int) -> None:
        """Take (H, W, 3) uint8. Raises InputError for any other array."""
        self._newest.put(require_rgb(rgb), stamp_ns)

    def take(self) -> ModelInput | None:
        """The newest frame, prepared, with `frame_quality` of what the encoder sees; None until a new one is added."""
        newest = self._newest.take()
        if newest is None:
            return None
        rgb, stamp_ns = newest
        seen = _resized(rgb, self._settings)
        return ModelInput(normalise(seen, self._settings.mean, self._settings.std), frame_quality(seen), stamp_ns)


def require_rgb(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same array when it is (H, W, 3) uint8 and not empty. Raises InputError otherwise."""
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise InputError(
            f"expected an RGB frame (H, W, 3) of uint8, got {rgb.shape} of {rgb.dtype}",
            remedy="decode it with omnibind_ros.messages.image.rgb_from_image",
        )
    return rgb


def normalise(pixels: Pixels, mean: Colour, std: Colour) -> NDArray[np.float32]:
    """(H, W, 3) grey levels to (3, H, W) float32: (pixels / 255 - mean) / std, C-contiguous."""
    scale = (1 / (255 * np.array(std))).astype(np.float32)
    offset = (np.array(mean) / np.array(std)).astype(np.float32)
    planes: NDArray[np.float32] = np.multiply(
        pixels.transpose(2, 0, 1), scale[:, None, None], order="C", dtype=np.float32
    )
    planes -= offset[:, None, None]
    return planes


def _resized(rgb: NDArray[np.uint8], settings: ImageSettings) -> NDArray[np.uint8]:
    return np.asarray(resize_to_square(rgb, settings.side, settings.resize, settings.interpolation), dtype=np.uint8)
