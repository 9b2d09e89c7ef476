"""Thermal frames to the input of a thermal encoder: one channel in [0, 1]."""

import math
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.preprocessing.newest_frame import NewestFrame
from omnibind_ros.preprocessing.quality import frame_quality
from omnibind_ros.preprocessing.resize import Interpolation, Pixels, resize_to_square

Intensity = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]
Limits = tuple[float, float]

_EIGHT_BIT: Limits = (0.0, 255.0)
_SAMPLES = 16_384
_LARGEST_DEAD_FRACTION = 0.5
_NO_TEMPERATURE = 1e6


class ThermalSettings(BaseModel):
    """Constants of one way to prepare thermal frames.

    8-bit frames are always intensity / 255. 16-bit counts and floats become 0 and 1 at `limits_kelvin` when those are
    stated: floats are taken as kelvin then, counts as `kelvin_per_count` each. Without them at `percentiles` of what
    the sensor has seen, in whatever unit it sends, followed with `time_constant_s` so that a frame never flickers
    against the one before. minimum_span_counts, minimum_span_degrees: that range is never narrower, for counts and for
    floats (K, °C): a scene of one temperature is not stretched into its own noise.
    side, resize, interpolation: as in ImageSettings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    side: int = Field(ge=1, le=4096)
    resize: Literal["short_side_crop", "squash"]
    interpolation: Interpolation
    limits_kelvin: Limits | None = None
    kelvin_per_count: float = Field(default=0.01, gt=0)
    percentiles: Limits = (1.0, 99.0)
    time_constant_s: float = Field(default=5.0, gt=0)
    minimum_span_counts: float = Field(default=200.0, gt=0)
    minimum_span_degrees: float = Field(default=2.0, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low, high = self.percentiles
        if not 0 <= low < high <= 100:
            raise ValueError(f"percentiles must be ordered and within [0, 100], not {self.percentiles}")
        if self.limits_kelvin is not None and not self.limits_kelvin[0] < self.limits_kelvin[1]:
            raise ValueError(f"limits_kelvin must be ordered and different, not {self.limits_kelvin}")
        return self

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(1, side, side)."""
        return (1, self.side, self.side)


PRESETS: dict[str, ThermalSettings] = {
    settings.name: settings
    for settings in (
        # Girdhar et al., "ImageBind", 2023. Its thermal input is [0, 1] with no further normalisation.
        ThermalSettings(name="imagebind", side=224, resize="short_side_crop", interpolation="bicubic"),
        # -20 °C to 120 °C, the high-gain range of most uncooled cameras
        ThermalSettings(
            name="radiometric",
            side=224,
            resize="short_side_crop",
            interpolation="bicubic",
            limits_kelvin=(253.15, 393.15),
        ),
        ThermalSettings(name="compact", side=64, resize="squash", interpolation="area"),
    )
}


class ThermalRange:
    """The intensities that stand for 0 and 1, following one sensor slowly enough that frames do not flicker."""

    def __init__(self, settings: ThermalSettings) -> None:
        self._settings = settings
        self._limits: Limits | None = None
        self._dtype: np.dtype[np.generic] | None = None
        self._stamp_ns = 0

    def update(self, intensity: Intensity, stamp_ns: int) -> Limits:
        """Low and high for this frame, after following it.

        The first frame sets the range. Afterwards both ends move to the frame's own percentiles by
        1 - exp(-dt / time_constant_s). A flat frame (covered lens, shutter) says nothing about the range and moves
        nothing; a stamp from the past (a bag that starts again) or another dtype starts the range again.
        """
        settled = _settled_limits(intensity, self._settings)
        if settled is not None:
            return settled
        seen = _percentiles(intensity, self._settings)
        if self._limits is None or stamp_ns < self._stamp_ns or intensity.dtype != self._dtype:
            self._limits = seen
        elif seen[1] - seen[0] >= _minimum_span(intensity, self._settings):
            step = -math.expm1((self._stamp_ns - stamp_ns) * 1e-9 / self._settings.time_constant_s)
            low, high = self._limits
            self._limits = (low + step * (seen[0] - low), high + step * (seen[1] - high))
        self._stamp_ns, self._dtype = stamp_ns, intensity.dtype
        return _widened(self._limits, _minimum_span(intensity, self._settings))


def prepare_thermal(
    intensity: Intensity, settings: ThermalSettings, limits: Limits | None = None
) -> NDArray[np.float32]:
    """Prepare one frame: clip to the range, scale to [0, 1], resize.

    intensity: (H, W) uint8, uint16 or float32; dead pixels (NaN, infinite, beyond any temperature) take the median of
    the others.
    limits: what becomes 0 and 1, as ThermalRange gives it; without it the limits the settings state, else this frame's
    own percentiles. Not used for uint8. Returns (1, side, side) float32 in [0, 1].
    Raises InputError for any other array, when more than half of the pixels are dead, and when every pixel is
    outside stated limits: then the sensor sends another unit than the settings say.
    """
    require_intensity(intensity)
    if intensity.dtype == np.uint8:
        return np.divide(_resized(cast(NDArray[np.uint8], intensity), settings), 255, dtype=np.float32)
    intensity, _ = _without_dead_pixels(intensity)
    limits = _settled_limits(intensity, settings) or limits
    if limits is None:
        limits = _widened(_percentiles(intensity, settings), _minimum_span(intensity, settings))
    low, high = limits
    scaled = np.multiply(np.subtract(intensity, low, dtype=np.float32), np.float32(1 / (high - low)))
    np.clip(scaled, 0.0, 1.0, out=scaled)
    if settings.limits_kelvin is not None:
        _require_inside(scaled, intensity, limits)
    # bicubic overshoots at edges
    return np.clip(_resized(scaled, settings), 0.0, 1.0)


class ThermalPreprocessor:
    """Prepares the newest frame of one thermal camera; holds its range."""

    def __init__(self, settings: ThermalSettings) -> None:
        self._settings = settings
        self._range = ThermalRange(settings)
        self._newest: NewestFrame[Intensity] = NewestFrame()

    def add(self, intensity: Intensity, stamp_ns: int) -> None:
        """Take (H, W) uint8, uint16 or float32. Raises InputError for any other array."""
        self._newest.put(require_intensity(intensity), stamp_ns)

    def take(self) -> ModelInput | None:
        """The newest frame, prepared; None until a new one is added. Raises InputError for a frame of dead pixels.

        Quality is `frame_quality` of what the encoder sees times the fraction of pixels that are alive.
        """
        newest = self._newest.take()
        if newest is None:
            return None
        intensity, alive_fraction = _without_dead_pixels(newest[0])
        limits = self._range.update(intensity, newest[1])
        array = prepare_thermal(intensity, self._settings, limits)
        return ModelInput(array, frame_quality(array[0]) * alive_fraction, newest[1])


def require_intensity(intensity: Intensity) -> Intensity:
    """The same array when it is (H, W) of uint8, uint16 or float32 and not empty. Raises InputError otherwise."""
    if intensity.dtype not in (np.uint8, np.uint16, np.float32) or intensity.ndim != 2 or intensity.size == 0:
        raise InputError(
            f"expected a thermal frame (H, W) of uint8, uint16 or float32, got {intensity.shape} of {intensity.dtype}",
            remedy="decode it with omnibind_ros.messages.image.intensity_from_image",
        )
    return intensity


def _without_dead_pixels(intensity: Intensity) -> tuple[Intensity, float]:
    """The frame with its dead pixels replaced, and the fraction that was alive."""
    if intensity.dtype != np.float32:
        return intensity, 1.0
    alive = np.abs(intensity) < _NO_TEMPERATURE
    alive_fraction = float(alive.mean())
    if alive_fraction == 1.0:
        return intensity, 1.0
    if alive_fraction < 1 - _LARGEST_DEAD_FRACTION:
        raise InputError(
            f"{1 - alive_fraction:.0%} of the thermal frame is NaN, infinite or beyond any temperature",
            remedy="check the sensor and its driver: at most half of the pixels may be dead",
        )
    return np.where(alive, intensity, np.median(intensity[alive])).astype(np.float32), alive_fraction


def _resized(frame: Pixels, settings: ThermalSettings) -> NDArray[np.float32]:
    resized = resize_to_square(frame, settings.side, settings.resize, settings.interpolation)
    return resized.astype(np.float32, copy=False)[np.newaxis]


def _settled_limits(intensity: Intensity, settings: ThermalSettings) -> Limits | None:
    if intensity.dtype == np.uint8:
        return _EIGHT_BIT
    if settings.limits_kelvin is None or intensity.dtype == np.float32:
        return settings.limits_kelvin
    low, high = settings.limits_kelvin
    return low / settings.kelvin_per_count, high / settings.kelvin_per_count


def _require_inside(scaled: NDArray[np.float32], intensity: Intensity, limits: Limits) -> None:
    if scaled.max() == 0 or scaled.min() == 1:
        raise InputError(
            f"all of the thermal frame, about {float(np.median(intensity)):g}, is outside the limits "
            f"{limits[0]:g} to {limits[1]:g}",
            remedy="state the sensor's limits_kelvin and kelvin_per_count, or take a preset that follows percentiles",
        )


def _percentiles(intensity: Intensity, settings: ThermalSettings) -> Limits:
    stride = max(1, math.isqrt(intensity.size // _SAMPLES))
    low, high = np.percentile(intensity[::stride, ::stride], settings.percentiles)
    return float(low), float(high)


def _minimum_span(intensity: Intensity, settings: ThermalSettings) -> float:
    return settings.minimum_span_degrees if intensity.dtype == np.float32 else settings.minimum_span_counts


def _widened(limits: Limits, span: float) -> Limits:
    low, high = limits
    missing = max(0.0, span - (high - low))
    return low - missing / 2, high + missing / 2
