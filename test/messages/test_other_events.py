import sys
from types import ModuleType

import numpy as np
import pytest

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.other_events import OtherEventDecoder

EVENT = np.dtype({"names": ["x", "y", "p", "t"], "formats": ["<u2", "<u2", "i1", "<i4"], "offsets": [0, 2, 4, 8]})


class PackageDecoder:
    """Stands in for the decoder of `event_camera_py`: a packet is a list of (x, y, p, t) records."""

    def decode_bytes(self, encoding: str, width: int, height: int, time_base: int, packet: bytes) -> None:
        if len(packet) % EVENT.itemsize:
            raise RuntimeError("cannot decode that")
        self._decoded = np.frombuffer(packet, EVENT)

    def get_cd_events(self) -> np.ndarray:
        return self._decoded


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("event_camera_py")
    module.Decoder = PackageDecoder  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "event_camera_py", module)


def packet(*records: tuple[int, int, int, int]) -> np.ndarray:
    return np.array(list(records), EVENT).view(np.uint8)


@pytest.mark.usefixtures("package")
def test_the_package_decodes_and_outside_events_are_dropped() -> None:
    events = OtherEventDecoder("libcaer").decode(
        packet((1, 2, 1, 10), (9, 2, 1, 11), (3, 3, 0, 12)), time_base_ns=0, width=4, height=4
    )
    assert (events.x.tolist(), events.y.tolist(), events.t_us.tolist()) == ([1, 3], [2, 3], [10, 12])
    assert events.p.tolist() == [True, False]
    assert events.dropped == 1


@pytest.mark.usefixtures("package")
def test_time_counts_on_where_the_package_s_wraps_and_never_steps_back() -> None:
    decoder, last = OtherEventDecoder("libcaer_cmp"), 2**31 - 1
    times = []
    for t in (last - 2_000_000_000, last - 5, -(2**31) + 4, -(2**31) + 2, -9, 7):
        times += decoder.decode(packet((0, 0, 1, t)), time_base_ns=0, width=4, height=4).t_us.tolist()
    assert times == [last - 2_000_000_000, last - 5, last + 5, last + 5, 2**32 - 9, 2**32 + 7]


@pytest.mark.usefixtures("package")
def test_what_the_package_refuses_is_a_message_error() -> None:
    with pytest.raises(MessageError, match="cannot decode that"):
        OtherEventDecoder("libcaer").decode(np.zeros(5, np.uint8), time_base_ns=0, width=4, height=4)


def test_without_the_package_the_remedy_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "event_camera_py", None)
    with pytest.raises(MessageError, match="libcaer") as refused:
        OtherEventDecoder("libcaer")
    assert "event-camera-py" in refused.value.remedy
