import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.points import PointCloud
from omnibind_ros.modality import Modality
from training.data.recording_files import write_recording
from training.data.recordings import FILE_TYPES, read_recording

GENERATOR = np.random.default_rng(0)
RGB = GENERATOR.integers(0, 256, (12, 16, 3), np.uint8)
COUNTS = GENERATOR.integers(0, 1 << 16, (12, 16), np.uint16)
EVENTS = Events(
    x=np.array([1, 2, 3], np.uint16), y=np.array([0, 5, 3], np.uint16), t_us=np.array([10, 20, 20], np.int64),
    p=np.array([True, False, True]), width=20, height=10,
)  # fmt: skip
SOUND = AudioChunk(np.array([[0.5, -0.5], [0.25, -1.0]], np.float32), 8000)


def arrays_of(reading):
    match reading:
        case Events():
            return [reading.x, reading.y, reading.t_us, reading.p, (reading.width, reading.height)]
        case AudioChunk():
            return [reading.samples_NC, reading.rate_hz]
        case PointCloud():
            return [reading.xyz_N3]
        case _:
            return [reading]


@pytest.mark.parametrize(
    ("modality", "reading"),
    [
        (Modality.IMAGE, RGB),
        (Modality.TOUCH, RGB),
        (Modality.THERMAL, COUNTS),
        (Modality.THERMAL, RGB[:, :, 0].copy()),
        (Modality.THERMAL, COUNTS.astype(np.float32) / 200),
        (Modality.EVENT, EVENTS),
        (Modality.AUDIO, SOUND),
        (Modality.POINT, PointCloud(GENERATOR.normal(size=(7, 3)).astype(np.float32))),
        (Modality.TEXT, "a red mug"),
    ],
)
def test_what_is_written_is_read_again(tmp_path, modality, reading):
    file = write_recording(modality, reading, tmp_path / "a" / "1.5")
    assert file.suffix in FILE_TYPES[modality]
    for one, other in zip(arrays_of(read_recording(modality, str(file))), arrays_of(reading), strict=True):
        np.testing.assert_array_equal(one, other)
