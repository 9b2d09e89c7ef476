"""Triangle meshes of object parts: turned, extruded, swept and boxed shapes with smooth normals.

Everything is in metres, z up. Texture coordinates are metres along the surface, so that a relief has the same scale on
every part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import Delaunay

Array = NDArray[np.float32]
Points = NDArray[np.float32] | NDArray[np.float64]

CREASE_DEGREES = 40.0
"""A turn sharper than this is an edge, a gentler one is shaded smoothly."""


@dataclass(frozen=True)
class Mesh:
    """Triangles with what is interpolated over them.

    Attributes:
        vertices: (V, 3) float32, metres.
        normals: (V, 3) float32, unit, outwards.
        texture: (V, 2) float32, metres along the surface.
        faces: (F, 3) int64, counter-clockwise seen from outside.
        part: (F,) int64, the part of the object that a face belongs to.
    """

    vertices: Array
    normals: Array
    texture: Array
    faces: NDArray[np.int64]
    part: NDArray[np.int64]

    def moved(self, offset: ArrayLike) -> "Mesh":
        """This mesh shifted by `offset` (3,) in metres."""
        return replace(self, vertices=self.vertices + np.asarray(offset, np.float32))

    def turned(self, rotation: ArrayLike) -> "Mesh":
        """This mesh rotated about the origin by a (3, 3) rotation matrix."""
        matrix = np.asarray(rotation, np.float32)
        return replace(self, vertices=self.vertices @ matrix.T, normals=self.normals @ matrix.T)

    def stretched(self, factors: ArrayLike) -> "Mesh":
        """This mesh scaled along x, y and z by positive `factors` (3,)."""
        scale = np.asarray(factors, np.float32)
        return replace(self, vertices=self.vertices * scale, normals=_unit(self.normals / scale))


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh of several; the part number is the place in `meshes`."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.texture for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts[:-1], strict=True)]),
        np.concatenate([np.full(len(mesh.faces), number, np.int64) for number, mesh in enumerate(meshes)]),
    )


def join(*meshes: Mesh) -> Mesh:
    """One mesh of several that are the same part."""
    whole = merge(meshes)
    return replace(whole, part=np.zeros_like(whole.part))


def arc(start: float, end: float, count: int = 12) -> NDArray[np.float64]:
    """(count, 2) points of the unit circle between two angles in radians."""
    angle = np.linspace(start, end, count)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def circle(radius: float, count: int = 16, *, center: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.float64]:
    """(count, 2) corners of a regular polygon, counter-clockwise, first corner along the first axis."""
    angle = np.arange(count) * (2 * np.pi / count)
    return np.asarray(np.column_stack([np.cos(angle), np.sin(angle)]) * radius + np.array(center))


def rotation(axis: str, angle: float) -> Array:
    """(3, 3) rotation matrix about the axis 'x', 'y' or 'z' by `angle` radians."""
    c, s = np.cos(angle), np.sin(angle)
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3, dtype=np.float32)
    matrix[first, first] = matrix[second, second] = c
    matrix[first, second], matrix[second, first] = -s, s
    return matrix


def lathe(profile: ArrayLike, segments: int = 24, longest: float = 0.05) -> Mesh:
    """Solid of revolution about z.

    Args:
        profile: (P, 2) radius and height; from the bottom of the axis outwards and up, then inwards: the outside of the
            solid lies to the right of the way along it.
        segments: Facets around the axis.
        longest: Facets are split until they are at most this high, in metres.
    """
    points = np.asarray(profile, np.float64)
    steps = np.diff(points, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    points, steps = points[np.r_[True, lengths > 1e-9]], steps[lengths > 1e-9]
    lengths = lengths[lengths > 1e-9]
    directions = steps / lengths[:, None]
    angle = np.linspace(0.0, 2.0 * np.pi, segments + 1)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    mean_radius = float(np.average((points[1:, 0] + points[:-1, 0]) / 2, weights=lengths))
    pieces = []
    travelled = 0.0
    for start, end in _smooth_runs(directions, closed=False):
        run, heights = points[start : end + 1], np.r_[0.0, np.cumsum(lengths[start:end])]
        tangents = _vertex_tangents(directions[start:end])
        count = [max(1, int(np.ceil(length / longest))) for length in lengths[start:end]]
        at = np.concatenate([np.linspace(i, i + 1, n, endpoint=False) for i, n in enumerate(count)] + [[len(count)]])
        knots = np.arange(len(run))
        radius, z, arc, tr, tz = (
            np.interp(at, knots, column) for column in (run[:, 0], run[:, 1], heights, tangents[:, 0], tangents[:, 1])
        )
        ones = np.ones(segments + 1)
        vertices = np.stack([np.outer(radius, around[:, 0]), np.outer(radius, around[:, 1]), np.outer(z, ones)], -1)
        normals = np.stack([np.outer(tz, around[:, 0]), np.outer(tz, around[:, 1]), np.outer(-tr, ones)], -1)
        texture = np.stack([np.outer(np.ones(len(at)), angle * mean_radius), np.outer(travelled + arc, ones)], -1)
        pieces.append(_grid(vertices, normals, texture))
        travelled += heights[-1]
    return join(*pieces)


def extrude(outlines: Sequence[ArrayLike], thickness: float, longest: float = 0.02) -> Mesh:
    """Flat shape standing in the y-z plane, `thickness` metres thick along x.

    Args:
        outlines: (P, 2) closed polygons in y and z; the first is the outside, counter-clockwise, the others are holes,
            clockwise.
        thickness: Metres.
        longest: Edges are split until they are at most this long, in metres.
    """
    rings = [_resampled(np.asarray(outline, np.float64), longest) for outline in outlines]
    corners = np.concatenate(rings)
    triangles = Delaunay(corners).simplices
    middles = corners[triangles].mean(axis=1)
    inside = np.array([_is_inside(rings, middle) for middle in middles])
    a, b, c = (corners[triangles[:, i]] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    triangles = triangles[inside & (np.abs(area) > 1e-12)].astype(np.int64)
    half = thickness / 2
    pieces = []
    for side in (1.0, -1.0):
        vertices = np.column_stack([np.full(len(corners), side * half), corners])
        normals = np.tile([side, 0.0, 0.0], (len(corners), 1))
        pieces.append(_mesh(vertices, normals, corners, triangles if side > 0 else triangles[:, ::-1]))
    for ring in rings:
        closed = np.concatenate([ring, ring[:1]])
        steps = np.diff(closed, axis=0)
        lengths = np.hypot(steps[:, 0], steps[:, 1])
        directions = steps / lengths[:, None]
        arc = np.r_[0.0, np.cumsum(lengths)]
        for start, end in _smooth_runs(directions, closed=True):
            index = np.arange(start, end + 1) % len(ring)
            tangents = _vertex_tangents(directions[np.arange(start, end) % len(ring)])
            edge = ring[index]
            vertices = np.stack([np.column_stack([np.full(len(edge), x), edge]) for x in (-half, half)])
            outward = np.column_stack([np.zeros(len(edge)), tangents[:, 1], -tangents[:, 0]])
            length = np.interp(np.arange(start, end + 1), np.arange(len(arc)), arc)
            texture = np.stack([np.column_stack([length, np.full(len(edge), x)]) for x in (-half, half)])
            pieces.append(_grid(vertices, np.stack([outward, outward]), texture))
    return join(*pieces)


def tube(path: ArrayLike, radius: ArrayLike, sides: int = 10, *, closed: bool = False) -> Mesh:
    """Round bar swept along a path.

    Args:
        path: (P, 3) points in metres.
        radius: One radius or (P,) radii, metres.
        sides: Facets around the path.
        closed: The end of the path is joined to its start; otherwise both ends are rounded off.
    """
    points = np.asarray(path, np.float64)
    radii = np.broadcast_to(np.asarray(radius, np.float64), len(points)).copy()
    if closed:
        points, radii = np.concatenate([points, points[:1]]), np.append(radii, radii[0])
    tangents = np.gradient(points, axis=0)
    if closed:
        tangents[0] = tangents[-1] = points[1] - points[-2]
    tangents = _unit(tangents)
    helper = np.eye(3)[int(np.argmin(np.abs(tangents).sum(axis=0)))]
    first = np.cross(tangents, helper)
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    second = np.cross(tangents, first)
    slope = np.zeros(len(points)) if len(points) < 2 else np.gradient(radii)
    arc = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    run = np.maximum(np.gradient(arc), 1e-9)
    if not closed:
        tips = []
        for end, sign in ((0, -1.0), (-1, 1.0)):
            tips.append((points[end] + sign * tangents[end] * radii[end] * 0.5, sign))
        points = np.concatenate([[tips[0][0]], points, [tips[1][0]]])
        radii = np.r_[0.0, radii, 0.0]
        first, second = (np.concatenate([frame[:1], frame, frame[-1:]]) for frame in (first, second))
        tangents = np.concatenate([tangents[:1], tangents, tangents[-1:]])
        slope, run = np.r_[1e3, slope, -1e3], np.r_[1.0, run, 1.0]
        arc = np.r_[arc[0], arc, arc[-1]]
    angle = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    radial = np.cos(angle)[None, :, None] * first[:, None, :] + np.sin(angle)[None, :, None] * second[:, None, :]
    vertices = points[:, None, :] + radii[:, None, None] * radial
    normals = _unit(radial - (slope / run)[:, None, None] * tangents[:, None, :])
    mean = float(radii.mean())
    texture = np.stack(
        [np.broadcast_to(angle * mean, vertices.shape[:2]), np.broadcast_to(arc[:, None], vertices.shape[:2])], -1
    )
    return _grid(vertices, normals, texture)


def ball(radii: ArrayLike, segments: int = 24) -> Mesh:
    """Ellipsoid about the origin with half axes `radii` (3,) in metres."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    scale = np.asarray(radii, np.float64)
    size = float(scale.max())
    sphere = lathe(np.column_stack([size * np.cos(angle), size * np.sin(angle)]), segments, longest=size)
    return sphere.stretched(scale / size)


def box(size: ArrayLike, rounding: float = 0.002, cells: int = 3) -> Mesh:
    """Box about the origin with edge lengths `size` (3,) and edges rounded off by `rounding` metres."""
    half = np.asarray(size, np.float64) / 2
    core = half - rounding
    pieces = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        lines = [np.r_[-half[i], np.linspace(-core[i], core[i], cells + 1), half[i]] for i in (u, v)]
        grid_u, grid_v = np.meshgrid(*lines, indexing="ij")
        for side in (1.0, -1.0):
            cube = np.zeros((*grid_u.shape, 3))
            cube[..., u], cube[..., v], cube[..., axis] = grid_u, grid_v, side * half[axis]
            inner = np.clip(cube, -core, core)
            normals = _unit(cube - inner)
            texture = np.stack([grid_u, grid_v], -1)
            piece = _grid(inner + rounding * normals, normals, texture)
            pieces.append(piece if side < 0 else replace(piece, faces=piece.faces[:, ::-1]))
    return join(*pieces)


def _mesh(vertices: ArrayLike, normals: ArrayLike, texture: ArrayLike, faces: NDArray[np.int64]) -> Mesh:
    vertices_V3 = np.ascontiguousarray(vertices, np.float32)
    return Mesh(
        vertices_V3,
        _unit(np.asarray(normals, np.float32)),
        np.ascontiguousarray(texture, np.float32),
        np.ascontiguousarray(faces),
        np.zeros(len(faces), np.int64),
    )


def _grid(vertices: Points, normals: Points, texture: Points) -> Mesh:
    """Mesh of a (M, N, 3) grid of points whose outside is at the right of its rows' direction."""
    rows, columns = vertices.shape[:2]
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None, :]).ravel()
    right, below, across = corner + 1, corner + columns, corner + columns + 1
    faces = np.concatenate([np.column_stack([corner, right, across]), np.column_stack([corner, across, below])])
    flat = vertices.reshape(-1, 3)
    a, b, c = (flat[faces[:, i]] for i in range(3))
    solid = np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-14
    return _mesh(flat, normals.reshape(-1, 3), texture.reshape(-1, 2), faces[solid].astype(np.int64))


def _smooth_runs(directions: NDArray[np.float64], *, closed: bool) -> list[tuple[int, int]]:
    """Ranges of edges, as first and last point, that are shaded as one smooth curve."""
    following = np.roll(directions, -1, axis=0)
    sharp = np.einsum("ij,ij->i", directions, following) < np.cos(np.radians(CREASE_DEGREES))
    count = len(directions)
    if not closed:
        breaks = [0, *(np.flatnonzero(sharp[:-1]) + 1), count]
        return [(int(a), int(b)) for a, b in pairwise(breaks)]
    corners = np.flatnonzero(sharp) + 1
    if len(corners) == 0:
        return [(0, count)]
    return [(int(a), int(b)) for a, b in pairwise([*corners, corners[0] + count])]


def _vertex_tangents(directions: NDArray[np.float64]) -> Array:
    mean = np.concatenate([directions[:1], directions[1:] + directions[:-1], directions[-1:]])
    return _unit(mean)


def _resampled(ring: NDArray[np.float64], longest: float) -> NDArray[np.float64]:
    points = []
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        count = max(1, int(np.ceil(np.hypot(*(b - a)) / longest)))
        points.append(a + (b - a) * (np.arange(count) / count)[:, None])
    return np.concatenate(points)


def _is_inside(rings: list[NDArray[np.float64]], point: NDArray[np.float64]) -> bool:
    place = (float(point[0]), float(point[1]))
    within = [cv2.pointPolygonTest(ring.astype(np.float32), place, False) for ring in rings]
    return within[0] > 0 and all(hole < 0 for hole in within[1:])


def _unit(vectors: Points) -> Array:
    norm = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norm, 1e-12), np.float32)
