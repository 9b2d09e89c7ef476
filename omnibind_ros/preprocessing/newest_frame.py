"""The newest frame of one source: what a preprocessor holds between a message and the worker that asks for it."""

from collections import deque
from typing import Generic, TypeVar

FrameT = TypeVar("FrameT")


class NewestFrame(Generic[FrameT]):
    """Keeps one frame with its time; a newer one replaces it. Putting and taking may happen in two threads."""

    def __init__(self) -> None:
        self._frames: deque[tuple[FrameT, int]] = deque(maxlen=1)

    def put(self, frame: FrameT, stamp_ns: int) -> None:
        """Replace the frame that was not taken yet, if there is one."""
        self._frames.append((frame, stamp_ns))

    def take(self) -> tuple[FrameT, int] | None:
        """The frame and its time, once; None until the next one is put."""
        try:
            return self._frames.popleft()
        except IndexError:
            return None
