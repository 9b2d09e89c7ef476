"""Events of a window as an array an image encoder can take.

Shape suffixes: C channels, H rows, W columns, of the square the encoder takes; R rows and S columns of the grid on
which events are counted; P polarity (0 positive, 1 negative), T time bins.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.compiled import compiled
from omnibind_ros.messages.event_array import Events
from omnibind_ros.preprocessing.resize import resize_to_square


def voxel_grid(events: Events, *, start_us: int, end_us: int, bins: int, side: int) -> NDArray[np.float32]:
    """Events spread over time bins, (2 * bins, side, side) float32: the positive bins, oldest first, then the negative.

    The first bin is centred on `start_us`, the last on `end_us`; an event counts in the two bins it lies between, by
    how near they are (Zhu et al., "Unsupervised Event-based Learning of Optical Flow, Depth, and Egomotion", CVPR 2019,
    eq. 1). Space is the sensor's, squashed to the square by area. Values other than 0 have mean 0 and deviation 1.
    """
    columns, rows = _axis(events.width, side), _axis(events.height, side)
    grid_PTRS = np.zeros((2, bins, rows.cells, columns.cells), np.float32)
    bins_per_us = (bins - 1) / max(end_us - start_us, 1)
    _spread(events.x, events.y, events.t_us, events.p, columns, rows, start_us, bins_per_us, grid_PTRS)
    return _normalised(_squash(grid_PTRS.reshape((2 * bins, rows.cells, columns.cells)), side))


def event_frame(events: Events, *, side: int) -> NDArray[np.float32]:
    """Which pixels saw events, (3, side, side) float32 RGB in [0, 1].

    White where nothing happened, red for positive events only, blue for negative only, black for both; squashed from
    the sensor's size. The picture CLIP-based event encoders are trained on (Zhou et al., "EventBind", ECCV 2024).
    """
    seen_PRS = np.zeros((2, events.height, events.width), np.uint8)
    seen_PRS[np.where(events.p, 0, 1), events.y, events.x] = 255
    positive, negative = seen_PRS
    picture = np.stack((255 - negative, 255 - (positive | negative), 255 - positive), axis=-1)
    squashed = resize_to_square(picture, side, "squash", "area")
    picture_CHW: NDArray[np.float32] = squashed.transpose(2, 0, 1).astype(np.float32, order="C")
    picture_CHW /= 255
    return picture_CHW


def time_surface(events: Events, *, end_us: int, decay_us: float, side: int) -> NDArray[np.float32]:
    """How recently each pixel saw an event, (2, side, side) float32: positive, then negative.

    exp(-age / decay) of the pixel's last event, 0 where there was none (Lagorce et al., "HOTS", PAMI 2017, eq. 2),
    squashed from the sensor's size.
    """
    surface_PRS = np.zeros((2, events.height, events.width), np.float32)
    freshness = np.exp((events.t_us - end_us) * (1 / decay_us)).astype(np.float32)
    # Events come oldest first, and of several values for one pixel NumPy keeps the last.
    surface_PRS[np.where(events.p, 0, 1), events.y, events.x] = freshness
    return _squash(surface_PRS, side)


class _Axis(NamedTuple):
    """How the pixels along one axis of a sensor lie on the cells of the grid.

    cells: their number. first, second: (pixels,) int32, the cells that a pixel lies in. share: (pixels,) float32, how
    much of it lies in the first.
    """

    cells: int
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    share: NDArray[np.float32]


def _axis(pixels: int, side: int) -> _Axis:
    """Cells of the encoder's square where that is the coarser, else the sensor's own pixels."""
    cells = min(pixels, side)
    begin = np.arange(pixels) * (cells / pixels)
    first = (np.arange(pixels) * cells // pixels).astype(np.int32)
    share = np.minimum((first + 1 - begin) * (pixels / cells), 1).astype(np.float32)
    return _Axis(cells, first, np.minimum(first + 1, cells - 1).astype(np.int32), share)


def _squash(planes_CRS: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    if planes_CRS.shape[1:] == (side, side):
        return planes_CRS
    return np.stack([resize_to_square(plane, side, "squash", "area") for plane in planes_CRS]).astype(np.float32)


def _normalised(grid_CHW: NDArray[np.float32]) -> NDArray[np.float32]:
    counted = grid_CHW != 0
    values = grid_CHW[counted]
    if not len(values):
        return grid_CHW
    deviation = float(values.std()) or 1.0
    grid_CHW[counted] = (values - values.mean()) / np.float32(deviation)
    return grid_CHW


@compiled
def _spread(  # noqa: PLR0917 - compiled code is called by position
    x: NDArray[np.uint16],
    y: NDArray[np.uint16],
    t_us: NDArray[np.int64],
    p: NDArray[np.bool_],
    columns: _Axis,
    rows: _Axis,
    start_us: int,
    bins_per_us: float,
    grid_PTRS: NDArray[np.float32],
) -> None:
    one = np.float32(1)
    last_bin = grid_PTRS.shape[1] - 1
    for event in range(len(x)):
        position = np.float32(min(max((t_us[event] - start_us) * bins_per_us, 0.0), float(last_bin)))
        earlier = int(position)
        later = min(earlier + 1, last_bin)
        later_share = position - np.float32(earlier)
        row, next_row, row_share = rows.first[y[event]], rows.second[y[event]], rows.share[y[event]]
        column, next_column, share = columns.first[x[event]], columns.second[x[event]], columns.share[x[event]]
        grid_TRS = grid_PTRS[0 if p[event] else 1]
        for time_bin, time_share in ((earlier, one - later_share), (later, later_share)):
            here, below = time_share * row_share, time_share * (one - row_share)
            grid_TRS[time_bin, row, column] += here * share
            grid_TRS[time_bin, row, next_column] += here * (one - share)
            grid_TRS[time_bin, next_row, column] += below * share
            grid_TRS[time_bin, next_row, next_column] += below * (one - share)
