import numpy as np
import pytest

from omnibind_ros.simulation import tableware
from omnibind_ros.simulation.materials import MATERIALS
from omnibind_ros.simulation.objects import OBJECT_CLASSES, ObjectClass, make_object
from omnibind_ros.simulation.reliefs import RELIEFS

CLASSES = [kind for kind in OBJECT_CLASSES if kind.blueprint.__module__ == tableware.__name__]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.label)
def test_every_instance_is_a_solid_thing_of_known_materials(kind: ObjectClass) -> None:
    for seed in range(4):
        thing = make_object(kind.label, seed)
        mesh = thing.mesh
        a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
        outward = np.einsum("fd,fd->f", np.cross(b - a, c - a), mesh.normals[mesh.faces].mean(axis=1))
        assert (outward > 0).all()
        assert np.isfinite(mesh.vertices).all()
        assert 0.05 < thing.size_m < 0.6
        assert all(part.material in MATERIALS and part.relief in RELIEFS for part in thing.parts)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.label)
def test_instances_differ_in_size_and_colour(kind: ObjectClass) -> None:
    things = [make_object(kind.label, seed) for seed in range(4)]
    assert len({thing.size_m for thing in things}) == 4
    assert len({thing.parts[0].color for thing in things}) > 1
