"""Events as arrays, whatever encoding or file they came from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError

LARGEST_SIDE = 4096
"""Pixels; a sensor that says it is larger is taken for a broken message, before memory is asked for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Brightness changes of an event camera, oldest first; all arrays have one entry an event.

    x, y: uint16 pixel, always inside the sensor. t_us: int64 sensor time in microseconds, never decreasing. p: bool,
    True where it became brighter. width, height: the sensor's size in pixels, not that of the events. lost: packets
    missing before this one. dropped: events that were left out because they lie outside the sensor, or came before
    the stream had said their time and row.

    Raises MessageError when the arrays do not fit together, the sensor's size or the time's order.
    """

    x: NDArray[np.uint16]
    y: NDArray[np.uint16]
    t_us: NDArray[np.int64]
    p: NDArray[np.bool_]
    width: int
    height: int
    lost: int = 0
    dropped: int = 0

    def __post_init__(self) -> None:
        check_size(self.width, self.height)
        for array, name, dtype in (
            (self.x, "x", np.uint16),
            (self.y, "y", np.uint16),
            (self.t_us, "t_us", np.int64),
            (self.p, "p", np.bool_),
        ):
            if array.dtype != dtype or array.shape != (len(self.x),):
                raise MessageError(
                    f"event array {name} is {array.dtype}{list(array.shape)} for {len(self.x)} events",
                    remedy="give x and y as uint16, t_us as int64 and p as bool, all of one length",
                )
        if len(self) and (self.x.max() >= self.width or self.y.max() >= self.height):
            raise MessageError(
                f"events lie outside a sensor of {self.width}×{self.height}",
                remedy="give the size of the sensor that made them, or leave such events out",
            )
        if (self.t_us[1:] < self.t_us[:-1]).any():
            raise MessageError("event times run backwards", remedy="sort the events by time")

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, part: slice) -> "Events":
        """The events of a range, oldest first, as views."""
        return Events(self.x[part], self.y[part], self.t_us[part], self.p[part], self.width, self.height)


def check_size(width: int, height: int) -> None:
    """Raise MessageError for a sensor size that no event camera has."""
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise MessageError(
            f"an event sensor of {width}×{height} pixels",
            remedy=f"have the driver fill in width and height (1 to {LARGEST_SIDE})",
        )
