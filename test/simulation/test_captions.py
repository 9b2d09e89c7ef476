import pytest

from omnibind_ros.simulation.captions import captions, hint, temperature_word
from omnibind_ros.simulation.objects import LABELS, make_object


@pytest.mark.parametrize("label", LABELS)
def test_the_first_caption_names_the_object_and_a_hint_never_does(label: str) -> None:
    thing = make_object(label, 7)
    assert captions(thing)[0].startswith("a photo of a ")
    assert captions(thing)[0].endswith(label)
    assert label not in hint(thing)


def test_captions_tell_the_true_attributes() -> None:
    mug = next(thing for seed in range(50) if (thing := make_object("mug", seed)).color == "red")
    assert any("red" in caption for caption in captions(mug))
    assert temperature_word(mug) in {"warm", "hot"}
    assert temperature_word(make_object("bottle", 0)) == "cold"
    assert temperature_word(make_object("kettle", 0)) == "hot"
    assert temperature_word(make_object("gear", 0)) == "room-temperature"
