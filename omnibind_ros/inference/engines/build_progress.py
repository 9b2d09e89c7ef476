"""How the build of an engine is going, also as a line of text from one process to another."""

import json
from dataclasses import asdict, dataclass
from enum import Enum


class BuildState(str, Enum):
    """What happens to an engine."""

    WAITING = "waiting"  # another process is building
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """network: as in `Network.name`. share: in [0, 1]. problem: why it failed."""

    network: str
    state: BuildState
    share: float = 0.0
    problem: str = ""

    def to_line(self) -> str:
        """JSON without a line break."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_line(line: str) -> "BuildProgress":
        """From `to_line`. Raises ValueError for any other line."""
        try:
            parts = json.loads(line)
            return BuildProgress(
                str(parts["network"]), BuildState(parts["state"]), float(parts["share"]), str(parts["problem"])
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"no progress of a build: {line!r}") from error
