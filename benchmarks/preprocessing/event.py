"""EVT3 packets of an event camera to encoder inputs.

The stream is made up to be like that of a camera in front of moving edges, with vectors and single events, and cut into
packets of 64 KiB. Inputs are taken every 50 ms of sensor time.
"""

import tempfile
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import Action, Comparison
from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.evt3 import Evt3Decoder
from omnibind_ros.preprocessing.event import PRESETS, EventPreprocessor
from omnibind_ros.preprocessing.event_representation import voxel_grid

WIDTH, HEIGHT = 1280, 720
PACKET_BYTES = 1 << 16
GOAL = 20.0
COMPACT = PRESETS["compact"]


def comparisons() -> list[Comparison]:
    """Rates on one core."""
    stream = made_up_stream(bursts=100_000)
    packets = [stream[start : start + PACKET_BYTES] for start in range(0, len(stream), PACKET_BYTES)]
    events = decode(Evt3Decoder(), stream)
    million = len(events) / 1e6
    end_us = int(events.t_us[-1])
    start_us = end_us - COMPACT.window_us
    window = events[int(np.searchsorted(events.t_us, start_us)) :]

    def decoding() -> None:
        decoder = Evt3Decoder()
        for packet in packets:
            decode(decoder, packet)

    def whole() -> None:
        decode_window_and_voxels(packets)

    def grid() -> object:
        return voxel_grid(window, start_us=start_us, end_us=end_us, bins=COMPACT.bins, side=COMPACT.side)

    if find_spec("expelliarmus"):
        reference, other = "expelliarmus", _expelliarmus(stream)
    else:
        reference, other = "a loop over words", lambda: words_in_python(stream)
    return [
        Comparison("event EVT3 → arrays", decoding, reference, other, million),
        Comparison(
            "event arrays → voxel grid 8×64×64",
            grid,
            "NumPy and OpenCV by hand",
            lambda: voxels_by_hand(window, end_us),
            len(window) / 1e6,
        ),
        Comparison("event EVT3 → arrays → window → voxel grid 8×64×64", whole, f"goal: {GOAL:g}", GOAL, million),
    ]


def made_up_stream(bursts: int, *, every_us: float = 3.0) -> NDArray[np.uint8]:
    """EVT3 bytes: rows with three vectors, and three single events on rows near it; 11 events on average."""
    random = np.random.default_rng(0)
    t_us = (every_us * np.arange(bursts)).astype(np.int64)
    row, column = random.integers(0, HEIGHT - 4, bursts), random.integers(0, WIDTH - 40, bursts)
    sparse = random.integers(0, 0x1000, (2, bursts)) & random.integers(0, 0x1000, (2, bursts))
    words = [
        0x8000 | t_us >> 12 & 0xFFF,
        0x6000 | t_us & 0xFFF,
        row,
        0x3000 | random.integers(0, 2, bursts) << 11 | column,
    ]
    words += [0x4000 | sparse[0], 0x4000 | sparse[1], 0x5000 | sparse[0] & 0xFF]
    for below in (1, 2, 3):
        words += [row + below, 0x2000 | random.integers(0, 2, bursts) << 11 | column + 3 * below]
    sent = np.ones((bursts, len(words)), np.bool_)
    sent[1:, 0] = np.diff(t_us >> 12) != 0
    return np.stack(words, axis=1)[sent].astype("<u2").view(np.uint8)


def decode(decoder: Evt3Decoder, packet: NDArray[np.uint8]) -> Events:
    """Events of one packet."""
    return decoder.decode(packet, is_bigendian=False, width=WIDTH, height=HEIGHT)


def decode_window_and_voxels(packets: list[NDArray[np.uint8]]) -> None:
    """All inputs of a stream, one every 50 ms of its time."""
    decoder, preprocessor, next_us = Evt3Decoder(), EventPreprocessor(COMPACT), COMPACT.window_us
    for packet in packets:
        events = decode(decoder, packet)
        preprocessor.add(events, 0)
        if events.t_us[-1] >= next_us:
            preprocessor.take()
            next_us += COMPACT.window_us
    preprocessor.take()


def words_in_python(stream: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Events (x, y, t_us, polarity) of a stream."""
    events, high, low, row, base, polarity = [], 0, 0, 0, 0, 0
    for word in stream.view("<u2").tolist():
        kind, payload = word >> 12, word & 0xFFF
        if kind == 0x2:
            events.append((payload & 0x7FF, row, high | low, payload >> 11))
        elif kind == 0x0:
            row = payload & 0x7FF
        elif kind == 0x6:
            low = payload
        elif kind == 0x8:
            high = payload << 12
        elif kind == 0x3:
            base, polarity = payload & 0x7FF, payload >> 11
        else:
            length = 12 if kind == 0x4 else 8
            events += [(base + bit, row, high | low, polarity) for bit in range(length) if payload >> bit & 1]
            base += length
    return events


def voxels_by_hand(events: Events, end_us: int) -> NDArray[np.float32]:
    """The same grid: events counted on the sensor's pixels with NumPy, shrunk with OpenCV, normalised."""
    bins, pixels = COMPACT.bins, HEIGHT * WIDTH
    position = (events.t_us - (end_us - COMPACT.window_us)) * ((bins - 1) / COMPACT.window_us)
    earlier = position.astype(np.intp)
    share = position - earlier
    cell = (np.where(events.p, 0, bins) + earlier) * pixels + events.y.astype(np.intp) * WIDTH + events.x
    later = cell + (earlier < bins - 1) * pixels
    counts = np.bincount(cell, 1 - share, 2 * bins * pixels) + np.bincount(later, share, 2 * bins * pixels)
    planes = counts.astype(np.float32).reshape(2 * bins, HEIGHT, WIDTH)
    square = (COMPACT.side, COMPACT.side)
    grid = np.array([cv2.resize(plane, square, interpolation=cv2.INTER_AREA) for plane in planes], np.float32)
    counted = grid != 0
    grid[counted] = (grid[counted] - grid[counted].mean()) / grid[counted].std()
    return grid


def _expelliarmus(stream: NDArray[np.uint8]) -> Action:
    """It reads files: one in memory, so that no disk is measured."""
    from expelliarmus import Wizard  # noqa: PLC0415

    memory = Path("/dev/shm")  # noqa: S108 (a folder of ours below it)
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    file = folder / "stream.raw"
    file.write_bytes(b"% evt 3.0\n" + stream.tobytes())
    wizard = Wizard(encoding="evt3")
    return lambda: wizard.read(file)
