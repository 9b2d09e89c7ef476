import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from recorded_bag import START_NS, classification, decisions, entry, sensors, text, write_bag
from rosbags.rosbag2 import StoragePlugin
from tiny_bundle import LABELS

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.replay.command import main, replay

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "config" / "perception.yaml"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_bag_becomes_results_figures_and_a_report(tmp_path: Path, bag_path: Path, bundle_path: Path) -> None:
    figures = replay(bag_path, tmp_path, config=SHIPPED, bundle=str(bundle_path))
    rows = lines(tmp_path / "recognitions.jsonl")
    assert len(rows) == figures["recognitions"] == 31
    assert {row["label"] for row in rows} <= {*LABELS, "unknown"}
    assert set(rows[-1]["weights"]) == {"camera", "thermal", "microphone"}
    assert json.loads((tmp_path / "summary.json").read_text()) == figures
    assert {row["source"] for row in lines(tmp_path / "transitions.jsonl")} >= {"camera", "thermal", "microphone"}
    assert rows[0]["label"] in (tmp_path / "report.html").read_text()
    # The tiny bundle has no encoder for the others.
    assert len(figures["left_out"]) == 4
    assert figures["ignored_topics"] == {}


@pytest.mark.parametrize("storage", [StoragePlugin.MCAP, StoragePlugin.SQLITE3])
def test_two_runs_give_the_same_bytes_from_either_storage(
    tmp_path: Path, bag_path: Path, bundle_path: Path, storage: StoragePlugin
) -> None:
    copy = write_bag(tmp_path / "drive", sensors(), storage=storage)
    replay(bag_path, tmp_path / "one", bundle=str(bundle_path))
    replay(copy, tmp_path / "two", bundle=str(bundle_path))
    for name in ("recognitions.jsonl", "transitions.jsonl", "summary.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_without_a_configuration_the_topics_tell_what_they_are(
    tmp_path: Path, bag_path: Path, bundle_path: Path
) -> None:
    figures = replay(bag_path, tmp_path, bundle=str(bundle_path))
    assert {one["topic"]: one["modality"] for one in figures["sources"].values()} == {
        "/camera/image_raw": "image",
        "/thermal/image_raw": "thermal",
        "/microphone/audio_stamped": "audio",
    }


def test_unknown_topics_are_noted_and_do_no_harm(tmp_path: Path, bundle_path: Path) -> None:
    bag = write_bag(tmp_path / "bag", [*sensors(0.5), entry(0.2, "/chatter", lambda _: text("hello"))])
    figures = replay(bag, tmp_path / "out", bundle=str(bundle_path))
    assert figures["ignored_topics"] == {"/chatter": "std_msgs/msg/String"}
    assert "/chatter" in (tmp_path / "out" / "report.html").read_text()


def test_a_recorded_truth_is_judged_by(tmp_path: Path, bundle_path: Path) -> None:
    told = [entry(time_s, "/ground_truth", classification, label) for time_s, label in ((0.0, "mug"), (1.0, "hammer"))]
    figures = replay(write_bag(tmp_path / "bag", [*sensors(), *told]), tmp_path / "out", bundle=str(bundle_path))
    rows = lines(tmp_path / "out" / "recognitions.jsonl")
    start_ns = round(figures["start"] * 1e9)
    hits = [row["label"] == ("mug" if row["stamp_ns"] < start_ns + 1e9 else "hammer") for row in rows]
    assert figures["judged"] == len(rows)
    assert figures["accuracy"] == pytest.approx(sum(hits) / len(hits), abs=0.05)


def test_given_labels_are_judged_by_and_come_before_recorded_ones(
    tmp_path: Path, bag_path: Path, bundle_path: Path
) -> None:
    spans = tmp_path / "spans.csv"
    said = replay(bag_path, tmp_path / "first", bundle=str(bundle_path))
    rows = lines(tmp_path / "first" / "recognitions.jsonl")
    start_ns = rows[0]["stamp_ns"]
    spans.write_text("start,end,label\n" + f"0,{(rows[9]['stamp_ns'] - start_ns) / 1e9 + 0.01},{rows[0]['label']}\n")
    figures = replay(bag_path, tmp_path / "second", bundle=str(bundle_path), labels=spans)
    assert 0 < figures["judged"] < said["recognitions"]
    assert figures["accuracy"] > 0


def test_the_label_set_of_the_configuration_is_used(tmp_path: Path, bag_path: Path, bundle_path: Path) -> None:
    config = tmp_path / "robot.yaml"
    given = {
        "labels": ["mug", "sponge"], "sources": ["eye"], "eye": {"modality": "image", "topic": "/camera/image_raw"}
    }  # fmt: skip
    config.write_text(yaml.safe_dump({"/**": {"ros__parameters": given}}))
    replay(bag_path, tmp_path / "out", bundle=str(bundle_path), config=config)
    for row in lines(tmp_path / "out" / "recognitions.jsonl"):
        assert {one["label"] for one in row["hypotheses"]} <= {"mug", "sponge", "unknown"}


def test_the_program_tells_in_a_line_or_two(
    tmp_path: Path, bag_path: Path, bundle_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(bag_path), "--bundle", str(bundle_path), "--output", str(tmp_path / "out")])
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2
    assert told[0].startswith("31 recognitions in 2.95 s of drive")
    assert told[1].endswith("report.html")


def test_decisions_are_audited_instead_of_replayed(
    tmp_path: Path, bundle: Bundle, bundle_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = RecognitionPipeline(bundle, backend_maker(1), most_labels=5)
    seen = Embedding("camera", Modality.IMAGE, bundle.centres_KkD[0, 0], 1.0, START_NS, "eye", bundle.space)
    said = decisions([(START_NS, pipeline.answer([seen]))])
    lie = entry(0.0, "/recognition", classification, "bottle")
    for number, (entries, told) in enumerate(((said, "1 of 1 decisions"), ([lie, said[1]], "0 of 1 decisions"))):
        bag, output = write_bag(tmp_path / f"bag{number}", entries), tmp_path / f"out{number}"
        program = [str(bag), "--decisions", "--bundle", str(bundle_path), "--output", str(output)]
        if number:
            with pytest.raises(SystemExit) as ended:
                main(program)
            assert ended.value.code == 1
        else:
            main(program)
        assert capsys.readouterr().out.startswith(told)
        assert {path.name for path in output.iterdir()} == {"decisions.json", "decisions.jsonl"}


def test_what_cannot_be_replayed_ends_with_one_line(tmp_path: Path, bag_path: Path) -> None:
    for arguments, expected in (
        ([str(tmp_path / "nowhere")], "nowhere: there is no such file"),
        ([str(bag_path), "--bundle", str(tmp_path)], "bundle.yaml"),
        ([str(bag_path), "--config", str(tmp_path / "no.yaml")], "no.yaml"),
        ([str(bag_path), "--labels", str(tmp_path / "no.csv")], "no.csv"),
    ):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--output", str(tmp_path / "out")])
        assert expected in str(ended.value)
        assert str(ended.value).startswith("replay: ")
    assert not (tmp_path / "out").exists()


def test_real_bags_are_replayed(tmp_path: Path, recordings: Path) -> None:
    for name in ("test_events_1", "test_events_2"):
        figures = replay(recordings / "event" / "rosbag" / name, tmp_path / name)
        assert [one["modality"] for one in figures["sources"].values()] == ["event"]
        # Without the decoder of ROS, the second bag's encoding is told as an error.
        assert figures["recognitions"] or figures["errors"]


def test_it_runs_where_there_is_no_ros(tmp_path: Path, bag_path: Path, bundle_path: Path) -> None:
    program = f"""
import sys

class NoRos:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("rclpy", "ament_index_python", "rcl_interfaces", "sensor_msgs", "vision_msgs"):
            raise ModuleNotFoundError(f"No module named '{{name}}'", name=name)

sys.meta_path.insert(0, NoRos())
from omnibind_ros.replay.command import main
main([{str(bag_path)!r}, "--config", {str(SHIPPED)!r}, "--bundle", {str(bundle_path)!r}, "--output", {str(tmp_path)!r}])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "31 recognitions" in done.stdout
