import gzip
import struct
import wave

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import MessageError
from omnibind_ros.modality import Modality
from training.data.recordings import FILE_TYPES, read_recording

GENERATOR = np.random.default_rng(0)
RGB = GENERATOR.integers(0, 256, (12, 16, 3), np.uint8)


def test_grey_pictures_become_rgb_and_coloured_thermal_ones_grey(tmp_path):
    cv2.imwrite(str(tmp_path / "grey.png"), RGB[:, :, 0])
    cv2.imwrite(str(tmp_path / "colour.png"), RGB)
    assert read_recording(Modality.IMAGE, str(tmp_path / "grey.png")).shape == (12, 16, 3)
    assert read_recording(Modality.THERMAL, str(tmp_path / "colour.png")).shape == (12, 16)


def test_one_picture_of_a_packed_file(tmp_path):
    pictures = GENERATOR.integers(0, 256, (3, 4, 5), np.uint8)
    file = tmp_path / "some-idx3-ubyte.gz"
    file.write_bytes(gzip.compress(struct.pack(">4i", 0x803, *pictures.shape) + pictures.tobytes()))
    np.testing.assert_array_equal(read_recording(Modality.IMAGE, f"{file}#2")[:, :, 1], pictures[2])


@pytest.mark.parametrize(
    ("width", "stored", "expected"), [(1, [128, 255], [0, 127 / 128]), (2, [0, 128, 0, 64], [-1, 0.5])]
)
def test_sounds_of_other_widths(tmp_path, width, stored, expected):
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(width)
        sound.setframerate(8000)
        sound.writeframes(bytes(stored))
    samples = read_recording(Modality.AUDIO, str(tmp_path / "a.wav")).samples_NC
    np.testing.assert_allclose(samples[:, 0], expected)


def test_sweeps_as_kitti_stores_them_and_pcd_files(tmp_path):
    (np.arange(8, dtype="<f4")).tofile(tmp_path / "a.bin")
    np.testing.assert_array_equal(
        read_recording(Modality.POINT, str(tmp_path / "a.bin")).xyz_N3, [[0, 1, 2], [4, 5, 6]]
    )
    fields = "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n"
    (tmp_path / "a.pcd").write_text(f"{fields}1 2 3\nnan 0 0\n")
    np.testing.assert_array_equal(read_recording(Modality.POINT, str(tmp_path / "a.pcd")).xyz_N3, [[1, 2, 3]])


@pytest.mark.parametrize(
    "header",
    [
        "% geometry 640x480\n% evt 3.0\n",
        "% format EVT3;height=480;width=640\n",
        "% Width 640\n% Height 480\n% evt 3.0\n",
    ],
)
def test_a_raw_event_file_says_how_large_its_sensor_is(tmp_path, header):
    (tmp_path / "a.raw").write_bytes(f"{header}% end\n".encode() + bytes(2))
    events = read_recording(Modality.EVENT, str(tmp_path / "a.raw"))
    assert (events.width, events.height) == (640, 480)


@pytest.mark.parametrize("modality", list(Modality))
def test_a_damaged_file_is_named(tmp_path, modality):
    for ending in FILE_TYPES[modality]:
        file = tmp_path / f"damaged{ending}"
        file.write_bytes(b"\xff\xfe\x00broken")
        with pytest.raises(MessageError, match="damaged"):
            read_recording(modality, str(file))
