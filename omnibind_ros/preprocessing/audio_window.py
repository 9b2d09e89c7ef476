"""A stream of audio chunks of any size and rate → windows of one length at one rate.

Shape suffixes: N samples, C channels, S the two signals kept per sample: the mono mix, and 1 where a channel clipped.
"""

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.stream_clock import StreamClock

# The largest value of an 8-bit sample is 0.992: from there on a sample is taken as clipped.
_CLIPPED_FROM = 0.99


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """signal_N: mono float32. clipped: fraction of samples that clipped on any channel. end_ns: ROS time of its end."""

    signal_N: NDArray[np.float32]
    clipped: float
    end_ns: int


class AudioWindow:
    """Holds the last window and hop of a stream, resampled; its memory does not grow with what arrives.

    Windows lie on a grid of hops counted from the stream's first sample, so they do not depend on how the stream is
    cut into chunks. When the stream is broken (see StreamClock) or its rate changes, what is held is dropped and the
    grid starts anew: no window spans a hole longer than the clock's tolerance. With `first_s` below `window_s` a stream
    begins with shorter windows: a microphone that was just plugged in is heard sooner.
    """

    def __init__(
        self, rate_hz: int, window_s: float, hop_s: float, gap_tolerance_s: float, *, first_s: float | None = None
    ) -> None:
        self._rate_hz = rate_hz
        self._window = round(window_s * rate_hz)
        self._first = self._window if first_s is None else round(first_s * rate_hz)
        self._hop = max(1, round(hop_s * rate_hz))
        self._clock = StreamClock(gap_tolerance_s)
        self._keep = self._window + self._hop
        self._buffer_NS = np.zeros((2 * self._keep, 2), np.float32)
        self._input_rate_hz = rate_hz
        self._resampler: soxr.ResampleStream | None = None
        self._samples_in = self._samples_out = self._taken_to = self._filled = self._newest_end_ns = 0

    def add(self, samples_NC: NDArray[np.float32], rate_hz: int, stamp_ns: int, *, stamped: bool) -> None:
        """Append samples (N, C) float32; channels are mixed to their mean.

        `stamp_ns` is the time of the first sample if `stamped`, else the time of receipt. Raises InputError.
        """
        if samples_NC.ndim != 2 or samples_NC.size == 0 or rate_hz <= 0:
            raise InputError(
                f"audio of shape {samples_NC.shape} at {rate_hz} Hz is empty",
                remedy="give samples × channels with at least one of each and a positive rate",
            )
        # NumPy reduces along the few channels of a sample many times slower than along its copy in planes
        planes_CN = np.ascontiguousarray(samples_NC.T)
        mono_N = planes_CN.mean(axis=0)
        if not np.isfinite(np.sum(mono_N)):
            raise InputError("the audio holds NaN or infinite samples", remedy="check the driver that records it")
        unbroken = self._clock.advance(stamp_ns, round(len(mono_N) * 1e9 / rate_hz), stamped=stamped)
        if not unbroken or rate_hz != self._input_rate_hz:
            self._restart(rate_hz)
        signals_NS = np.empty((len(mono_N), 2), np.float32)
        signals_NS[:, 0] = mono_N
        signals_NS[:, 1] = np.max(np.abs(planes_CN), axis=0) >= _CLIPPED_FROM
        for start in range(0, len(signals_NS), rate_hz):  # a second at a time: a huge chunk must not become a huger one
            part_NS = signals_NS[start : start + rate_hz]
            self._append(part_NS if self._resampler is None else self._resampler.resample_chunk(part_NS))
        self._samples_in += len(mono_N)

    def take(self) -> Window | None:
        """The newest complete window that was not taken yet."""
        if self._samples_out < self._first:
            return None
        grid_start = self._window if self._samples_out >= self._window else self._first
        end = self._samples_out - (self._samples_out - grid_start) % self._hop
        if end <= self._taken_to:
            return None
        self._taken_to = end
        stop = self._filled - (self._samples_out - end)
        window_NS = self._buffer_NS[stop - min(end, self._window) : stop]
        after_ns = (self._samples_in / self._input_rate_hz - end / self._rate_hz) * 1e9
        # following the stamps may turn the clock back a little; the times of windows still only grow within a stream
        self._newest_end_ns = max(self._clock.end_ns - round(after_ns), self._newest_end_ns + 1)
        return Window(window_NS[:, 0].copy(), float(np.clip(window_NS[:, 1].mean(), 0.0, 1.0)), self._newest_end_ns)

    def _restart(self, input_rate_hz: int) -> None:
        if input_rate_hz != self._input_rate_hz:
            self._resampler = (
                None
                if input_rate_hz == self._rate_hz
                else soxr.ResampleStream(input_rate_hz, self._rate_hz, num_channels=2, dtype="float32")
            )
        elif self._resampler is not None:
            self._resampler.clear()
        self._input_rate_hz = input_rate_hz
        self._samples_in = self._samples_out = self._taken_to = self._filled = self._newest_end_ns = 0

    def _append(self, signals_NS: NDArray[np.float32]) -> None:
        self._samples_out += len(signals_NS)
        signals_NS = signals_NS[-self._keep :]
        if self._filled + len(signals_NS) > len(self._buffer_NS):
            kept = min(self._filled, self._keep)
            self._buffer_NS[:kept] = self._buffer_NS[self._filled - kept : self._filled].copy()
            self._filled = kept
        self._buffer_NS[self._filled : self._filled + len(signals_NS)] = signals_NS
        self._filled += len(signals_NS)
