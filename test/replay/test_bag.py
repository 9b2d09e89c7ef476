from pathlib import Path

import pytest
from recorded_bag import START_NS, TYPES, entry, every, frame, sensors, text, write_bag
from rosbags.rosbag2 import StoragePlugin, Writer

from omnibind_ros.errors import BagError
from omnibind_ros.replay.bag import Bag

STORAGES = (StoragePlugin.MCAP, StoragePlugin.SQLITE3)


def read(path: Path) -> list[tuple[int, str]]:
    with Bag(path) as bag:
        return [(one.received_ns, one.topic.name) for one in bag.messages(bag.topics)]


@pytest.mark.parametrize("storage", STORAGES)
def test_messages_come_in_the_order_they_were_received_in(tmp_path: Path, storage: StoragePlugin) -> None:
    write_bag(tmp_path / "bag", sensors(until_s=0.5), storage=storage)
    with Bag(tmp_path / "bag") as bag:
        assert {topic.name: topic.messages for topic in bag.topics} == {
            "/camera/image_raw": 10,
            "/microphone/audio_stamped": 5,
            "/thermal/image_raw": 5,
        }
        assert bag.start_ns == START_NS
        assert bag.end_ns == START_NS + 450_000_000
        times = [one.received_ns for one in bag.messages(bag.topics)]
    assert len(times) == 20
    assert times == sorted(times)


@pytest.mark.parametrize("storage", STORAGES)
def test_a_single_file_and_a_folder_without_description_are_bags_too(tmp_path: Path, storage: StoragePlugin) -> None:
    folder = write_bag(tmp_path / "bag", sensors(until_s=0.3), storage=storage)
    whole = read(folder)
    file = next(path for path in folder.iterdir() if path.suffix in {".mcap", ".db3"})
    assert read(file) == whole
    (folder / "metadata.yaml").unlink()
    assert read(folder) == whole


def test_only_the_topics_asked_for_are_read(bag_path: Path) -> None:
    with Bag(bag_path) as bag:
        thermal = tuple(topic for topic in bag.topics if "thermal" in topic.name)
        assert {one.topic.name for one in bag.messages(thermal)} == {"/thermal/image_raw"}
        assert list(bag.messages(())) == []


def test_a_topic_that_changed_its_type_is_two(tmp_path: Path) -> None:
    write_bag(tmp_path / "bag", [*every(0.1, 0.3, "/eye", frame), entry(0.5, "/eye", lambda _: text("now a prompt"))])
    with Bag(tmp_path / "bag") as bag:
        assert [(topic.name, topic.message_type) for topic in bag.topics] == [
            ("/eye", "sensor_msgs/msg/Image"),
            ("/eye", "std_msgs/msg/String"),
        ]
        assert [one.message.data for one in bag.messages(bag.topics[1:])] == ["now a prompt"]


def test_messages_that_are_not_of_their_type_are_counted_and_left_out(tmp_path: Path) -> None:
    with Writer(tmp_path / "bag", version=9) as writer:
        connection = writer.add_connection("/eye", "sensor_msgs/msg/Image", typestore=TYPES)
        for number, data in enumerate((b"", b"\x00\x01\x00\x00", b"\x00\x01\x00\x00" + b"\xff" * 60)):
            writer.write(connection, START_NS + number, data)
        image = frame(START_NS)
        writer.write(connection, START_NS + 9, TYPES.serialize_cdr(image, image.__msgtype__))
    with Bag(tmp_path / "bag") as bag:
        assert [one.received_ns for one in bag.messages(bag.topics)] == [START_NS + 9]
        assert bag.unreadable == {"/eye": 3}


def test_an_empty_bag_is_none_the_worse(tmp_path: Path) -> None:
    with Writer(tmp_path / "bag", version=9, storage_plugin=StoragePlugin.MCAP):
        pass
    assert read(tmp_path / "bag") == []


def test_what_is_no_bag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BagError, match="there is no such file"):
        read(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BagError, match="holds no bag"):
        read(tmp_path / "empty")
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(BagError, match="cannot be read"):
        read(tmp_path / "notes.txt")


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_bag_cut_short_is_refused_with_a_remedy(tmp_path: Path, storage: StoragePlugin, share: float) -> None:
    folder = write_bag(tmp_path / "bag", sensors(until_s=0.5), storage=storage)
    file = next(path for path in folder.iterdir() if path.suffix in {".mcap", ".db3"})
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BagError, match="ros2 bag reindex"):
        read(folder)


def test_a_damaged_description_is_named(tmp_path: Path) -> None:
    folder = write_bag(tmp_path / "bag", sensors(until_s=0.2))
    for content in ("{", "[]", "rosbag2_bagfile_information: {version: 99}", "\x00"):
        (folder / "metadata.yaml").write_text(content)
        with pytest.raises(BagError, match="cannot be read"):
            read(folder)


def test_a_description_of_another_bag_does_not_pass_as_an_empty_one(tmp_path: Path) -> None:
    folder = write_bag(tmp_path / "bag", every(0.1, 0.5, "/eye", frame))
    description = folder / "metadata.yaml"
    description.write_text(description.read_text().replace("/eye", "/ear"))
    with pytest.raises(BagError, match=r"take that file away"):
        read(folder)
    description.unlink()
    assert len(read(folder)) == 5


def test_real_bags_are_read(recordings: Path) -> None:
    for name, messages in (("test_events_1", 517), ("test_events_2", 100)):
        assert len(read(recordings / "event" / "rosbag" / name)) == messages
