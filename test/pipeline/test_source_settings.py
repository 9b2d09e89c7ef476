import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.source_settings import MESSAGE_TYPES, modality_named, supported_type


@pytest.mark.parametrize("modality", Modality)
def test_a_modality_is_found_by_its_name(modality: Modality) -> None:
    assert modality_named(str(modality), source="x") is modality


@pytest.mark.parametrize("name", ["smell", "", "Image", "camera"])
def test_an_unknown_modality_is_refused_with_the_source_and_what_there_is(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^nose: there is no modality .*`nose\.modality` to one of image,"):
        modality_named(name, source="nose")


@pytest.mark.parametrize("modality", Modality)
def test_every_modality_can_be_received(modality: Modality) -> None:
    for name in MESSAGE_TYPES[modality]:
        assert supported_type(modality, ["std_msgs/msg/Empty", name]) == name


def test_other_types_are_not_supported() -> None:
    assert supported_type(Modality.IMAGE, ["sensor_msgs/msg/PointCloud2"]) is None
    assert supported_type(Modality.IMAGE, []) is None
