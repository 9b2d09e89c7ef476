"""What a scenario found out: expectations that held or did not, times, and figures for the report."""

from dataclasses import asdict, dataclass, field
from typing import Any

LONGEST_GAP_S = 1.0
LARGEST_GROWTH_PERCENT = 2.0


@dataclass(slots=True)
class Findings:
    """Filled by a scenario while it runs; an expectation that fails does not end it.

    longest_gap_s: without a recognition though a source was live. lost_sources: healthy ones that were not used.
    memory_growth_percent: of the node under test, after warming up; None where it was not measured.
    """

    longest_gap_s: float | None = None
    lost_sources: list[str] = field(default_factory=list)
    memory_growth_percent: float | None = None
    times: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note a failure, in the words of `otherwise`, unless it holds."""
        if not holds:
            self.failures.append(otherwise)

    def time(self, name: str, seconds: float | None, at_most_s: float) -> None:
        """Note a time, and a failure when it is longer than allowed or did not come to pass."""
        if seconds is None:
            self.failures.append(f"{name}: did not happen")
            return
        self.times[name] = round(seconds, 3)
        self.expect(seconds <= at_most_s, f"{name}: {seconds:.2f} s, at most {at_most_s:.2f} s")

    def gap(self, seconds: float) -> None:
        """Note a longest gap between recognitions; the longest of all counts."""
        self.longest_gap_s = round(max(seconds, self.longest_gap_s or 0.0), 3)
        self.expect(seconds <= LONGEST_GAP_S, f"no recognition for {seconds:.2f} s, at most {LONGEST_GAP_S:g} s")

    def lost(self, sources: list[str]) -> None:
        """Note sources that were lost."""
        self.lost_sources = sorted({*self.lost_sources, *sources})
        self.expect(not sources, f"lost {', '.join(sources)}")

    def growth(self, percent: float, *, at_most_percent: float | None = LARGEST_GROWTH_PERCENT) -> None:
        """Note how the node's memory grew; None: it is noted, not judged."""
        self.memory_growth_percent = round(percent, 2)
        if at_most_percent is not None:
            self.expect(percent < at_most_percent, f"memory grew by {percent:.2f} %, less than {at_most_percent:g} %")


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario in the report."""

    name: str
    passed: bool
    longest_gap_s: float | None
    lost_sources: list[str]
    memory_growth_percent: float | None
    times: dict[str, float]
    detail: str

    @classmethod
    def of(cls, name: str, findings: Findings, *, duration_s: float) -> "ScenarioResult":
        """The result that follows from the findings."""
        return cls(
            name=name,
            passed=not findings.failures,
            longest_gap_s=findings.longest_gap_s,
            lost_sources=findings.lost_sources,
            memory_growth_percent=findings.memory_growth_percent,
            times={**findings.times, "duration_s": round(duration_s, 1)},
            detail="; ".join([*(f"FAILED {failure}" for failure in findings.failures), *findings.notes]),
        )

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)
