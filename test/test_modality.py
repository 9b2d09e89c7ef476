import pytest

from omnibind_ros.modality import Modality


def test_wire_numbers_never_change() -> None:
    # They are in recordings and inside fusion heads.
    assert {str(modality): modality.code for modality in Modality} == {
        "image": 0,
        "text": 1,
        "thermal": 2,
        "event": 3,
        "touch": 4,
        "audio": 5,
        "point": 6,
    }


@pytest.mark.parametrize("modality", Modality)
def test_a_wire_number_names_its_modality(modality: Modality) -> None:
    assert Modality.from_code(modality.code) is modality


@pytest.mark.parametrize("code", [-1, 7, 255])
def test_other_numbers_name_none(code: int) -> None:
    with pytest.raises(ValueError, match=f"no modality has the number {code}"):
        Modality.from_code(code)
