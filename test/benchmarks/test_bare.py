import numpy as np

from benchmarks.bare import BarePath
from benchmarks.preprocessing.frames import fields, photo
from benchmarks.robot import default_bundle


def test_an_image_becomes_a_unit_vector() -> None:
    bundle = default_bundle()
    fusion = BarePath(bundle)(fields(photo(), "rgb8"))
    assert fusion.vector.shape == (bundle.dimension,)
    assert np.isclose(np.linalg.norm(fusion.vector), 1.0, atol=1e-3)
    assert fusion.weights == (1.0,)
