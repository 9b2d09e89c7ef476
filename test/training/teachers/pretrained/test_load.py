import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.teachers.pretrained.load import load_teacher
from training.teachers.pretrained.weights import Weights, find_weights


def test_a_folder_of_transformers_becomes_a_teacher(clip_folder):
    teacher = load_teacher(find_weights(str(clip_folder)), "tiny")
    assert set(teacher.encoders) == {Modality.IMAGE, Modality.TEXT}
    assert teacher.settings[Modality.IMAGE].name == "tiny"


def test_errors_name_the_model(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="^some/model: "):
        load_teacher(Weights(tmp_path, "some/model", None, "mit", {}), "tiny")


def test_a_folder_of_neither_library_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="neither"):
        load_teacher(Weights(tmp_path, "some/model", None, "mit", {}), "tiny")
