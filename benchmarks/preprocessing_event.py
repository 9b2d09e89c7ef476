"""Events per second from EVT3 bytes to encoder inputs, on one core.

The stream is made up to be like that of a camera in front of moving edges, with vectors and single events, and cut into
packets of 64 KiB. Inputs are taken every 50 ms of sensor time.
"""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.evt3 import Evt3Decoder
from omnibind_ros.preprocessing.event import PRESETS, EventPreprocessor
from omnibind_ros.preprocessing.event_representation import voxel_grid

WIDTH, HEIGHT = 1280, 720
PACKET_BYTES = 1 << 16
COMPACT = PRESETS["compact"]


def rows() -> list[dict[str, object]]:
    """One row a case: value and reference in million events/s, and how many times the reference the value is."""
    stream = made_up_stream(bursts=100_000)
    packets = [stream[start : start + PACKET_BYTES] for start in range(0, len(stream), PACKET_BYTES)]
    events = _decode(Evt3Decoder(), stream)
    end_us = int(events.t_us[-1])
    window = events[int(np.searchsorted(events.t_us, end_us - COMPACT.window_us)) :]
    few_words = stream[:20_000].view("<u2")
    few_events = len(_decode(Evt3Decoder(), stream[:20_000]))
    decoding = _rate(
        lambda: [_decode(decoder, packet) for decoder in [Evt3Decoder()] for packet in packets], len(events)
    )
    counting = _rate(
        lambda: voxel_grid(window, start_us=end_us - COMPACT.window_us, end_us=end_us, bins=4, side=64), len(window)
    )
    whole = _rate(lambda: _decode_window_and_voxels(packets), len(events))
    decoding_loop = _rate(lambda: _words_in_python(few_words), few_events)
    counting_numpy = _rate(lambda: _voxels_with_add_at(window, end_us), len(window))
    return [
        _row("EVT3 decoding, against a Python loop over words", decoding, decoding_loop),
        _row("voxel grid 8×64×64, against np.add.at", counting, counting_numpy),
        _row("decoding, window and voxel grid, against the goal of 20", whole, 20.0),
    ]


def made_up_stream(bursts: int) -> NDArray[np.uint8]:
    """EVT3 bytes: every 3 µs a row with three vectors, and three single events on rows near it."""
    random = np.random.default_rng(0)
    t_us = 3 * np.arange(bursts, dtype=np.int64)
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


def _decode(decoder: Evt3Decoder, packet: NDArray[np.uint8]) -> Events:
    return decoder.decode(packet, is_bigendian=False, width=WIDTH, height=HEIGHT)


def _decode_window_and_voxels(packets: list[NDArray[np.uint8]]) -> None:
    decoder, preprocessor, next_us = Evt3Decoder(), EventPreprocessor(COMPACT), COMPACT.window_us
    for packet in packets:
        events = _decode(decoder, packet)
        preprocessor.add(events, 0)
        if events.t_us[-1] >= next_us:
            preprocessor.take()
            next_us += COMPACT.window_us
    preprocessor.take()


def _words_in_python(words: NDArray[np.uint16]) -> list[tuple[int, int, int, int]]:
    events, high, low, row, base, polarity = [], 0, 0, 0, 0, 0
    for word in words.tolist():
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


def _voxels_with_add_at(events: Events, end_us: int) -> NDArray[np.float32]:
    grid = np.zeros((2, 4, 64, 64), np.float32)
    position = (events.t_us - (end_us - COMPACT.window_us)) * (3 / COMPACT.window_us)
    earlier = position.astype(np.intp)
    share = (position - earlier).astype(np.float32)
    polarity, row, column = (
        1 - events.p,
        events.y.astype(np.intp) * 64 // HEIGHT,
        events.x.astype(np.intp) * 64 // WIDTH,
    )
    np.add.at(grid, (polarity, earlier, row, column), 1 - share)
    np.add.at(grid, (polarity, np.minimum(earlier + 1, 3), row, column), share)
    return grid


def _rate(run: Callable[[], object], events: int, repeats: int = 5) -> float:
    """Million events per second, the best of several runs after one that is not counted."""
    run()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return events / min(seconds) / 1e6


def _row(case: str, value: float, reference: float) -> dict[str, object]:
    return {
        "case": case,
        "value": round(value, 1),
        "unit": "million events/s",
        "reference": round(reference, 2),
        "ratio": round(value / reference, 1),
    }


if __name__ == "__main__":
    for row in rows():
        print(row)
