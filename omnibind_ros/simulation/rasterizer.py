"""Z-buffered triangle rasterisation with NumPy alone.

Every triangle is tested at all pixel centres of its bounding box with edge functions (Pineda, *A Parallel Algorithm for
Polygon Rasterization*, SIGGRAPH 1988), all triangles at once; the nearest hit of a pixel wins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Fragments:
    """The visible pixels of a mesh.

    Attributes:
        pixel: (P,) int64, row * width + column, each at most once.
        face: (P,) int64, the triangle that is seen there.
        weights: (P, 3) float32, barycentric weights on the screen.
        closeness: (P,) float32, the interpolated closeness.
    """

    pixel: NDArray[np.int64]
    face: NDArray[np.int64]
    weights: NDArray[np.float32]
    closeness: NDArray[np.float32]


def rasterize(
    screen: NDArray[np.float32],
    closeness: NDArray[np.float32],
    faces: NDArray[np.int64],
    width: int,
    height: int,
) -> Fragments:
    """Find the visible triangle of every pixel.

    Args:
        screen: (V, 2) float32, column and row of every vertex in pixels; pixel centres are whole numbers.
        closeness: (V,) float32, larger is nearer and linear on the screen (1 / depth in a perspective view).
        faces: (F, 3) int64, counter-clockwise seen from outside where rows grow downwards; others are culled.
        width: Pixels.
        height: Pixels.
    """
    corner_a, corner_b, corner_c = np.ascontiguousarray(faces.T)
    columns, rows = np.ascontiguousarray(screen.T)
    xa, xb, xc = columns[corner_a], columns[corner_b], columns[corner_c]
    ya, yb, yc = rows[corner_a], rows[corner_b], rows[corner_c]
    area = (xb - xa) * (yc - ya) - (yb - ya) * (xc - xa)
    left = np.maximum(np.ceil(np.minimum(np.minimum(xa, xb), xc)), 0)
    top = np.maximum(np.ceil(np.minimum(np.minimum(ya, yb), yc)), 0)
    across = np.minimum(np.floor(np.maximum(np.maximum(xa, xb), xc)), width - 1) - left + 1
    down = np.minimum(np.floor(np.maximum(np.maximum(ya, yb), yc)), height - 1) - top + 1
    front = np.flatnonzero((area < -1e-6) & (across > 0) & (down > 0))
    xa, xb, xc, ya, yb, yc = (values[front] for values in (xa, xb, xc, ya, yb, yc))
    scale = 1.0 / area[front]
    near = closeness[faces[front]]
    first_x, first_y = (yb - yc) * scale, (xc - xb) * scale
    second_x, second_y = (yc - ya) * scale, (xa - xc) * scale
    first_0, second_0 = -(first_x * xc + first_y * yc), -(second_x * xc + second_y * yc)

    across_int, down_int = across[front].astype(np.int64), down[front].astype(np.int64)
    count = across_int * down_int
    triangle = np.repeat(np.arange(len(front)), count)
    place = np.arange(len(triangle)) - np.repeat(np.cumsum(count) - count, count)
    row, column = np.divmod(place, across_int[triangle])
    column += left[front].astype(np.int64)[triangle]
    row += top[front].astype(np.int64)[triangle]
    column_f, row_f = column.astype(np.float32), row.astype(np.float32)
    first = first_x[triangle] * column_f + first_y[triangle] * row_f + first_0[triangle]
    second = second_x[triangle] * column_f + second_y[triangle] * row_f + second_0[triangle]
    third = 1.0 - first - second
    hit = np.flatnonzero(np.minimum(np.minimum(first, second), third) >= -1e-4)
    weights = np.stack([first[hit], second[hit], third[hit]], axis=1)
    triangle, pixel = triangle[hit], row[hit] * width + column[hit]
    nearness = np.einsum("ij,ij->i", weights, near[triangle])

    order = np.argsort(nearness)
    winner = np.full(width * height, -1, np.int64)
    winner[pixel[order]] = order
    seen = np.flatnonzero(winner >= 0)
    chosen = winner[seen]
    return Fragments(seen, front[triangle[chosen]], weights[chosen], nearness[chosen])
