"""From the stamp of a published image to its recognition in another process, against the bare computation in one.

`perception` runs in a process of its own; this one publishes a frame thirty times a second over DDS and receives the
recognition. Between two frames it preprocesses, encodes and fuses the same frame itself. A third process answers frames
of its own without looking at them: that is what the way there and back costs.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.conditions import settle
from benchmarks.report import rounded
from benchmarks.result import Bars, Cell, Result, Table, Target
from benchmarks.robot import make_rig

FEEDS = {
    "camera": "640×480 raw",
    "jpeg": "640×480 JPEG",
    "camera_hd": "1280×720 raw",
    "jpeg_hd": "1280×720 JPEG",
}
TARGET_FEED, TARGET_RATIO = "camera", 1.5
DEFAULT_RATE_HZ = 10.0
_BLOCK = 30


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds by feed. lost: frames that were not recognised."""

    ours_s: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bare_s: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    echo_s: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lost: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def ratio(self, feed: str) -> float:
        """How many times as long as the bare computation, by the medians."""
        return median(self.ours_s[feed]) / median(self.bare_s[feed])


def measure(folder: Path, *, quick: bool) -> Result:
    """Every kind of frame in turns, in several starts of the node."""
    settle()
    starts, blocks = (1, 1) if quick else (3, 4)
    of_starts: list[Latencies] = []
    limited_s: list[float] = []
    inside_ms: list[float] = []
    for start in range(starts):
        with make_rig(folder / str(start)) as rig:
            from benchmarks.end_to_end.session import Session  # noqa: PLC0415 (needs ROS)

            session = Session(rig, FEEDS)
            for _ in range(blocks):
                for name in FEEDS:
                    session.block(name, _BLOCK)
                    if name == TARGET_FEED:
                        inside_ms.append(float(rig.observer.values[name]["latency_ms"] or "nan"))
                    session.echo_block(name, _BLOCK)
            limited_s += session.limited_s(TARGET_FEED, DEFAULT_RATE_HZ, blocks * 2 * _BLOCK)
            of_starts.append(session.latencies)
    columns = (
        "frame", "median, ms", "p95, ms", "bare, ms", "there and back, ms", "over bare", "of single starts",
        "over bare and the way", "frames", "lost",
    )  # fmt: skip
    means = [
        Bars(
            "end_to_end", "From image to recognition, median", "ms", tuple(FEEDS.values()),
            {
                "end to end, two processes": _medians_ms([one.ours_s for one in of_starts]),
                "bare, one process": _medians_ms([one.bare_s for one in of_starts]),
                "there and back, nothing computed": _medians_ms([one.echo_s for one in of_starts]),
            },
        )
    ]  # fmt: skip
    ratio = median(one.ratio(TARGET_FEED) for one in of_starts)
    return Result(
        (
            Table(
                "Stamp of a published image to recognition received, medians",
                columns,
                tuple(_row(name, of_starts) for name in FEEDS),
            ),
        ),
        (Target(f"{FEEDS[TARGET_FEED]}: end to end over bare, median", ratio, TARGET_RATIO),),
        tuple(means),
        (
            f"Inside the node, from receiving a frame of {FEEDS[TARGET_FEED]} to its embedding: "
            f"{median(inside_ms):.2f} ms.",
            "There and back: a node of the same library that answers every frame without looking at it.",
            f"Above, `max_rate` lets every frame be recognised at once. With the default of {DEFAULT_RATE_HZ:g} Hz the "
            f"newest frame waits until a recognition is due: {1e3 * median(limited_s):.1f} ms from its stamp to the "
            f"recognition in the median, {1e3 * float(np.percentile(limited_s, 95)):.1f} ms in the 95th percentile.",
        ),
    )


def _row(name: str, of_starts: Sequence[Latencies]) -> tuple[Cell, ...]:
    ours_ms, bare_ms, echo_ms = (
        1e3 * np.array([taken for one in of_starts for taken in values(one)[name]])
        for values in (lambda one: one.ours_s, lambda one: one.bare_s, lambda one: one.echo_s)
    )
    ratios = [one.ratio(name) for one in of_starts]
    return (
        FEEDS[name],
        rounded(float(np.median(ours_ms))),
        rounded(float(np.percentile(ours_ms, 95))),
        rounded(float(np.median(bare_ms))),
        rounded(float(np.median(echo_ms))),
        rounded(median(ratios)),
        f"{min(ratios):.2f}–{max(ratios):.2f}",
        rounded(float(np.median(ours_ms) / (np.median(bare_ms) + np.median(echo_ms)))),
        len(ours_ms),
        sum(one.lost[name] for one in of_starts),
    )


def _medians_ms(of_starts: Sequence[Mapping[str, list[float]]]) -> tuple[float, ...]:
    return tuple(1e3 * median([taken for one in of_starts for taken in one[name]]) for name in FEEDS)
