"""Errors a user can act on: each says what is wrong, where, and what to do about it."""

from typing_extensions import Self


class OmnibindError(Exception):
    """Base of every error this package raises on purpose.

    `problem` is what is wrong, `remedy` what the user can do, `source` the sensor or file it is about. Pure code that
    does not know the source's name raises without it; the caller that knows adds it with `at`.
    """

    def __init__(self, problem: str, *, remedy: str, source: str | None = None) -> None:
        self.problem = problem
        self.remedy = remedy
        self.source = source
        super().__init__(problem)

    def at(self, source: str) -> Self:
        """Name the source, unless a more exact one is named already, and return the same error."""
        self.source = self.source or source
        return self

    def __str__(self) -> str:
        where = f"{self.source}: " if self.source else ""
        return f"{where}{self.problem} ({self.remedy})"


class MessageError(OmnibindError):
    """A ROS message that cannot be decoded: wrong encoding, step, size, rate or layout."""


class InputError(OmnibindError):
    """A decoded array that cannot become a model input: not finite, empty, of an impossible shape."""


class BundleError(OmnibindError):
    """A bundle that is missing, damaged, unsafe or of another format version."""


class BackendError(OmnibindError):
    """An inference backend that cannot be loaded or failed while running."""


class ConfigurationError(OmnibindError):
    """A parameter, configuration key or label set that makes no sense."""


class ControlError(OmnibindError):
    """A request to a running node that makes no sense, was refused, or got no answer."""


class FusionError(OmnibindError):
    """Embeddings that cannot be fused: none at all, or from another embedding space."""


class BagError(OmnibindError):
    """A recorded bag that is missing, damaged or of a format that cannot be read."""


class QuestionError(OmnibindError):
    """A question to the robot's memory that cannot be read or answered."""


class StoreError(OmnibindError):
    """A file of the robot's memory that is damaged, in use elsewhere, or cannot be read or written."""
