"""The newest events of a camera: the last so many microseconds, or the last so many events."""

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.messages.event_array import Events

_FIRST_CAPACITY = 1 << 15


def newest(events: Events, *, end_us: int, duration_us: int, count: int) -> Events:
    """At most `count` events of the time (end_us - duration_us, end_us], the newest ones, as views."""
    first, last = np.searchsorted(events.t_us, [end_us - duration_us, end_us], side="right")
    return events[max(int(first), int(last) - count) : int(last)]


class EventWindow:
    """Holds the newest events: none older than `duration_us` before the newest, and never more than `count`.

    Memory is bounded whatever arrives: two times `count` events of 13 bytes, and a few kilobytes while little arrives.
    """

    def __init__(self, duration_us: int, count: int) -> None:
        self._duration_us = duration_us
        self._count = count
        self._start = 0
        self._stop = 0
        self._width = 1
        self._height = 1
        self._allocate(min(_FIRST_CAPACITY, 2 * count))

    def __len__(self) -> int:
        return self._stop - self._start

    def add(self, events: Events) -> None:
        """Take newer events; ones of another sensor size or from before the newest start the window anew."""
        if not len(events):
            return
        another_size = (events.width, events.height) != (self._width, self._height)
        if another_size or (len(self) and events.t_us[0] < self._t_us[self._stop - 1]):
            self._start = self._stop = 0
            self._width, self._height = events.width, events.height
        kept = events[max(0, len(events) - self._count) :]
        self._make_room(len(kept))
        place = slice(self._stop, self._stop + len(kept))
        self._x[place], self._y[place], self._t_us[place], self._p[place] = kept.x, kept.y, kept.t_us, kept.p
        self._stop = place.stop
        self._forget_old()

    def events(self) -> Events:
        """The window's events, oldest first, as views that are good until the next `add`."""
        place = slice(self._start, self._stop)
        return Events(self._x[place], self._y[place], self._t_us[place], self._p[place], self._width, self._height)

    def _forget_old(self) -> None:
        t_us = self._t_us[self._start : self._stop]
        too_old = int(np.searchsorted(t_us, t_us[-1] - self._duration_us, side="right"))
        self._start = max(self._start + too_old, self._stop - self._count)

    def _make_room(self, number: int) -> None:
        if self._stop + number <= len(self._x):
            return
        kept = slice(max(self._start, self._stop - max(0, self._count - number)), self._stop)
        length = kept.stop - kept.start
        x, y, t_us, p = self._x[kept], self._y[kept], self._t_us[kept], self._p[kept]
        # Twice what is needed, so that events move only once for as many as arrive.
        needed = min(2 * (length + number), 2 * self._count)
        if needed > len(self._x):
            self._allocate(needed)
        self._x[:length], self._y[:length], self._t_us[:length], self._p[:length] = x, y, t_us, p
        self._start, self._stop = 0, length

    def _allocate(self, capacity: int) -> None:
        self._x: NDArray[np.uint16] = np.empty(capacity, np.uint16)
        self._y: NDArray[np.uint16] = np.empty(capacity, np.uint16)
        self._t_us: NDArray[np.int64] = np.empty(capacity, np.int64)
        self._p: NDArray[np.bool_] = np.empty(capacity, np.bool_)
