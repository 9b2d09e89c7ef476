import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.data.entries import Entry
from training.data.touch_references import estimate_references, reference_for

GEL = np.full((40, 60, 3), (90, 120, 60), np.uint8)


def test_the_untouched_sensor_is_what_most_frames_agree_on(tmp_path):
    entries = []
    for number in range(9):
        frame = GEL.copy()
        frame[4 * number : 4 * number + 8] = 250
        cv2.imwrite(str(tmp_path / f"{number}.png"), frame[:, :, ::-1])
        entries.append(Entry(str(number), Modality.TOUCH, str(tmp_path / f"{number}.png"), "mug"))
    estimate_references(tmp_path / "references", entries)
    np.testing.assert_array_equal(reference_for(entries[0], GEL, tmp_path / "references"), GEL)
    assert reference_for(entries[0], GEL[:20], tmp_path / "references") is None


def test_a_reference_of_its_own_comes_first(tmp_path):
    cv2.imwrite(str(tmp_path / "own.png"), GEL)
    entry = Entry("1", Modality.TOUCH, "1.png", "mug", reference=str(tmp_path / "own.png"))
    estimate_references(tmp_path / "references", [entry])
    assert not (tmp_path / "references").exists()
    np.testing.assert_array_equal(reference_for(entry, GEL, tmp_path / "references"), GEL[:, :, ::-1])
