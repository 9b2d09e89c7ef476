"""Pictures of untouched tactile sensors, estimated where the index names none."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.modality import Modality
from training.data.entries import Entry
from training.data.recordings import read_picture, read_recording

_MOST_FRAMES = 48


def estimate_references(folder: Path, entries: Iterable[Entry]) -> None:
    """Write `<height>x<width>.png` for each size of frame among touch entries without a reference of their own.

    It is the median of up to 48 frames: contacts are in other places each time, the sensor is always the same.
    """
    frames: dict[tuple[int, int], list[NDArray[np.uint8]]] = defaultdict(list)
    for entry in entries:
        if entry.modality is not Modality.TOUCH or entry.reference:
            continue
        try:
            frame = read_recording(Modality.TOUCH, entry.path)
        except MessageError:
            continue
        of_size = frames[frame.shape[:2]]
        if len(of_size) < _MOST_FRAMES:
            of_size.append(frame)
    for (height, width), of_size in frames.items():
        folder.mkdir(parents=True, exist_ok=True)
        median = np.median(np.stack(of_size), axis=0).astype(np.uint8)
        cv2.imwrite(str(folder / _name(height, width)), np.ascontiguousarray(median[:, :, ::-1]))


def reference_for(entry: Entry, frame: NDArray[np.uint8], folder: Path) -> NDArray[np.uint8] | None:
    """The picture of the untouched sensor that belongs to a frame, (H, W, 3) uint8; None when there is none."""
    if entry.reference:
        return read_picture(Path(entry.reference))
    estimated = folder / _name(*frame.shape[:2])
    return read_picture(estimated) if estimated.is_file() else None


def _name(height: int, width: int) -> str:
    return f"{height}x{width}.png"
