"""Whether something touches a camera-based tactile sensor, judged against its no-contact frame."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from omnibind_ros.errors import InputError

_GLANCE = (64, 64)


class ContactSettings(BaseModel):
    """Constants that depend on the sensor and its light, not on the encoder.

    reference_frames: how many quiet frames in a row the no-contact reference is learned from. quiet_levels: two frames
    are quiet when they differ by less than this mean number of grey levels (of 255). contact_levels: a pixel is in
    contact when it differs by more from the reference. contact_area: fractions of the pixels in contact at which the
    result leaves 0 and reaches 1. drift_time_constant_s: how fast the reference follows the untouched gel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference_frames: int = Field(default=10, ge=1, le=100)
    quiet_levels: float = Field(default=2.0, gt=0)
    contact_levels: float = Field(default=10.0, gt=0)
    contact_area: tuple[float, float] = (0.005, 0.03)
    drift_time_constant_s: float = Field(default=30.0, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        smallest, full = self.contact_area
        if not 0 <= smallest < full <= 1:
            raise ValueError(f"contact_area must be ordered and within [0, 1], not {self.contact_area}")
        return self


class ContactDetector:
    """Compares frames of one sensor with its no-contact reference, learned or given, and keeps that up to date."""

    def __init__(self, settings: ContactSettings, reference: NDArray[np.uint8] | None = None) -> None:
        """`reference`: (H, W, 3) uint8 of the untouched sensor; without it the first quiet frames are taken for one."""
        self._settings = settings
        self._reference = None if reference is None else reference.astype(np.float32)
        self._quiet_frames: list[NDArray[np.uint8]] = []
        self._stamp_ns: int | None = None

    @property
    def reference(self) -> NDArray[np.float32] | None:
        """(H, W, 3) in grey levels; None while it is being learned."""
        return self._reference

    def update(self, rgb: NDArray[np.uint8], stamp_ns: int) -> float:
        """Contact in [0, 1]: 0 for an untouched sensor and while the reference is being learned.

        rgb: (H, W, 3) uint8. A change of light common to all pixels (their median) is no contact. While nothing
        touches the sensor the reference moves towards the frame by 1 - exp(-dt / drift_time_constant_s), so that slow
        local changes of light or gel do not add up to a contact. Raises InputError when the frame changed its size.
        """
        if self._reference is None:
            self._learn(rgb)
            return 0.0
        if self._reference.shape != rgb.shape:
            raise InputError(
                f"the frame is {rgb.shape} but the no-contact reference {self._reference.shape}",
                remedy="take the reference again with the sensor's present resolution",
            )
        difference = _glance(rgb).astype(np.float32) - _glance(self._reference)
        difference -= np.median(difference, axis=(0, 1))
        touched = np.abs(difference).max(axis=2) > self._settings.contact_levels
        smallest, full = self._settings.contact_area
        contact = min(max((float(touched.mean()) - smallest) / (full - smallest), 0.0), 1.0)
        if contact == 0 and self._stamp_ns is not None and stamp_ns > self._stamp_ns:
            step = -math.expm1((self._stamp_ns - stamp_ns) * 1e-9 / self._settings.drift_time_constant_s)
            cv2.accumulateWeighted(rgb, self._reference, step)
        self._stamp_ns = stamp_ns
        return contact

    def _learn(self, rgb: NDArray[np.uint8]) -> None:
        if self._quiet_frames:
            last = self._quiet_frames[-1]
            if last.shape != rgb.shape or np.abs(_glance(rgb) - _glance(last)).mean() > self._settings.quiet_levels:
                self._quiet_frames.clear()
        self._quiet_frames.append(rgb)
        if len(self._quiet_frames) == self._settings.reference_frames:
            self._reference = np.median(self._quiet_frames, axis=0).astype(np.float32)
            self._quiet_frames.clear()


def _glance(frame: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """The frame small enough that sensor noise averages out."""
    return cv2.resize(frame, _GLANCE, interpolation=cv2.INTER_AREA).astype(np.float32)
