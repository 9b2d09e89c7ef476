import numpy as np
import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS, OBJECT_CLASSES, make_object


def test_there_are_many_objects_with_names_of_their_own() -> None:
    assert len(LABELS) >= 24
    assert len(set(LABELS)) == len(LABELS)
    assert len({kind.description for kind in OBJECT_CLASSES}) == len(OBJECT_CLASSES)


@pytest.mark.parametrize("label", LABELS)
def test_an_instance_is_known_by_label_and_seed(label: str) -> None:
    first, again, held_out = make_object(label, 5), make_object(label, 5), make_object(label, HELD_OUT_SEED + 5)
    assert np.array_equal(first.mesh.vertices, again.mesh.vertices)
    assert first.warmth == again.warmth
    assert first.vibration == again.vibration
    assert first.size_m != held_out.size_m


@pytest.mark.parametrize("label", LABELS)
def test_objects_stand_on_the_ground_over_the_origin(label: str) -> None:
    thing = make_object(label, 2)
    low, high = thing.mesh.vertices.min(axis=0), thing.mesh.vertices.max(axis=0)
    assert low[2] == pytest.approx(0.0, abs=1e-5)
    assert np.allclose(low[:2], -high[:2], atol=1e-5)
    assert thing.size_m == pytest.approx(float((high - low).max()))
    assert thing.radius_m >= thing.size_m / 2 - 1e-5


def test_an_unknown_label_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"spaceship.*wine glass"):
        make_object("spaceship", 0)
