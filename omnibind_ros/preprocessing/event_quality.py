"""How much a window of events can tell, judged from the events alone.

Background noise and broken ("hot") pixels fire on their own; whatever moves fires neighbouring pixels together. So the
events are counted in square cells, and Moran's I (Moran, "Notes on continuous stochastic phenomena", Biometrika 1950)
tells how much a cell's count resembles that of its neighbours: about 0 for noise, hot pixels and a flood over the whole
sensor, far above for edges and objects. Square roots of the counts make the measure independent of their level.
"""

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.messages.event_array import Events

CELLS = 32
JUDGED_EVENTS = 20_000


def event_quality(events: Events, *, enough_events: int, clear_structure: float) -> float:
    """Quality of a window's events in [0, 1].

    enough_events: as many events as an ordinary window has at least. clear_structure: Moran's I of a window that is
    surely not noise. The two shares, at most 1 each, are multiplied. At most about 20,000 events are looked at.
    """
    if not len(events):
        return 0.0
    enough = min(len(events) / enough_events, 1.0)
    root = np.sqrt(_cell_counts(events[:: -(-len(events) // JUDGED_EVENTS)]))
    return enough * min(max(_resemblance_of_neighbours(root) / clear_structure, 0.0), 1.0)


def _cell_counts(events: Events) -> NDArray[np.float64]:
    """Events in equal cells, about 32 to a side; what lies beyond the last whole cell is left out."""
    block_x, block_y = max(1, events.width // CELLS), max(1, events.height // CELLS)
    columns, rows = events.width // block_x, events.height // block_y
    column, row = events.x // block_x, events.y // block_y
    whole = (column < columns) & (row < rows)
    cells = row[whole].astype(np.int64) * columns + column[whole]
    return np.bincount(cells, minlength=rows * columns).reshape(rows, columns).astype(np.float64)


def _resemblance_of_neighbours(values: NDArray[np.float64]) -> float:
    """Moran's I with the four nearest cells as neighbours; 0 when all cells are alike."""
    deviation = values - values.mean()
    variance = float(np.mean(deviation**2))
    if variance == 0:
        return 0.0
    across = deviation[:, 1:] * deviation[:, :-1]
    down = deviation[1:] * deviation[:-1]
    return float((across.sum() + down.sum()) / (across.size + down.size)) / variance
