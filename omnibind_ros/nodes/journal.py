"""What a node's work leaves in its log: every transition, and every error once."""

import re
from typing import Any

from omnibind_ros.errors import OmnibindError
from omnibind_ros.fusion.source_state import SourceState, Transition

# A sensor that invents ever new errors must not fill the memory.
_MOST_ERRORS_REMEMBERED = 200
_QUIET_STATES = frozenset({SourceState.LIVE, SourceState.WAITING, SourceState.DISABLED, SourceState.BUILDING})


class Journal:
    """Writes to a node's logger."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger
        self._told: set[str] = set()

    def tell_once(self, error: Exception) -> None:
        """Log an error the first time it occurs; the numbers in it may differ from message to message."""
        text = str(error) if isinstance(error, OmnibindError) else f"{type(error).__name__}: {error}"
        kind = re.sub(r"\d+", "0", text)
        if kind not in self._told and len(self._told) < _MOST_ERRORS_REMEMBERED:
            self._told.add(kind)
            self._logger.error(text)

    def tell_transition(self, transition: Transition) -> None:
        """Log a change of state."""
        text = f"{transition.source}: {transition.before} -> {transition.after}: {transition.reason}"
        if transition.after in _QUIET_STATES:
            self._logger.info(text)
        else:
            self._logger.warning(text)
