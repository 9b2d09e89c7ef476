import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tiny_bundle import write_tiny_bundle  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.benchmark import Throughput, projector_throughput  # noqa: E402


def test_both_ways_are_measured(tmp_path):
    bundle = write_tiny_bundle(tmp_path / "tiny")
    measured = projector_throughput(bundle, Modality.THERMAL, batch=8, steps=2, threads=1)
    assert measured.cached > 0
    assert measured.encoded > 0


def test_the_gain_is_how_many_times_as_fast_the_cached_training_is():
    assert Throughput(cached=300.0, encoded=60.0).gain == 5.0
