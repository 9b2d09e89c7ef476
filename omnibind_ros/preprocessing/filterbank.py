"""Log-mel filter banks as Kaldi, YAMNet and CLAP compute them, vectorised over all frames of a signal.

Shape suffixes: N samples, T frames, L samples of a frame, F frequencies of its transform, B mel bins.
"""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator
from typing_extensions import Self

from omnibind_ros.errors import InputError


class FilterbankSettings(BaseModel):
    """Every constant of one filter bank. The defaults are Kaldi's (`fbank` without dither and energy) at 16 kHz.

    rate_hz: of the signal. frame_length, frame_shift, fft_length: in samples; frames are whole, a rest at the end that
    fills no frame is dropped (Kaldi's snip_edges), unless `centred` mirrors half a transform at both ends.
    window: `hanning` and `povey` are Kaldi's, symmetric; `periodic_hanning` is the one of spectral analysis.
    spectrum: mel bins sum the `power` or the `magnitude`. mel: `htk` triangles over mel frequencies, unit height;
    `slaney` triangles over frequencies, unit area. low_hz, high_hz: outer edges of the first and last triangle.
    Mel energies are raised to `floor`, then increased by `offset`, before the logarithm, natural or in `decibel`.
    precision: of the transform; decibels down to a very small floor need float64.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate_hz: PositiveInt = 16_000
    bins: PositiveInt
    frame_length: PositiveInt = 400
    frame_shift: PositiveInt = 160
    fft_length: PositiveInt = 512
    centred: bool = False
    remove_frame_mean: bool = True
    preemphasis: float = 0.97
    window: Literal["hanning", "povey", "periodic_hanning"] = "hanning"
    spectrum: Literal["power", "magnitude"] = "power"
    mel: Literal["htk", "slaney"] = "htk"
    low_hz: NonNegativeFloat = 20.0
    high_hz: PositiveFloat = 8_000.0
    floor: NonNegativeFloat = float(np.finfo(np.float32).eps)
    offset: NonNegativeFloat = 0.0
    decibel: bool = False
    precision: Literal["float32", "float64"] = "float32"

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.frame_length > self.fft_length:
            raise ValueError("frame_length must not be larger than fft_length")
        if not self.low_hz < self.high_hz <= self.rate_hz / 2:
            raise ValueError("low_hz must lie below high_hz, and high_hz not above half of rate_hz")
        if self.floor + self.offset == 0:
            raise ValueError("floor or offset must be positive: silence has no logarithm")
        return self

    def frames(self, samples: int) -> int:
        """How many frames a signal of so many samples has."""
        if self.centred:
            samples += self.fft_length // 2 * 2
        return max(0, 1 + (samples - self.frame_length) // self.frame_shift)


def log_mel(signal_N: NDArray[np.float32], settings: FilterbankSettings) -> NDArray[np.float32]:
    """Log-mel energies (T, B) float32 of a mono signal (N,) at `settings.rate_hz`.

    Raises InputError when the signal is shorter than one frame.
    """
    frame_count = settings.frames(len(signal_N))
    if frame_count == 0 or (settings.centred and len(signal_N) <= settings.fft_length // 2):
        raise InputError(
            f"{len(signal_N)} samples are less than one frame of {settings.frame_length}",
            remedy="give a longer stretch of audio",
        )
    signal_N = signal_N.astype(settings.precision, copy=False)
    if settings.centred:
        signal_N = np.pad(signal_N, settings.fft_length // 2, mode="reflect")
    spectrum_TF = scipy.fft.rfft(_windowed_frames(signal_N, frame_count, settings), axis=1, workers=1)
    energy_TF = np.square(spectrum_TF.real)
    energy_TF += np.square(spectrum_TF.imag)
    if settings.spectrum == "magnitude":
        np.sqrt(energy_TF, out=energy_TF)
    energy_TB = energy_TF @ mel_weights(settings)
    np.maximum(energy_TB, energy_TB.dtype.type(settings.floor), out=energy_TB)
    energy_TB += energy_TB.dtype.type(settings.offset)
    log_TB = 10.0 * np.log10(energy_TB) if settings.decibel else np.log(energy_TB)
    return np.asarray(log_TB, dtype=np.float32)


def _windowed_frames(signal_N: NDArray[Any], frame_count: int, settings: FilterbankSettings) -> NDArray[Any]:
    """Frames (T, fft_length), each with its mean removed, pre-emphasised, windowed and padded with zeros."""
    length = settings.frame_length
    frames_TL = np.lib.stride_tricks.sliding_window_view(signal_N, length)[:: settings.frame_shift][:frame_count]
    padded_TL = np.zeros((frame_count, settings.fft_length), signal_N.dtype)
    out_TL = padded_TL[:, :length]
    if settings.remove_frame_mean:
        np.subtract(frames_TL, frames_TL.mean(axis=1, keepdims=True), out=out_TL)
    else:
        out_TL[:] = frames_TL
    if settings.preemphasis:
        # Kaldi takes the sample before a frame's first one to be equal to it
        before_TL = np.empty_like(out_TL)
        before_TL[:, 1:] = out_TL[:, :-1]
        before_TL[:, 0] = out_TL[:, 0]
        before_TL *= before_TL.dtype.type(settings.preemphasis)
        out_TL -= before_TL
    out_TL *= _window(settings)
    return padded_TL


@lru_cache(maxsize=32)
def _window(settings: FilterbankSettings) -> NDArray[Any]:
    periods = settings.frame_length if settings.window == "periodic_hanning" else settings.frame_length - 1
    window_L = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(settings.frame_length) / periods)
    if settings.window == "povey":
        window_L **= 0.85
    return _read_only(window_L.astype(settings.precision))


@lru_cache(maxsize=32)
def mel_weights(settings: FilterbankSettings) -> NDArray[Any]:
    """Triangular filters (F, B) that turn a spectrum into mel energies; cached, read-only, in `settings.precision`."""
    frequencies_F = np.linspace(0.0, settings.rate_hz / 2, settings.fft_length // 2 + 1)
    to_mel = _htk_mel if settings.mel == "htk" else _slaney_mel
    low, high = to_mel(np.array([settings.low_hz, settings.high_hz]))
    edges = np.linspace(low, high, settings.bins + 2)
    axis_F = frequencies_F
    if settings.mel == "htk":
        axis_F = _htk_mel(frequencies_F)
    else:
        edges = _slaney_hz(edges)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising = (axis_F[:, None] - left) / (centre - left)
    falling = (right - axis_F[:, None]) / (right - centre)
    weights_FB = np.maximum(0.0, np.minimum(rising, falling))
    if settings.mel == "slaney":
        weights_FB *= 2.0 / (right - left)
    return _read_only(weights_FB.astype(settings.precision))


def _htk_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """O'Shaughnessy's mel scale with the constant of HTK, Kaldi and TensorFlow."""
    return np.asarray(1127.0 * np.log1p(hz / 700.0))


# Slaney's Auditory Toolbox: linear up to 1 kHz, 15 mel there, then logarithmic with 27 mel per factor of 6.4.
_SLANEY_HZ_PER_MEL = 200.0 / 3.0
_SLANEY_MEL_PER_LOG = 27.0 / np.log(6.4)


def _slaney_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = 15.0 + _SLANEY_MEL_PER_LOG * np.log(np.maximum(hz, 1e-9) / 1_000.0)
    return np.where(hz < 1_000.0, hz / _SLANEY_HZ_PER_MEL, logarithmic)


def _slaney_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15.0, mel * _SLANEY_HZ_PER_MEL, 1_000.0 * np.exp((mel - 15.0) / _SLANEY_MEL_PER_LOG))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
