import pytest

from omnibind_ros.simulation.captions import captions, hint, temperature_word
from omnibind_ros.simulation.objects import LABELS, make_object


@pytest.mark.parametrize("label", LABELS)
def test_the_first_caption_names_the_object(label: str) -> None:
    thing = make_object(label, 7)
    assert captions(thing)[0].startswith("a photo of a ")
    assert captions(thing)[0].endswith(label)


def test_a_hint_tells_how_the_object_is_without_naming_it() -> None:
    kettle = make_object("kettle", 1)
    assert "hot" in hint(kettle)
    assert kettle.color in hint(kettle)
    assert "kettle" not in hint(kettle)


def test_captions_tell_the_true_attributes() -> None:
    mug = next(thing for seed in range(50) if (thing := make_object("mug", seed)).color == "red")
    assert any("red" in caption for caption in captions(mug))
    assert temperature_word(mug) in {"warm", "hot"}
    assert temperature_word(make_object("bottle", 0)) == "cold"
    assert temperature_word(make_object("kettle", 0)) == "hot"
    assert temperature_word(make_object("gear", 0)) == "room-temperature"
