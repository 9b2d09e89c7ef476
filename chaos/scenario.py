"""A scenario, how long its parts last, and how it is run."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.findings import Findings, ScenarioResult
from chaos.stage import Stage
from rig.rig import WaitedInVainError
from rig.stall_watch import StallWatch


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds of what can be short or long."""

    flapping_s: float
    malformed_s: float
    overload_s: float
    warm_up_s: float
    recorded_s: float


QUICK = Durations(flapping_s=10.0, malformed_s=45.0, overload_s=60.0, warm_up_s=20.0, recorded_s=30.0)
FULL = Durations(flapping_s=60.0, malformed_s=600.0, overload_s=600.0, warm_up_s=60.0, recorded_s=120.0)
# Starting the processes, waiting for each other, and everything else that takes the same time in both.
SPARE_S = 180.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario.

    title: what happens, for the report's table. play: makes it happen on a stage and notes what was found.
    embeddings_of: sources whose embeddings the observer listens to. long_part_s: how long the part of it lasts that can
    be short or long; it has failed when it is not done `SPARE_S` later.
    """

    name: str
    title: str
    play: Callable[[Stage, Findings, Durations], None]
    embeddings_of: tuple[str, ...] = ()
    long_part_s: Callable[[Durations], float] = lambda _: 0.0


class TimeIsUpError(Exception):
    """A scenario did not end in time."""


def run(scenario: Scenario, durations: Durations, *, folder: Path, domain: int, bundle: Path) -> ScenarioResult:
    """Play a scenario; whatever goes wrong in it becomes a failure of the result."""
    findings = Findings()
    start_s = time.monotonic()
    with (
        StallWatch() as watch,
        Stage(folder / scenario.name, domain=domain, bundle=bundle, embeddings_of=scenario.embeddings_of) as stage,
    ):
        try:
            with _time_limit(SPARE_S + scenario.long_part_s(durations)):
                scenario.play(stage, findings, durations)
                stage.end_nodes(findings)
        except (WaitedInVainError, TimeIsUpError) as error:
            findings.failures.append(str(error))
        except Exception as error:  # a mistake in one scenario must not cost the results of the others
            findings.failures.append(f"{type(error).__name__}: {error}")
    load = f"load average {os.getloadavg()[0]:.1f}"
    findings.notes.append(f"{load}, the computer itself stood still for {watch.longest_s:.2f} s at most")
    return ScenarioResult.of(scenario.name, findings, duration_s=time.monotonic() - start_s)


@contextmanager
def _time_limit(limit_s: float) -> Iterator[None]:
    def time_is_up(*_: object) -> None:
        raise TimeIsUpError(f"not done after {limit_s:g} s")

    before = signal.signal(signal.SIGALRM, time_is_up)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
