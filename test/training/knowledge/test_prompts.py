import pytest

from omnibind_ros.modality import Modality
from training.knowledge.prompts import ASPECTS, SENSORS, category_prompt, item_prompt

SENSED = [modality for modality in Modality if modality is not Modality.TEXT]


def of_item(modality: Modality, *, pictured: bool, captions=("a red mug",), attributes=("one handle",)) -> str:
    return item_prompt("mug", modality, captions, attributes, count=1, words=12, pictured=pictured)


def test_a_label_is_asked_about_as_in_the_paper_with_what_is_known_of_it():
    prompt = category_prompt("wine glass", ["thin", "on a stem"], count=20, words=9, aspect=ASPECTS[0])
    assert 'Write 20 different sentences related to this sentence: "A photo of a wine glass".' in prompt
    assert "thin; on a stem" in prompt
    assert "at most 9 words" in prompt
    assert ASPECTS[0] in prompt


def test_nothing_is_said_of_attributes_where_there_are_none():
    assert "Known" not in category_prompt("mug", [], count=20, words=9, aspect=ASPECTS[0])


@pytest.mark.parametrize("modality", SENSED)
def test_every_sensor_is_told_with_what_it_shows_and_hides(modality):
    assert modality in SENSORS
    for pictured in (True, False):
        prompt = of_item(modality, pictured=pictured)
        assert SENSORS[modality].shows in prompt
        assert "a red mug; one handle" in prompt
        assert ("picture" in prompt) == pictured


def test_a_photo_of_another_sensor_is_no_recording_of_this_one():
    assert "The picture is the recording" in of_item(Modality.IMAGE, pictured=True)
    heat = of_item(Modality.THERMAL, pictured=True)
    assert "degrees Celsius" in heat
    assert "colour and print cannot be known from it" in heat


def test_labels_have_their_article_and_several_sentences_their_lines():
    prompt = item_prompt("apple", Modality.AUDIO, [], [], count=3, words=12, pictured=False)
    assert "recorded an apple" in prompt
    assert "3 sentences, one a line" in prompt
