"""Spoken or typed hints over real DDS into embeddings and recognitions."""

from collections.abc import Iterator

import pytest
from every_modality import write_bundle_of_every_modality

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from perception_process import Robot, perception
from std_msgs.msg import String

from omnibind_ros.modality import Modality

pytestmark = pytest.mark.ros


@pytest.fixture(scope="module")
def robot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Robot]:
    folder = tmp_path_factory.mktemp("prompts")
    sources = {"prompt": {"modality": "text"}}
    with perception(folder, write_bundle_of_every_modality(folder / "bundle"), sources) as robot:
        yield robot


@pytest.mark.parametrize(
    ("prompt", "quality"), [("the red mug", 1.0), ("a zebra barks", 2 / 3), ("listen to the dog " * 20, 1.0)]
)
def test_a_prompt_is_recognised_as_far_as_its_words_are_known(robot: Robot, prompt: str, quality: float) -> None:
    embedding = robot.recognise("prompt", String(data=prompt))
    assert embedding.modality is Modality.TEXT
    assert embedding.quality == pytest.approx(quality)


@pytest.mark.parametrize("prompt", ["", "Donaudampfschiff"])
def test_a_prompt_without_a_known_word_says_nothing(robot: Robot, prompt: str) -> None:
    assert robot.embed("prompt", String(data=prompt)).quality == 0
