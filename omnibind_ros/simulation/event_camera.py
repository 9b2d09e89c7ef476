"""The event camera: every pixel tells when its log intensity has changed by a threshold.

The model of ESIM (Rebecq et al., *ESIM: an Open Event Camera Simulator*, CoRL 2018): between two frames the log
intensity of a pixel is taken as linear; each crossing of a level one threshold away from the level of its last event
gives an event at the interpolated time. Thresholds differ from pixel to pixel, and some events are noise.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.surface import Surface

_THRESHOLD = 0.22
_THRESHOLD_SPREAD = 0.03
_MOST_PER_FRAME = 6
_NOISE_HZ = 0.15
"""Noise events of one pixel in a second."""


@dataclass(frozen=True)
class EventBatch:
    """Events in the order of time.

    Attributes:
        x: (N,) uint16, column.
        y: (N,) uint16, row.
        t_us: (N,) int64, microseconds.
        p: (N,) bool, True where it became brighter.
    """

    x: NDArray[np.uint16]
    y: NDArray[np.uint16]
    t_us: NDArray[np.int64]
    p: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.t_us)

    def since(self, start_us: int) -> "EventBatch":
        """The events at or after a time in microseconds."""
        first = int(np.searchsorted(self.t_us, start_us))
        return EventBatch(self.x[first:], self.y[first:], self.t_us[first:], self.p[first:])


def no_events() -> EventBatch:
    """A batch without an event."""
    return EventBatch(np.zeros(0, np.uint16), np.zeros(0, np.uint16), np.zeros(0, np.int64), np.zeros(0, np.bool_))


def join_events(first: EventBatch, second: EventBatch) -> EventBatch:
    """Two batches that follow each other in time as one."""
    return EventBatch(
        np.concatenate([first.x, second.x]),
        np.concatenate([first.y, second.y]),
        np.concatenate([first.t_us, second.t_us]),
        np.concatenate([first.p, second.p]),
    )


def log_intensity(surface: Surface) -> NDArray[np.float32]:
    """Natural logarithm of the brightness of an instant, (VIEW_HEIGHT, VIEW_WIDTH) float32."""
    luma = cv2.transform(surface.radiance, np.array([[0.25, 0.6, 0.15]], np.float32))
    return np.asarray(cv2.log(np.maximum(luma, 0.0) + 0.02), np.float32)


class EventCamera:
    """An event camera; its state is the level of the last event of every pixel.

    Args:
        seed: Fixes the thresholds of the pixels and the noise.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._frame: NDArray[np.float32] | None = None
        self._level = self._threshold = np.zeros(0, np.float32)
        self._time_s = 0.0

    def update(self, frame: NDArray[np.float32], time_s: float) -> EventBatch:
        """Events between the last frame and this one; the first frame gives none.

        Args:
            frame: (H, W) float32 log intensity.
            time_s: When it was seen; later than the frame before.
        """
        flat = np.asarray(frame, np.float32).ravel()
        if self._frame is None or len(self._frame) != len(flat):
            spread = generator(self._seed, "event thresholds").normal(0.0, _THRESHOLD_SPREAD, len(flat))
            self._threshold = (_THRESHOLD * np.exp(spread)).astype(np.float32)
            self._frame, self._level, self._time_s = flat, flat.copy(), time_s
            return no_events()
        change = (flat - self._level) / self._threshold
        moved = np.flatnonzero(np.abs(change) >= 1.0)
        crossings = np.minimum(np.abs(change[moved]).astype(np.int64), _MOST_PER_FRAME)
        pixel = np.repeat(moved, crossings)
        number = np.arange(len(pixel)) - np.repeat(np.cumsum(crossings) - crossings, crossings) + 1
        sign = np.sign(change[pixel])
        before, after = self._frame[pixel], flat[pixel]
        crossed = self._level[pixel] + sign * number * self._threshold[pixel]
        share = np.clip((crossed - before) / np.where(after == before, 1.0, after - before), 0.0, 1.0)
        rng = generator(self._seed, "event noise", time_s)
        noise = int(rng.poisson(_NOISE_HZ * len(flat) * max(time_s - self._time_s, 0.0)))
        pixel = np.concatenate([pixel, rng.integers(0, len(flat), noise)])
        share = np.concatenate([share, rng.random(noise)])
        polarity = np.concatenate([sign > 0, rng.random(noise) < 0.5])
        start_us, end_us = round(self._time_s * 1e6), round(time_s * 1e6)
        t_us = start_us + (share * (end_us - start_us)).astype(np.int64)
        order = np.argsort(t_us, kind="stable")
        row, column = np.divmod(pixel[order], frame.shape[1])
        self._level[moved] += np.trunc(change[moved]) * self._threshold[moved]
        self._frame, self._time_s = flat, time_s
        return EventBatch(column.astype(np.uint16), row.astype(np.uint16), t_us[order], polarity[order])
