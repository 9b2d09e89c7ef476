"""The recordings of a split that are described, each with the picture that was taken of it.

Shape legend: C channels, H height, W width.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.image import Colour, ImageSettings
from training.config_file import CONFIG_FILE, load_config
from training.data.inputs import input_settings
from training.data.recordings import read_recording
from training.data.sample_index import ABSENT
from training.data.sample_set import SampleSet

_LONGEST_SIDE = 768
_JPEG_QUALITY = 90


@dataclass(frozen=True)
class Item:
    """A row of a split. picture: reads the JPEG file of what its camera saw; None where it has no picture."""

    row: int
    label: str
    captions: tuple[str, ...]
    picture: Callable[[], bytes] | None


def items_of(folder: Path, modality: Modality) -> list[Item]:
    """The usable rows of a modality; the picture of a row is that of its image, whatever the modality.

    Recordings are read again from their files, at full size; of simulated ones there are only the encoder's inputs.
    Raises FileNotFoundError when the folder holds no split.
    """
    samples = SampleSet(folder)
    seen = set(samples.usable(Modality.IMAGE).tolist())
    item_of_row = samples.item_of_row(Modality.IMAGE).tolist()
    files = samples.recordings(Modality.IMAGE)
    stored = _StoredPictures(folder, samples)

    def picture(row: int) -> Callable[[], bytes] | None:
        item = item_of_row[row]
        if item == ABSENT or row not in seen:
            return None
        return partial(_recorded, files[row]) if files[row] else partial(stored.picture, item)

    return [
        Item(row, samples.labels[int(samples.label_N[row])], tuple(samples.captions[row]), picture(row))
        for row in samples.usable(modality).tolist()
    ]


def jpeg_of(rgb: NDArray[np.uint8]) -> bytes:
    """A picture (H, W, 3) RGB as JPEG, its longer side 768 pixels at most: what image-text models see at the most."""
    height, width = rgb.shape[:2]
    scale = _LONGEST_SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, encoded = cv2.imencode(".jpg", rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return bytes(encoded.tobytes())


def picture_of_input(planes_CHW: NDArray[np.float32], mean: Colour, std: Colour) -> NDArray[np.uint8]:
    """The RGB picture (H, W, 3) that the robot's preprocessing made an input of."""
    intensity = planes_CHW.transpose(1, 2, 0) * np.array(std, np.float32) + np.array(mean, np.float32)
    return np.asarray(np.clip(np.rint(255 * intensity), 0, 255), np.uint8)


def _recorded(path: str) -> bytes:
    return jpeg_of(read_recording(Modality.IMAGE, path))


class _StoredPictures:
    """Pictures of a split whose files are not there: read once, when the first is asked for."""

    def __init__(self, folder: Path, samples: SampleSet) -> None:
        config = folder.parents[1] / CONFIG_FILE  # the split's run
        changes = load_config(config).data.inputs if config.exists() else None
        self._settings = cast(ImageSettings, input_settings(Modality.IMAGE, changes))
        self._samples = samples
        self._items: NDArray[np.float32] | None = None

    def picture(self, item: int) -> bytes:
        if self._items is None:
            self._items = np.asarray(self._samples.items(Modality.IMAGE).numpy(), np.float32)
        return jpeg_of(picture_of_input(self._items[item], self._settings.mean, self._settings.std))
