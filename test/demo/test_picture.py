from pathlib import Path

import cv2
import numpy as np

from omnibind_ros.demo.picture import STATE_COLOURS, save_timeline, timeline
from omnibind_ros.demo.record import HEALTHY, DemoRecord, Recognised, RunRecord


def demo_record() -> DemoRecord:
    record = DemoRecord(["camera", "microphone"])
    record.truth.set(0.0, "mug")
    record.sensor_set("camera", HEALTHY, 0.0)
    record.sensor_set("camera", "freeze", 2.0)
    for time_s, state in enumerate(STATE_COLOURS):
        record.reported("camera", state, used=True, time_s=float(time_s))
    for time_s, label in ((1.0, "mug"), (2.0, "gear"), (3.0, "unknown")):
        record.recognised.append(Recognised(label, 0.5, time_s, time_s))
    return record


def shows(picture: np.ndarray, colour: str) -> bool:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return bool((picture == (blue, green, red)).all(axis=2).any())


def test_every_state_and_every_kind_of_answer_is_seen_in_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "timeline.png"
    save_timeline(demo_record(), path, end_s=10.0, title="a demo")
    picture = cv2.imread(str(path))
    assert min(picture.shape[:2]) > 300
    missing = [state for state, colour in STATE_COLOURS.items() if not shows(picture, colour)]
    assert not missing


def test_a_demo_without_any_recognition_can_be_drawn(tmp_path: Path) -> None:
    save_timeline(DemoRecord(["camera"]), tmp_path / "timeline.png", end_s=1.0, title="nothing")
    assert (tmp_path / "timeline.png").is_file()


def test_a_run_of_which_the_truth_is_unknown_shows_what_was_said_and_by_which_weights() -> None:
    record = RunRecord(["left", "right"])
    plain = timeline(record, end_s=4.0, title="")
    for time_s in (0.5, 1.0, 3.5):
        record.recognised.append(Recognised("mug", 0.9, time_s, time_s, {"left": 0.7, "right": 0.3}))
    picture = cv2.imdecode(np.frombuffer(timeline(record, end_s=4.0, title=""), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[0] > cv2.imdecode(np.frombuffer(plain, np.uint8), cv2.IMREAD_COLOR).shape[0]
    for colour in ("#30475e", "#1f77b4", "#ff7f0e"):
        assert shows(picture, colour), colour
    for right_or_wrong in ("#2e9e5b", "#d1495b"):
        assert not shows(picture, right_or_wrong)
