import pytest

from omnibind_ros.modality import Modality
from training.config import full, quick


def test_the_quick_preset_asks_for_less_of_everything():
    whole, tiny = full(), quick()
    assert tiny.simulate.train_per_label < whole.simulate.train_per_label
    assert tiny.teach.epochs < whole.teach.epochs
    assert tiny.distil.epochs < whole.distil.epochs
    assert tiny.fuse.steps < whole.fuse.steps


def test_text_is_no_sensor():
    assert Modality.TEXT in full().modalities
    assert Modality.TEXT not in full().sensed


def test_settings_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        full().seed = 3
