from pathlib import Path

import cv2
import numpy as np

from omnibind_ros.demo.picture import STATE_COLOURS, save_timeline
from omnibind_ros.demo.record import HEALTHY, DemoRecord, Recognised


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
