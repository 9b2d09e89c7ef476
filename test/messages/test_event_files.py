from pathlib import Path

import numpy as np
import pytest

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.event_files import read_nmnist, read_prophesee_raw
from omnibind_ros.messages.evt3 import encode


def test_an_nmnist_event_is_five_bytes(tmp_path: Path) -> None:
    file = tmp_path / "3.bin"
    file.write_bytes(bytes([33, 1, 0x00, 0x00, 0x07, 2, 0, 0x81, 0x02, 0x03]))
    events = read_nmnist(file)
    assert (events.x.tolist(), events.y.tolist(), events.t_us.tolist()) == ([33, 2], [1, 0], [7, 0x10203])
    assert events.p.tolist() == [False, True]
    assert (events.width, events.height) == (34, 34)


@pytest.mark.parametrize("content", [b"1234", bytes([34, 0, 0, 0, 0]), bytes([0, 0, 0, 0, 9, 0, 0, 0, 0, 8])])
def test_a_file_that_is_not_nmnist_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.bin"
    file.write_bytes(content)
    with pytest.raises(MessageError, match=r"odd\.bin"):
        read_nmnist(file)


def test_every_nmnist_recording_is_read(recordings: Path) -> None:
    files = sorted((recordings / "event" / "nmnist").glob("*/*/*.bin"))
    assert len(files) == 1050
    for file in files:
        events = read_nmnist(file)
        assert len(events) == file.stat().st_size // 5
        assert 0.2 < events.p.mean() < 0.8, "both polarities are there"
        assert 200_000 < events.t_us[-1] < 400_000


@pytest.mark.parametrize(
    "header", [b"% Date 2020-09-25\n% evt 3.0\n", b"% format EVT3;height=720;width=1280\n% end\n"], ids=["old", "new"]
)
def test_a_raw_file_is_read_after_its_header(tmp_path: Path, header: bytes) -> None:
    file = tmp_path / "camera.raw"
    x = np.array([0x25, 7], np.uint16)
    file.write_bytes(header + encode(x, x, np.array([5, 6]), x > 10).tobytes())
    events = read_prophesee_raw(file, width=1280, height=720)
    assert (events.x.tolist(), events.t_us.tolist(), events.p.tolist()) == ([0x25, 7], [5, 6], [True, False])


@pytest.mark.parametrize("content", [b"", b"% evt 2.0\n", b"%", b"% end", b"no header at all"])
def test_a_file_that_is_not_evt3_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.raw"
    file.write_bytes(content)
    with pytest.raises(MessageError, match=r"odd\.raw"):
        read_prophesee_raw(file, width=1280, height=720)


def test_the_recorded_street_has_all_its_events(recordings: Path) -> None:
    events = read_prophesee_raw(recordings / "event" / "prophesee_raw" / "evt3_sample.raw", width=1280, height=720)
    assert (len(events), events.dropped) == (219_596, 0)
    assert 8_000 < events.t_us[-1] - events.t_us[0] < 9_000
