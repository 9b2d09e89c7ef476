"""Scripts: which object is shown when, and when which sensor fails and recovers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.simulation.faults import Fault
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS
from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.sensors import SENSORS, Sensor

_SHOW_S = 2.5
_EPISODE_EVERY_S = 1.6
_SHORTEST_EPISODE_S = 1.5
_BLACKOUT_S = 1.2


@dataclass(frozen=True)
class Show:
    """From `start_s` on the object `label`, `seed` is in front of the sensors."""

    start_s: float
    label: str
    seed: int


@dataclass(frozen=True)
class Episode:
    """From `start_s` until `end_s` the sensor has the fault."""

    start_s: float
    end_s: float
    sensor: Sensor
    fault: Fault


@dataclass(frozen=True)
class Action:
    """Something that happens at one moment, in words: `what` is show, recover or a fault; `target` object or sensor."""

    time_s: float
    what: str
    target: str


@dataclass(frozen=True)
class Script:
    """What happens to objects and sensors over time.

    Attributes:
        duration_s: How long it lasts.
        sensors: The sensors that take part.
        shows: Objects in the order of time; the first starts at 0.
        episodes: Faults in the order of their start.
        blackout: Start and end of the interval in which all sensors are unplugged, if there is one.
    """

    duration_s: float
    sensors: tuple[Sensor, ...]
    shows: tuple[Show, ...]
    episodes: tuple[Episode, ...]
    blackout: tuple[float, float] | None

    @classmethod
    def make(
        cls,
        seed: int,
        duration_s: float = 30.0,
        sensors: tuple[Sensor, ...] = SENSORS,
        *,
        blackout: bool = True,
    ) -> "Script":
        """Draw a script; equal arguments give equal scripts.

        A new object, never used in training, is shown about every 2.5 s. Some sensors are absent at first and appear
        later. At every moment outside the blackout at least one sensor is without fault. With two sensors or more and
        20 s or longer every kind of fault occurs; a single sensor never fails.

        Args:
            seed: Any integer.
            duration_s: How long it lasts.
            sensors: The sensors that take part.
            blackout: Whether all sensors are unplugged for about a second once.

        Raises:
            ConfigurationError: There is no sensor, an unknown or repeated one, or no time.
        """
        if not sensors or len(set(sensors)) < len(sensors) or not set(sensors) <= set(SENSORS) or duration_s <= 0:
            raise ConfigurationError(
                f"no script of {duration_s:g} s can be made for the sensors {', '.join(sensors) or 'none'}",
                remedy=f"name each sensor once, of {', '.join(SENSORS)}, and a positive duration",
            )
        rng = generator(seed, "script")
        dark = None
        if blackout and duration_s >= 4 * _BLACKOUT_S:
            start = float(rng.uniform(0.55, 0.65)) * duration_s
            dark = (start, start + _BLACKOUT_S)
        episodes = _draw_episodes(rng, duration_s, sensors)
        if dark is not None:
            episodes = [piece for episode in episodes for piece in _outside(episode, *dark)]
            episodes += [Episode(*dark, sensor, Fault.UNPLUG) for sensor in sensors]
        episodes.sort(key=lambda episode: (episode.start_s, episode.sensor))
        return cls(duration_s, sensors, _draw_shows(rng, duration_s), tuple(episodes), dark)

    def show_at(self, time_s: float) -> Show:
        """The object in front of the sensors at a moment."""
        return next(show for show in reversed(self.shows) if show.start_s <= time_s or show is self.shows[0])

    def fault_at(self, sensor: Sensor, time_s: float) -> Fault | None:
        """What is wrong with a sensor at a moment, None when it is healthy."""
        for episode in self.episodes:
            if episode.sensor == sensor and episode.start_s <= time_s < episode.end_s:
                return episode.fault
        return None

    def healthy_at(self, time_s: float) -> tuple[Sensor, ...]:
        """The sensors without fault at a moment."""
        return tuple(sensor for sensor in self.sensors if self.fault_at(sensor, time_s) is None)

    def actions(self) -> tuple[Action, ...]:
        """Everything that happens, in the order of time, for logs and dashboards."""
        happened = [Action(show.start_s, "show", show.label) for show in self.shows]
        for episode in self.episodes:
            happened.append(Action(episode.start_s, episode.fault.value, episode.sensor))
            if episode.end_s < self.duration_s and self.fault_at(episode.sensor, episode.end_s) is None:
                happened.append(Action(episode.end_s, "recover", episode.sensor))
        return tuple(sorted(happened, key=lambda action: action.time_s))


def _draw_shows(rng: np.random.Generator, duration_s: float) -> tuple[Show, ...]:
    shows: list[Show] = []
    start = 0.0
    order: list[str] = []
    while start < duration_s:
        order = order or [str(label) for label in rng.permutation(LABELS)]
        shows.append(Show(start, order.pop(), HELD_OUT_SEED + int(rng.integers(1 << 30))))
        start += _SHOW_S + float(rng.uniform(-0.2, 0.2))
    return tuple(shows)


def _draw_episodes(rng: np.random.Generator, duration_s: float, sensors: tuple[Sensor, ...]) -> list[Episode]:
    """Faults such that at least one sensor is always healthy."""
    episodes: list[Episode] = []
    late = rng.permutation(len(sensors))[: (len(sensors) - 1) // 2]
    for number in late:
        appears = float(rng.uniform(0.08, 0.2)) * duration_s
        episodes.append(Episode(0.0, appears, sensors[number], Fault.UNPLUG))
    waiting: list[Fault] = []
    start = 0.07 * duration_s
    while start < duration_s - _SHORTEST_EPISODE_S:
        waiting = waiting or [list(Fault)[number] for number in rng.permutation(len(Fault))]
        end = min(start + float(rng.uniform(_SHORTEST_EPISODE_S, 2.0 * _SHORTEST_EPISODE_S)), duration_s)
        for number in rng.permutation(len(sensors)):
            episode = Episode(start, end, sensors[number], waiting[-1])
            if _is_possible(episode, episodes, sensors):
                episodes.append(episode)
                waiting.pop()
                break
        start += _EPISODE_EVERY_S
    return episodes


def _is_possible(new: Episode, episodes: list[Episode], sensors: tuple[Sensor, ...]) -> bool:
    """Whether the sensor is healthy until then and another one stays healthy all the while."""
    meanwhile = {episode.sensor for episode in episodes if episode.start_s < new.end_s and new.start_s < episode.end_s}
    return new.sensor not in meanwhile and len(meanwhile) + 1 < len(sensors)


def _outside(episode: Episode, start_s: float, end_s: float) -> Iterator[Episode]:
    """The parts of an episode before and after an interval."""
    if episode.start_s < start_s:
        yield Episode(episode.start_s, min(episode.end_s, start_s), episode.sensor, episode.fault)
    if episode.end_s > end_s:
        yield Episode(max(episode.start_s, end_s), episode.end_s, episode.sensor, episode.fault)
