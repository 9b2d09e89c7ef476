from collections.abc import Collection, Mapping, Sequence

import pytest

from omnibind_ros.fusion.source_state import LivenessSettings
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.discovery import FORGET_AFTER_S, MOST_SOURCES, DiscoverRule, Discovery
from omnibind_ros.pipeline.source_settings import SourceSettings

IMAGE = ["sensor_msgs/msg/Image"]
CLOUD = ["sensor_msgs/msg/PointCloud2"]


def rule(
    topic: str = "/*/image_raw", modality: Modality = Modality.IMAGE, type_name: str = "", ttl_s: float = 0.5
) -> DiscoverRule:
    template = SourceSettings("cameras", modality, topic, LivenessSettings(ttl_s, 0.5, 1.0))
    return DiscoverRule("cameras", topic, type_name, template)


class World:
    """Topics that come and go, and a clock."""

    def __init__(self, namespace: str = "/") -> None:
        self.discovery = Discovery(namespace)
        self.now_s = 1000.0

    def look(
        self,
        topics: Mapping[str, Sequence[str]],
        *rules: DiscoverRule,
        unpublished: Collection[str] = (),
        taken_topics: Collection[str] = (),
        taken_names: Collection[str] = (),
    ) -> list[str]:
        self.discovery.update(
            topics,
            lambda topic: topic not in unpublished,
            rules or (rule(),),
            taken_topics=taken_topics,
            taken_names=taken_names,
            now_s=self.now_s,
        )
        return [source.name for source in self.discovery.sources]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_every_topic_that_matches_becomes_a_source_named_after_it(world: World, count: int) -> None:
    topics = {f"/camera_{number}/image_raw": IMAGE for number in range(count)}
    assert world.look(topics) == [f"camera_{number}_image_raw" for number in range(count)]
    assert [source.topic for source in world.discovery.sources] == list(topics)
    assert {source.modality for source in world.discovery.sources} == {Modality.IMAGE}


def test_what_matches_in_name_only_or_in_type_only_does_not(world: World) -> None:
    assert world.look({"/lidar/image_raw": CLOUD, "/camera/info": IMAGE}) == []


def test_a_rule_may_name_one_of_the_types(world: World) -> None:
    compressed = "sensor_msgs/msg/CompressedImage"
    topics = {"/a/image": IMAGE, "/a/image/compressed": [compressed]}
    assert world.look(topics, rule("/a/*", type_name=compressed)) == ["a_image_compressed"]


def test_a_topic_that_is_only_listened_to_is_no_source(world: World) -> None:
    assert world.look({"/a/image_raw": IMAGE}, unpublished=["/a/image_raw"]) == []


def test_what_is_configured_is_never_claimed(world: World) -> None:
    topics = {"/a/image_raw": IMAGE, "/b/image_raw": IMAGE}
    assert world.look(topics, taken_topics=["/a/image_raw"]) == ["b_image_raw"]
    assert world.look(topics, taken_topics=["/a/image_raw", "/b/image_raw"]) == []


def test_the_first_rule_that_matches_counts(world: World) -> None:
    world.look({"/a/image_raw": IMAGE}, rule("/a/*", Modality.THERMAL), rule())
    assert world.discovery.sources[0].modality is Modality.THERMAL


def test_it_leaves_some_seconds_after_its_topic(world: World) -> None:
    topics = {"/a/image_raw": IMAGE}
    world.look(topics)
    world.now_s += FORGET_AFTER_S
    assert world.look({}) == ["a_image_raw"]
    assert world.look(topics) == ["a_image_raw"]
    world.now_s += FORGET_AFTER_S + 0.1
    assert world.look({}) == []


def test_it_follows_a_rule_that_changes_and_leaves_with_it(world: World) -> None:
    topics = {"/a/image_raw": IMAGE}
    world.look(topics)
    world.look(topics, rule(ttl_s=3.0))
    assert world.discovery.sources[0].liveness.ttl_s == 3.0
    assert world.look(topics, rule("/elsewhere/*")) == []


def test_names_are_unique_and_keep(world: World) -> None:
    both = {"/a/b/image_raw": IMAGE, "/a_b/image_raw": IMAGE}
    assert world.look(both, taken_names=["a_b_image_raw"]) == ["a_b_image_raw_2", "a_b_image_raw_3"]
    assert world.look({"/a_b/image_raw": IMAGE}) == ["a_b_image_raw_2", "a_b_image_raw_3"]
    world.now_s += FORGET_AFTER_S + 1
    assert world.look({"/a_b/image_raw": IMAGE}) == ["a_b_image_raw_3"]


def test_the_namespace_is_left_out_of_the_name() -> None:
    assert World("/robot").look({"/robot/eye/image_raw": IMAGE}) == ["eye_image_raw"]


@pytest.mark.parametrize("topic", ["/_1/image_raw", "/__/image_raw", "/a__b/image_raw"])
def test_every_name_can_be_part_of_a_topic(world: World, topic: str) -> None:
    (name,) = world.look({topic: IMAGE})
    assert name[0].isalpha()
    assert "__" not in name


def test_a_pattern_that_is_too_wide_does_not_take_the_computer_down(world: World) -> None:
    assert len(world.look({f"/camera_{number}/image_raw": IMAGE for number in range(1000)})) == MOST_SOURCES
