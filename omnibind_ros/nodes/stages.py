"""The two halves of a node that recognises: what embeddings come from, and what they become.

`perception` is the sensors' half with the recognising one, `encoder` the sensors' half alone, `fusion` the recognising
one with embeddings that arrive from encoders.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.pipeline.encoding import EncodingStep
from omnibind_ros.pipeline.source import SourceReport


class Stage(Protocol):
    """What both halves can do. The executor's thread calls everything but what says otherwise."""

    def check(self, proposed: Mapping[str, Any]) -> None:
        """Raise ConfigurationError when these values of parameters make no sense together with the others."""

    def prepare(self, bundle: Bundle) -> Callable[[], None]:
        """Load what the bundle is needed for; any thread. What is returned puts it to use, between two rounds.

        Raises BackendError or ConfigurationError, and then everything goes on as before.
        """

    def open(self) -> None:
        """Subscribe and publish."""

    def close(self) -> None:
        """Undo `open`."""

    def release(self) -> None:
        """Undo `prepare`."""

    def poll(self) -> None:
        """Look at the topics there are; called a few times a second while open."""


class Supply(Stage, Protocol):
    """Where embeddings come from. The worker calls what is listed here, but for `parameters_changed`."""

    def parameters_changed(self) -> None:
        """Do what the parameters now say."""

    def step(self, now_ns: int, *, wanted: bool, due: bool) -> EncodingStep:
        """What is new; wanted: whether the other half needs embeddings, due: whether it makes a result of them now."""

    def reports(self, now_ns: int) -> list[SourceReport]:
        """What to tell about every source."""

    def states(self) -> dict[str, SourceState]:
        """The state of every source."""

    def ttl_s(self, source: str) -> float:
        """How long an embedding of a source counts."""

    def details(self) -> dict[str, str]:
        """What to add to the node's health."""


class Output(Stage, Protocol):
    """What embeddings become. The worker calls what is listed here."""

    @property
    def wanted(self) -> bool:
        """Whether anybody needs what this makes of embeddings."""

    @property
    def due(self) -> bool:
        """Whether a result is made as soon as there is something new."""

    def step(self, step: EncodingStep, supply: Supply, now_ns: int) -> float:
        """Use what is new; returns in how many seconds the next round is due."""
