"""Audio → log-mel inputs of the encoders that bundles name.

Shapes of one input: `compact` (1, 98 frames, 64 bins), `imagebind` (1, 128 bins, 204 frames), `languagebind` (3 equal
channels, 112 bins, 1036 frames), `clap` (1, 1001 frames, 64 bins), `yamnet` (96 frames, 64 bins).

Shape suffixes: N samples, T frames, B mel bins, K clips of a recording.
"""

from typing import Literal

import numpy as np
import soxr
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt, model_validator
from typing_extensions import Self

from omnibind_ros.errors import InputError
from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.preprocessing.audio_window import AudioWindow
from omnibind_ros.preprocessing.filterbank import FilterbankSettings, log_mel
from omnibind_ros.preprocessing.model_input import ModelInput


class AudioSettings(BaseModel):
    """Every constant between samples and an encoder's input.

    window_s, hop_s: stretch of the stream one input covers, and the time between two inputs.
    first_s: stretch from which a fresh stream gives its first input, treated as `short` says; None: a whole window.
    frames: of one input; more are cut off at the end, missing ones are zeros (before normalisation).
    short: what a signal shorter than the window becomes: `keep` leaves the rest to missing frames, `repeat` repeats it
    as often as it fits whole and adds silence, `silence` adds silence.
    subtract_mean: of the whole signal, before the filter bank. mean, std: input = (log-mel - mean) / std.
    layout: order of the axes. copies: how many times the one spectrogram is stacked as `channels`.
    gap_tolerance_s: deviation of stamps from which the stream counts as broken (see StreamClock).
    silent_dbfs, clear_dbfs: level of the loudest tenth of a second at which quality is 0, and from which it is 1.
    clipped_limit: fraction of clipped samples at which quality is 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    window_s: PositiveFloat
    hop_s: PositiveFloat
    first_s: PositiveFloat | None = None
    filterbank: FilterbankSettings
    frames: PositiveInt
    short: Literal["keep", "repeat", "silence"] = "keep"
    subtract_mean: bool = False
    mean: float = 0.0
    std: PositiveFloat = 1.0
    layout: Literal["channels bins frames", "channels frames bins", "frames bins"] = "channels bins frames"
    copies: PositiveInt = 1
    gap_tolerance_s: PositiveFloat = 0.5
    silent_dbfs: float = -80.0
    clear_dbfs: float = -50.0
    clipped_limit: PositiveFloat = 0.2

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.filterbank.frames(self.window_samples) == 0:
            raise ValueError("window_s must hold at least one frame of the filter bank")
        if self.first_s is not None and not self.window_s / self.frames < self.first_s <= self.window_s:
            raise ValueError("first_s must hold at least one frame and at most window_s")
        if self.silent_dbfs >= self.clear_dbfs:
            raise ValueError("silent_dbfs must lie below clear_dbfs")
        return self

    @property
    def rate_hz(self) -> int:
        """Samples per second the encoder's input is made from."""
        return self.filterbank.rate_hz

    @property
    def window_samples(self) -> int:
        """Samples of one window."""
        return round(self.window_s * self.rate_hz)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input without batch."""
        bins = self.filterbank.bins
        return {
            "channels bins frames": (self.copies, bins, self.frames),
            "channels frames bins": (self.copies, self.frames, bins),
            "frames bins": (self.frames, bins),
        }[self.layout]


PRESETS: dict[str, AudioSettings] = {
    settings.name: settings
    for settings in (
        # The students of the default bundle; mean and std as measured over environmental sounds and spoken digits.
        AudioSettings(
            name="compact",
            window_s=1.0,
            hop_s=0.25,
            first_s=0.5,
            filterbank=FilterbankSettings(bins=64),
            frames=98,
            short="repeat",
            mean=-6.5,
            std=5.7,
            layout="channels frames bins",
        ),
        # Girdhar et al., ImageBind, CVPR 2023. Two seconds have 198 frames, 6 more are zeros.
        AudioSettings(
            name="imagebind",
            window_s=2.0,
            hop_s=0.5,
            filterbank=FilterbankSettings(bins=128),
            frames=204,
            subtract_mean=True,
            mean=-4.268,
            std=9.138,
        ),
        # Zhu et al., LanguageBind, ICLR 2024. The signal has 1034 frames, 2 more are zeros.
        AudioSettings(
            name="languagebind",
            window_s=10.36,
            hop_s=1.0,
            filterbank=FilterbankSettings(bins=112),
            frames=1036,
            short="repeat",
            subtract_mean=True,
            mean=-4.2677393,
            std=2 * 4.5689974,
            copies=3,
        ),
        # Wu et al., CLAP, ICASSP 2023, without feature fusion.
        AudioSettings(
            name="clap",
            window_s=10.0,
            hop_s=1.0,
            filterbank=FilterbankSettings(
                rate_hz=48_000,
                bins=64,
                frame_length=1024,
                frame_shift=480,
                fft_length=1024,
                centred=True,
                remove_frame_mean=False,
                preemphasis=0.0,
                window="periodic_hanning",
                mel="slaney",
                low_hz=0.0,
                high_hz=14_000.0,
                floor=1e-10,
                decibel=True,
                precision="float64",
            ),
            frames=1001,
            short="repeat",
            layout="channels frames bins",
        ),
        # YAMNet's 0.96 s patches. 15,600 samples fill its 96 frames.
        AudioSettings(
            name="yamnet",
            window_s=0.975,
            hop_s=0.48,
            filterbank=FilterbankSettings(
                bins=64,
                remove_frame_mean=False,
                preemphasis=0.0,
                window="periodic_hanning",
                spectrum="magnitude",
                low_hz=125.0,
                high_hz=7_500.0,
                floor=0.0,
                offset=0.001,
            ),
            frames=96,
            short="silence",
            layout="frames bins",
        ),
    )
}


def mono(chunk: AudioChunk, rate_hz: int) -> NDArray[np.float32]:
    """A whole recording as one signal (N,) at another rate: the mean of its channels, resampled in one go."""
    signal_N = np.asarray(chunk.samples_NC.mean(axis=1), dtype=np.float32)
    if chunk.rate_hz == rate_hz:
        return signal_N
    return np.asarray(soxr.resample(signal_N, chunk.rate_hz, rate_hz), dtype=np.float32)


def prepare_audio(signal_N: NDArray[np.float32], settings: AudioSettings) -> NDArray[np.float32]:
    """One input, float32 of `settings.input_shape`, from a mono signal (N,) in [-1, 1] at `settings.rate_hz`.

    A signal longer than the window gives its middle. Raises InputError when it is empty, too short for a single frame
    or not finite.
    """
    if signal_N.ndim != 1 or signal_N.size == 0 or not np.isfinite(np.sum(signal_N)):
        raise InputError(
            f"audio of shape {signal_N.shape} is empty, not mono or not finite",
            remedy="give one finite signal; `mono` mixes channels",
        )
    signal_N = _fit(signal_N.astype(np.float32, copy=False), settings)
    if settings.subtract_mean:
        signal_N = signal_N - signal_N.mean()
    log_mel_TB = log_mel(signal_N, settings.filterbank)[: settings.frames]
    input_TB = np.zeros((settings.frames, settings.filterbank.bins), np.float32)
    input_TB[: len(log_mel_TB)] = log_mel_TB
    input_TB -= np.float32(settings.mean)
    input_TB /= np.float32(settings.std)
    array = input_TB.T if settings.layout == "channels bins frames" else input_TB
    if settings.layout != "frames bins":
        array = np.broadcast_to(array, (settings.copies, *array.shape))
    return np.ascontiguousarray(array)


def prepare_recording(signal_N: NDArray[np.float32], settings: AudioSettings, clips: int = 3) -> NDArray[np.float32]:
    """Inputs (K, *input_shape) of evenly spaced windows of a recording, whose embeddings are then averaged.

    The first window starts with the recording and the last one ends with it; in a recording shorter than a window all
    are equal. Raises InputError like `prepare_audio`.
    """
    starts = np.linspace(0, max(0, len(signal_N) - settings.window_samples), clips).astype(int)
    return np.stack([prepare_audio(signal_N[start : start + settings.window_samples], settings) for start in starts])


class AudioPreprocessor:
    """Turns the chunks of one microphone into inputs: one each hop, of the newest window."""

    def __init__(self, settings: AudioSettings) -> None:
        self._settings = settings
        self._window = AudioWindow(
            settings.rate_hz, settings.window_s, settings.hop_s, settings.gap_tolerance_s, first_s=settings.first_s
        )

    def add(self, array: AudioChunk, stamp_ns: int) -> None:
        """Take one chunk; `stamp_ns` is its header's stamp if it is `stamped`, else when it was received.

        Raises InputError when it is empty or not finite.
        """
        self._window.add(array.samples_NC, array.rate_hz, stamp_ns, stamped=array.stamped)

    def take(self) -> ModelInput | None:
        """The newest window not taken yet, its stamp the window's end, or None while there is none."""
        window = self._window.take()
        if window is None:
            return None
        quality = signal_quality(window.signal_N, window.clipped, self._settings)
        return ModelInput(prepare_audio(window.signal_N, self._settings), quality, window.end_ns)


def signal_quality(signal_N: NDArray[np.float32], clipped: float, settings: AudioSettings) -> float:
    """How much a signal can carry, in [0, 1]: 0 for silence, a constant or heavy clipping.

    Its level is that of its loudest tenth of a second without its mean, so that one short knock in silence counts.
    clipped: fraction of samples at full scale.
    """
    part = max(1, settings.rate_hz // 10)
    parts = signal_N[: len(signal_N) // part * part].reshape(-1, part) if len(signal_N) >= part else signal_N[None]
    level_dbfs = 10.0 * np.log10(float(parts.var(axis=1).max()) + 1e-20)
    audible = (level_dbfs - settings.silent_dbfs) / (settings.clear_dbfs - settings.silent_dbfs)
    undistorted = 1.0 - clipped / settings.clipped_limit
    return float(np.clip(audible, 0.0, 1.0) * np.clip(undistorted, 0.0, 1.0))


def _fit(signal_N: NDArray[np.float32], settings: AudioSettings) -> NDArray[np.float32]:
    """The signal at the window's length, or shorter where `short` keeps it so."""
    missing = settings.window_samples - len(signal_N)
    if missing < 0:
        return signal_N[-missing // 2 :][: settings.window_samples]
    if settings.short == "keep" or missing == 0:
        return signal_N
    if settings.short == "repeat":
        signal_N = np.tile(signal_N, settings.window_samples // len(signal_N))
    return np.pad(signal_N, (0, settings.window_samples - len(signal_N)))
