from pathlib import Path

from omnibind_ros.modality import Modality
from omnibind_ros.replay.bag import Topic
from omnibind_ros.replay.bag_sources import guessed_configuration, sources_in
from omnibind_ros.replay.configuration import configuration, read_configuration

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "perception.yaml"


def topic(name: str, message_type: str) -> Topic:
    return Topic(name, message_type, 1)


def guessed(*topics: Topic) -> dict[str, Modality]:
    return {source.topic: source.modality for source in sources_in(guessed_configuration(), topics, "")}


def test_types_and_names_tell_what_a_sensor_is() -> None:
    image = "sensor_msgs/msg/Image"
    assert guessed(
        topic("/front/image_raw", image),
        topic("/flir/thermal/image_raw", image),
        topic("/gripper/gelsight/left", "sensor_msgs/msg/CompressedImage"),
        topic("/events", "event_camera_msgs/msg/EventPacket"),
        topic("/audio", "audio_common_msgs/msg/AudioStamped"),
        topic("/velodyne_points", "sensor_msgs/msg/PointCloud2"),
        topic("/prompt", "std_msgs/msg/String"),
    ) == {
        "/front/image_raw": Modality.IMAGE,
        "/flir/thermal/image_raw": Modality.THERMAL,
        "/gripper/gelsight/left": Modality.TOUCH,
        "/events": Modality.EVENT,
        "/audio": Modality.AUDIO,
        "/velodyne_points": Modality.POINT,
        "/prompt": Modality.TEXT,
    }


def test_what_is_no_sensor_is_no_source() -> None:
    assert not guessed(
        topic("/robot_description", "std_msgs/msg/String"),
        topic("/camera/depth/image_raw", "sensor_msgs/msg/Image"),
        topic("/embedding/camera", "sensor_msgs/msg/PointCloud2"),
        topic("/fused_embedding", "sensor_msgs/msg/PointCloud2"),
        topic("/evidence", "sensor_msgs/msg/PointCloud2"),
        topic("/tf", "tf2_msgs/msg/TFMessage"),
        topic("/recognition", "vision_msgs/msg/Classification"),
    )


def test_a_picture_is_used_once_when_it_comes_compressed_too() -> None:
    found = guessed(
        topic("/camera/image_raw", "sensor_msgs/msg/Image"),
        topic("/camera/image_raw/compressed", "sensor_msgs/msg/CompressedImage"),
    )
    assert set(found) == {"/camera/image_raw"}
    only = guessed(topic("/camera/image_raw/compressed", "sensor_msgs/msg/CompressedImage"))
    assert set(only) == {"/camera/image_raw/compressed"}


def test_a_hint_lasts() -> None:
    (prompt,) = sources_in(guessed_configuration(), [topic("/prompt", "std_msgs/msg/String")], "")
    assert prompt.liveness.ttl_s == 3.0


def test_configured_sources_are_there_whether_the_bag_has_their_topic_or_not() -> None:
    topics = [topic("/robot/camera/image_raw", "sensor_msgs/msg/Image"), topic("/other", "sensor_msgs/msg/Image")]
    sources = sources_in(read_configuration(SHIPPED), topics, "/robot")
    assert [source.name for source in sources] == [
        "camera", "thermal", "event", "touch", "microphone", "lidar", "prompt",
    ]  # fmt: skip
    assert all(source.topic.startswith("/robot/") for source in sources)


def test_configured_rules_find_topics_in_the_bag() -> None:
    chosen = configuration(
        {
            "sources": ["eye"],
            "eye.modality": "image",
            "eye.topic": "front",
            "discover": ["eyes"],
            "eyes.modality": "image",
            "eyes.topic": "/cam*",
        }
    )
    image = "sensor_msgs/msg/Image"
    found = sources_in(chosen, [topic("/front", image), topic("/cam1", image), topic("/cam2", image)], "")
    assert [(source.name, source.topic) for source in found] == [
        ("eye", "/front"),
        ("cam1", "/cam1"),
        ("cam2", "/cam2"),
    ]
