import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.config import TrainingConfig
from training.config_file import load_config, save_config, shipped_configs, shipped_path


def test_shipped_configurations_load_and_sim_is_the_default():
    configs = {name: load_config(shipped_path(name)) for name in shipped_configs()}
    assert configs["sim"] == TrainingConfig()
    assert configs["quick"].simulate.train_per_label < configs["sim"].simulate.train_per_label
    assert configs["quick"].name != configs["sim"].name


def test_a_written_configuration_comes_back_equal(tmp_path):
    config = load_config(shipped_path("quick"), ["seed=7", "modalities=[image, touch]", "distil.share.touch=0.1"])
    save_config(config, tmp_path / "config.yaml")
    assert load_config(tmp_path / "config.yaml") == config
    assert config.modalities == (Modality.IMAGE, Modality.TOUCH)
    assert config.distil.share == {Modality.TOUCH: 0.1}
    assert config.simulate.train_per_label == load_config(shipped_path("quick")).simulate.train_per_label


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("distil.epoch=3", r"unknown key `distil\.epoch`; the valid ones are recipe, size, .*epochs, "),
        ("distill.epochs=3", r"unknown key `distill`; the valid ones are name, seed, modalities"),
        ("distil.epochs=many", r"`distil\.epochs`: .*integer"),
        ("modalities=[smell]", r"`modalities\.0`: .*'image', 'text'"),
        ("simulate.faulty_every=0", r"`simulate\.faulty_every`: .*greater than 0"),
        ("distil=3", "`distil`"),
        ("seed", "section.key=value"),
    ],
)
def test_a_wrong_change_is_refused_by_the_name_of_its_key(change, message):
    with pytest.raises(ConfigurationError, match=message):
        load_config(shipped_path("sim"), [change])


def test_a_wrong_file_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="one of .*quick, sim"):
        load_config(shipped_path("none"))
    (tmp_path / "list.yaml").write_text("[1]")
    with pytest.raises(ConfigurationError, match="not a mapping"):
        load_config(tmp_path / "list.yaml")
    (tmp_path / "broken.yaml").write_text("a: [")
    with pytest.raises(ConfigurationError, match="no YAML"):
        load_config(tmp_path / "broken.yaml")
