from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tiny_bundle import DIMENSION, encoder_network, write_tiny_bundle  # noqa: E402

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.inference.bundle import load_bundle  # noqa: E402
from omnibind_ros.inference.embedding import Embedding  # noqa: E402
from omnibind_ros.inference.encoder import Encoder  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from omnibind_ros.pipeline.recognition import RecognitionPipeline  # noqa: E402
from omnibind_ros.pipeline.resources import backend_maker  # noqa: E402
from omnibind_ros.preprocessing.model_input import ModelInput  # noqa: E402
from training.projection.add_modality import add_modality, settings_of_modality  # noqa: E402
from training.projection.projector import Projector, TrainedProjector  # noqa: E402

TOUCH = settings_of_modality(Modality.TOUCH, "compact", None)


def projector(size: int = DIMENSION, modality: Modality = Modality.TOUCH) -> TrainedProjector:
    torch.manual_seed(0)
    return TrainedProjector(Projector(20, size, 32), modality, {Modality.IMAGE: torch.tensor(-2.0)})


@pytest.fixture
def backbone(tmp_path) -> Path:
    file = tmp_path / "backbone.onnx"
    file.write_bytes(encoder_network(TOUCH.input_shape, dimension=20))
    return file


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "bundle.yaml"}


def test_one_encoder_is_added_and_every_other_file_stays_as_it_was(tmp_path, backbone):
    old = write_tiny_bundle(tmp_path / "tiny")
    before = contents(tmp_path / "tiny")
    new = add_modality(old, tmp_path / "tiny", projector(), backbone, TOUCH)
    after = contents(tmp_path / "tiny")
    assert set(after) - set(before) == {"touch.onnx"}
    assert all(after[name] == content for name, content in before.items())
    assert set(new.modalities) == {*old.modalities, Modality.TOUCH}
    assert new.space == old.space
    for modality in old.modalities:
        assert new.description.encoders[modality] == old.description.encoders[modality]
    added = new.description.provenance["added"]["touch"]
    assert added["parity"] < 1e-4
    assert added["temperatures"] == {"image": 0.1353}


def test_the_robot_encodes_and_fuses_the_new_modality(tmp_path, backbone):
    new = add_modality(write_tiny_bundle(tmp_path / "tiny"), tmp_path / "new", projector(), backbone, TOUCH)
    description = new.description.encoders[Modality.TOUCH]
    encoder = Encoder(new, Modality.TOUCH, backend_maker(1)(new.content(description), description.file))
    array = np.random.default_rng(0).random(TOUCH.input_shape).astype(np.float32)
    vector = encoder.encode([ModelInput(array=array, quality=1.0, stamp_ns=0)])[0]
    felt = Embedding("finger", Modality.TOUCH, vector, 1.0, 0, "finger", new.space)
    answer = RecognitionPipeline(new, backend_maker(1), most_labels=2).answer([felt])
    assert answer is not None


def test_a_second_modality_can_follow(tmp_path, backbone):
    first = add_modality(write_tiny_bundle(tmp_path / "tiny"), tmp_path / "tiny", projector(), backbone, TOUCH)
    points = settings_of_modality(Modality.POINT, "compact", None)
    backbone.write_bytes(encoder_network(points.input_shape, dimension=20))
    trained = projector(modality=Modality.POINT)
    second = add_modality(first, tmp_path / "tiny", trained, backbone, points)
    assert set(second.description.provenance["added"]) == {"touch", "point"}
    assert load_bundle(tmp_path / "tiny").modalities == second.modalities


@pytest.mark.parametrize(
    ("trained", "problem"),
    [
        (projector(modality=Modality.IMAGE), "has an encoder for image already"),
        (projector(modality=Modality.TEXT), "tokenizer"),
        (projector(size=DIMENSION + 1), "has 16 dimensions"),
    ],
)
def test_what_does_not_fit_leaves_the_bundle_alone(tmp_path, backbone, trained, problem):
    old = write_tiny_bundle(tmp_path / "tiny")
    before = contents(tmp_path / "tiny")
    with pytest.raises(ConfigurationError, match=problem):
        add_modality(old, tmp_path / "tiny", trained, backbone, TOUCH)
    assert contents(tmp_path / "tiny") == before


def test_a_backbone_of_another_input_is_named(tmp_path, backbone):
    backbone.write_bytes(encoder_network((7,), dimension=20))
    with pytest.raises(ConfigurationError, match="backbone.onnx.*preprocessing"):
        add_modality(write_tiny_bundle(tmp_path / "tiny"), tmp_path / "new", projector(), backbone, TOUCH)


def test_preprocessing_comes_from_a_preset_or_a_file(tmp_path):
    file = tmp_path / "touch.yaml"
    file.write_text(str(TOUCH.model_dump(mode="json")))
    assert settings_of_modality(Modality.TOUCH, "", file) == TOUCH
    with pytest.raises(ConfigurationError, match="no preset `huge`"):
        settings_of_modality(Modality.TOUCH, "huge", None)
    file.write_text("{name: mine, speed: 3}")
    with pytest.raises(ConfigurationError, match="touch.yaml.*preprocessing of touch"):
        settings_of_modality(Modality.TOUCH, "", file)
