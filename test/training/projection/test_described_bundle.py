import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

import numpy as np
from tiny_bundle import write_tiny_bundle

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import load_bundle
from training.projection.described_bundle import write_described


@pytest.fixture
def bundle(tmp_path):
    write_tiny_bundle(tmp_path / "tiny")
    return load_bundle(tmp_path / "tiny")


def test_only_the_labels_change(bundle, tmp_path):
    centre_KkD = np.repeat(np.eye(bundle.dimension, dtype=np.float32)[:2, None], 3, axis=1)
    written = write_described(bundle, tmp_path / "workshop", ("claw hammer", "mallet"), centre_KkD)
    assert written.name == "workshop"
    assert written.description.labels.names == ("claw hammer", "mallet")
    np.testing.assert_array_equal(written.centres_KkD, centre_KkD)
    assert written.space == bundle.space
    assert written.description.encoders == bundle.description.encoders
    assert written.description.calibration == bundle.description.calibration
    card = written.content(written.description.model_card).decode()
    assert "claw hammer, mallet" in card


def test_a_bundle_does_not_replace_itself(bundle):
    with pytest.raises(ConfigurationError, match="--into"):
        write_described(bundle, bundle.folder, ("one", "two"), bundle.centres_KkD)
