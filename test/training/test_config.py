import pytest
from pydantic import ValidationError

from omnibind_ros.modality import Modality
from training.config import DistilConfig, TrainingConfig


def test_text_is_no_sensor():
    assert Modality.TEXT in TrainingConfig().modalities
    assert Modality.TEXT not in TrainingConfig().sensed


def test_settings_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        TrainingConfig().seed = 3


def test_a_value_of_the_wrong_kind_is_refused_where_it_is_made():
    with pytest.raises(ValidationError, match="batch"):
        DistilConfig(batch="many")


def test_a_modality_may_have_a_size_of_its_own():
    settings = DistilConfig(size="base", sizes={"touch": "nano"})
    assert settings.size_of(Modality.TOUCH) == "nano"
    assert settings.size_of(Modality.IMAGE) == "base"
    with pytest.raises(ValidationError, match="nano"):
        DistilConfig(sizes={"touch": "tiny"})
