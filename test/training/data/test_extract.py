import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from recorded_bag import every, frame, sensors, sound, text, write_bag
from rosbags.rosbag2 import StoragePlugin

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.data.entries import read_table
from training.data.extract import INDEX_FILE, extract
from training.data.recordings import read_recording
from training.data.splits import SPLITS


def write_spans(folder, *lines):
    file = folder / "spans.csv"
    file.write_text("\n".join(["start,end,label", *lines]) + "\n")
    return file


@pytest.mark.parametrize("storage", list(StoragePlugin))
def test_windows_of_every_sensor_become_files_that_belong_together(tmp_path, storage):
    bag = write_bag(tmp_path / "bag", sensors(4.0), storage=storage)
    extracted = extract(bag, write_spans(tmp_path, "0,2,mug", "2.5,4,spoon"), tmp_path / "out")
    assert not extracted.undecodable
    entries = read_table(tmp_path / "out" / INDEX_FILE, SPLITS)
    assert len(entries) == 9
    assert {(one.id, one.label) for one in entries} == {
        ("bag/00000", "mug"),
        ("bag/00001", "mug"),
        ("bag/00002", "spoon"),
    }
    assert {one.group for one in entries} == {"bag mug", "bag spoon"}
    for one in entries:
        reading = read_recording(one.modality, one.path)
        if one.modality is Modality.AUDIO:
            assert len(reading.samples_NC) / reading.rate_hz == pytest.approx(1.0, abs=0.11)


def test_windows_have_the_length_asked_for_and_a_short_span_is_one(tmp_path):
    bag = write_bag(tmp_path / "bag", every(0.1, 4.0, "/camera/image_raw", frame))
    spans = write_spans(tmp_path, "0,2,mug", "3,3.2,spoon")
    assert len(extract(bag, spans, tmp_path / "out", window_s=0.5).entries) == 5


def test_two_cameras_give_two_recordings_of_a_window(tmp_path):
    bag = write_bag(
        tmp_path / "bag",
        [one for topic in ("/left/image_raw", "/right/image_raw") for one in every(0.1, 1.0, topic, frame)],
    )
    entries = extract(bag, write_spans(tmp_path, "0,1,mug"), tmp_path / "out").entries
    assert len({one.id for one in entries}) == len({one.path for one in entries}) == 2


def test_bags_add_to_an_index_and_a_bag_extracted_again_takes_the_place_of_its_rows(tmp_path):
    for name in ("one", "two", "one"):
        bag = tmp_path / name
        if not bag.exists():
            write_bag(bag, every(0.1, 2.0, "/camera/image_raw", frame))
        extract(bag, write_spans(tmp_path, "0,2,mug"), tmp_path / "out")
    assert [one.id for one in read_table(tmp_path / "out" / INDEX_FILE, SPLITS)] == [
        "two/00000",
        "two/00001",
        "one/00000",
        "one/00001",
    ]


def test_messages_that_cannot_be_decoded_are_counted(tmp_path):
    bag = write_bag(
        tmp_path / "bag",
        [
            *every(0.1, 1.0, "/camera/image_raw", frame, encoding="secret"),
            *every(0.1, 1.0, "/microphone/audio_stamped", sound),
        ],
    )
    extracted = extract(bag, write_spans(tmp_path, "0,1,mug"), tmp_path / "out")
    assert [one.modality for one in extracted.entries] == [Modality.AUDIO]
    assert extracted.undecodable == {"/camera/image_raw": 1}
    assert "secret" in extracted.problems["/camera/image_raw"]


def test_a_bag_without_a_sensor_is_an_error(tmp_path):
    bag = write_bag(tmp_path / "bag", [(1_700_000_000_000_000_000, "/rosout", text("hello"))])
    with pytest.raises(ConfigurationError, match="no topic of it is a sensor's"):
        extract(bag, write_spans(tmp_path, "0,1,mug"), tmp_path / "out")


def test_a_recorded_event_camera(recordings, tmp_path):
    for bag in sorted((recordings / "event" / "rosbag").iterdir()):
        extracted = extract(bag, write_spans(tmp_path, "0,0.9,scene"), tmp_path / "out", window_s=0.3)
        if extracted.undecodable:
            assert "libcaer" in " ".join(extracted.problems.values())
            continue
        events = [read_recording(Modality.EVENT, str(tmp_path / "out" / one.path)) for one in extracted.entries]
        assert len(events) >= 2
        assert all(len(one) > 100 and 100_000 < one.t_us[-1] - one.t_us[0] < 400_000 for one in events)
