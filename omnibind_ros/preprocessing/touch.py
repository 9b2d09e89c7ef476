"""Frames of a camera-based tactile sensor (GelSight, DIGIT, TacTip) to the input of a touch encoder."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field

from omnibind_ros.errors import ConfigurationError, InputError
from omnibind_ros.preprocessing.contact import ContactDetector, ContactSettings
from omnibind_ros.preprocessing.image import CLIP_MEAN, CLIP_STD, Colour, Spread, normalise, require_rgb
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.preprocessing.newest_frame import NewestFrame
from omnibind_ros.preprocessing.quality import exposure
from omnibind_ros.preprocessing.resize import Fit, Interpolation, Pixels, resize_to_square


class TouchSettings(ContactSettings):
    """Constants of one way to prepare tactile frames, with those that judge contact.

    side, interpolation: as in ImageSettings; resize: also `pad_square`, black borders to a square first.
    subtract_reference: the input is the frame minus the no-contact frame, signed, instead of the frame itself.
    quarter_turns: counter-clockwise, first of all. mean, std: per channel R, G, B, of values of full scale 1.
    """

    name: str
    side: int = Field(ge=1, le=4096)
    resize: Fit
    interpolation: Interpolation
    subtract_reference: bool
    quarter_turns: int = Field(default=0, ge=0, le=3)
    mean: Colour
    std: Spread

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(3, side, side)."""
        return (3, self.side, self.side)


PRESETS: dict[str, TouchSettings] = {
    settings.name: settings
    for settings in (
        # Yang et al., "Binding Touch to Everything: Learning Unified Multimodal Tactile Representations", 2024
        TouchSettings(
            name="unitouch",
            side=224,
            resize="short_side_crop",
            interpolation="bicubic",
            subtract_reference=False,
            mean=CLIP_MEAN,
            std=CLIP_STD,
        ),
        # Fu et al., "A Touch, Vision, and Language Dataset for Multimodal Alignment", 2024: frames of a DIGIT, padded
        # and turned; with and without the no-contact frame subtracted
        TouchSettings(
            name="tvl",
            side=224,
            resize="pad_square",
            interpolation="bilinear",
            subtract_reference=False,
            quarter_turns=1,
            mean=(0.29174602047139075, 0.2971325588927249, 0.2910404549605639),
            std=(0.18764469044810236, 0.19467651810273057, 0.21871583397361818),
        ),
        TouchSettings(
            name="tvl_difference",
            side=224,
            resize="pad_square",
            interpolation="bilinear",
            subtract_reference=True,
            quarter_turns=1,
            mean=(-0.00809318389762342, -0.01887447008747725, -0.018430588238856332),
            std=(0.04535400223885517, 0.044029170444552575, 0.05332520729596308),
        ),
        TouchSettings(
            name="compact",
            side=64,
            resize="squash",
            interpolation="area",
            subtract_reference=True,
            mean=(0.0, 0.0, 0.0),
            std=(1.0, 1.0, 1.0),
        ),
    )
}


def prepare_touch(
    rgb: NDArray[np.uint8], settings: TouchSettings, reference: NDArray[np.uint8] | NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Prepare one frame: subtract the reference if the settings ask for it, turn, resize, /255, normalise.

    rgb: (H, W, 3) uint8. reference: the no-contact frame, (H, W, 3) in grey levels; when it is asked for and there is
    none, the frame's own mean colour stands in. Returns (3, side, side) float32.
    Raises InputError for any other array and for a reference of another size.
    """
    values: Pixels = require_rgb(rgb)
    if settings.subtract_reference:
        values = _difference(rgb, rgb.mean(axis=(0, 1), dtype=np.float32) if reference is None else reference)
    turned = np.rot90(values, settings.quarter_turns)
    square = resize_to_square(turned, settings.side, settings.resize, settings.interpolation)
    return normalise(square, settings.mean, settings.std)


class TouchPreprocessor:
    """Prepares the newest frame of one tactile sensor; holds its no-contact reference."""

    def __init__(self, settings: TouchSettings, reference: Path | NDArray[np.uint8] | None = None) -> None:
        """Start with a reference, an image file or (H, W, 3) uint8, or learn it from the first quiet frames.

        Raises ConfigurationError when the file is no image.
        """
        self._settings = settings
        self._contact = ContactDetector(
            settings, read_reference(reference) if isinstance(reference, Path) else reference
        )
        self._newest: NewestFrame[NDArray[np.uint8]] = NewestFrame()

    def add(self, rgb: NDArray[np.uint8], stamp_ns: int) -> None:
        """Take (H, W, 3) uint8. Raises InputError for any other array."""
        self._newest.put(require_rgb(rgb), stamp_ns)

    def take(self) -> ModelInput | None:
        """The newest frame, prepared; None until a new one is added. Raises InputError when the frame changed its size.

        Quality is 0 while nothing touches the sensor and while the reference is being learned: quiet, not wrong.
        In contact it grows with the area touched, times the `exposure` of the frame.
        """
        newest = self._newest.take()
        if newest is None:
            return None
        rgb, stamp_ns = newest
        quality = self._contact.update(rgb, stamp_ns)
        if quality > 0:
            quality *= exposure(rgb[::4, ::4])
        return ModelInput(prepare_touch(rgb, self._settings, self._contact.reference), quality, stamp_ns)


def read_reference(path: Path) -> NDArray[np.uint8]:
    """No-contact frame, (H, W, 3) uint8, from an image file. Raises ConfigurationError when it is none."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ConfigurationError(
            f"the no-contact reference cannot be read: {error}",
            remedy="save one frame of the untouched sensor there as PNG, or leave the reference out to learn it",
            source=str(path),
        ) from error


def _difference(rgb: NDArray[np.uint8], reference: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    if reference.ndim == 3 and reference.shape != rgb.shape:
        raise InputError(
            f"the frame is {rgb.shape} but the no-contact reference {reference.shape}",
            remedy="take the reference again with the sensor's present resolution",
        )
    return np.subtract(rgb, reference, dtype=np.float32)
