"""What a check says. Needs nothing that may be missing on a robot."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    """From best to worst: all is well; it works, but; it does not work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check. subject: what was looked at. remedy: exactly what to do; empty where nothing has to be."""

    subject: str
    verdict: Verdict
    message: str
    remedy: str = ""


def ok(subject: str, message: str) -> Finding:
    """All is well."""
    return Finding(subject, Verdict.OK, message)


def warning(subject: str, message: str, remedy: str) -> Finding:
    """It works, but."""
    return Finding(subject, Verdict.WARNING, message, remedy)


def problem(subject: str, message: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(subject, Verdict.PROBLEM, message, remedy)


def worst(findings: Iterable[Finding]) -> Verdict:
    """The verdict over all; `OK` over none."""
    order = list(Verdict)
    return max((finding.verdict for finding in findings), key=order.index, default=Verdict.OK)
