"""Event cameras: a window of the newest events → encoder input."""

import math
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from omnibind_ros.messages.event_array import Events
from omnibind_ros.preprocessing.event_quality import event_quality
from omnibind_ros.preprocessing.event_representation import event_frame, time_surface, voxel_grid
from omnibind_ros.preprocessing.event_window import EventWindow, newest
from omnibind_ros.preprocessing.model_input import ModelInput

REFERENCE_PIXELS = 240 * 180
MOST_EVENTS = 2_000_000


class EventSettings(BaseModel):
    """Constants of an event encoder's input.

    name: the preset. representation: `voxel`, `eventbind` (red and blue on white) or `time_surface`. side: of the
    square input, in pixels. window_us: the window reaches back this far from its end. window_events: number of events
    after which a window ends before that, for a sensor of 240×180; a longer edge has proportionally more events on it,
    so that 15,000 becomes 40,000 at 640×480; None for windows by time alone. bins: time bins of `voxel`. decay_us: of
    `time_surface`. enough_events (again for 240×180), clear_structure: see `event_quality`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    representation: Literal["voxel", "eventbind", "time_surface"]
    side: int = Field(ge=1, le=1024)
    window_us: int = Field(ge=1, le=60_000_000)
    window_events: int | None = Field(default=None, ge=1, le=MOST_EVENTS)
    bins: int = Field(default=1, ge=1, le=64)
    decay_us: float = Field(default=30_000.0, gt=0, allow_inf_nan=False)
    enough_events: int = Field(default=300, ge=1)
    clear_structure: float = Field(default=0.3, gt=0, le=1)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input, without the batch."""
        channels = {"voxel": 2 * self.bins, "eventbind": 3, "time_surface": 2}[self.representation]
        return (channels, self.side, self.side)

    def events_in_window(self, width: int, height: int) -> int:
        """Most events a window of a sensor of this size takes."""
        if self.window_events is None:
            return MOST_EVENTS
        return min(_for_sensor(self.window_events, width, height), MOST_EVENTS)


PRESETS: dict[str, EventSettings] = {
    settings.name: settings
    for settings in (
        EventSettings(
            name="eventbind", representation="eventbind", side=224, window_us=1_000_000, window_events=15_000
        ),
        EventSettings(name="voxel", representation="voxel", side=224, window_us=50_000, bins=5),
        EventSettings(name="time_surface", representation="time_surface", side=224, window_us=150_000),
        EventSettings(name="compact", representation="voxel", side=64, window_us=50_000, bins=4),
    )
}


def prepare_event(events: Events, settings: EventSettings, *, end_us: int | None = None) -> NDArray[np.float32]:
    """Encoder input of the last window in `events`, float32 of shape `settings.input_shape`.

    end_us: sensor time at which the window ends, the last event's if not given. Fewer events than a full window has
    give a sparser input, none at all an empty one; none are made up.
    """
    end_us = _end_of(events) if end_us is None else end_us
    window = _window(events, settings, end_us)
    if settings.representation == "eventbind":
        return event_frame(window, side=settings.side)
    if settings.representation == "time_surface":
        return time_surface(window, end_us=end_us, decay_us=settings.decay_us, side=settings.side)
    by_count = settings.window_events is not None and len(window)
    start_us = int(window.t_us[0]) if by_count else end_us - settings.window_us
    return voxel_grid(window, start_us=start_us, end_us=end_us, bins=settings.bins, side=settings.side)


class EventPreprocessor:
    """Windows of one event camera. Adding and taking may happen in two threads; memory is bounded.

    A window of more than two million events (a flood of over 40 million events/s in 50 ms) keeps the newest of them.
    """

    def __init__(self, settings: EventSettings) -> None:
        self._settings = settings
        self._window = EventWindow(settings.window_us, MOST_EVENTS)
        self._lock = Lock()
        self._end_us = 0
        self._stamp_ns = 0
        self._has_news = False
        # Compiles, or loads what an earlier start compiled: not while the first window waits.
        prepare_event(self._window.events(), settings)

    def add(self, events: Events, stamp_ns: int) -> None:
        """Take one packet's events. stamp_ns: the packet's header stamp, which is the time of its first event.

        A packet without events tells that time went on and nothing moved.
        """
        with self._lock:
            if len(events):
                self._window.add(events)
                first_us, self._end_us = int(events.t_us[0]), int(events.t_us[-1])
                self._stamp_ns = stamp_ns + (self._end_us - first_us) * 1000
            else:
                silence_ns = max(stamp_ns - self._stamp_ns, 0) if self._stamp_ns else 0
                self._end_us += silence_ns // 1000
                self._stamp_ns += silence_ns
            self._has_news = True

    def take(self) -> ModelInput | None:
        """The window that ends now, once for all packets that arrived since the last; None when none did.

        It is as good as the events in it: see `event_quality`. stamp_ns is the time of the last event.
        """
        with self._lock:
            if not self._has_news:
                return None
            self._has_news = False
            settings = self._settings
            window = _window(self._window.events(), settings, self._end_us)
            return ModelInput(
                array=prepare_event(window, settings, end_us=self._end_us),
                quality=event_quality(
                    window,
                    enough_events=_for_sensor(settings.enough_events, window.width, window.height),
                    clear_structure=settings.clear_structure,
                ),
                stamp_ns=self._stamp_ns,
            )


def _window(events: Events, settings: EventSettings, end_us: int) -> Events:
    count = settings.events_in_window(events.width, events.height)
    return newest(events, end_us=end_us, duration_us=settings.window_us, count=count)


def _end_of(events: Events) -> int:
    return int(events.t_us[-1]) if len(events) else 0


def _for_sensor(number: int, width: int, height: int) -> int:
    """A number of events stated for 240×180, in proportion to the length of the sensor's edges."""
    return max(1, round(number * math.sqrt(width * height / REFERENCE_PIXELS)))
