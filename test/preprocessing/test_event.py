from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.event_files import read_nmnist, read_prophesee_raw
from omnibind_ros.preprocessing.event import MOST_EVENTS, PRESETS, EventPreprocessor, EventSettings, prepare_event

COMPACT = PRESETS["compact"]
SECOND_NS = 1_000_000_000


def edge_moving_right(
    start_us: int, duration_us: int, number: int = 5000, width: int = 240, height: int = 180
) -> Events:
    random = np.random.default_rng(start_us)
    t_us = start_us + np.sort(random.integers(0, duration_us, number))
    x = (width * (0.3 + 0.4 * (t_us - start_us) / duration_us)).astype(np.uint16)
    y = random.integers(height // 4, height // 2, number).astype(np.uint16)
    return Events(x, y, t_us, random.random(number) < 0.5, width, height)


def nothing(width: int = 240, height: int = 180) -> Events:
    return edge_moving_right(0, 1, 0, width, height)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
@pytest.mark.parametrize("number", [0, 1, 5000])
def test_every_preset_gives_the_shape_it_promises(preset: EventSettings, number: int) -> None:
    array = prepare_event(edge_moving_right(0, 40_000, number), preset)
    assert array.shape == preset.input_shape
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert np.isfinite(array).all()


def test_presets_have_their_published_constants() -> None:
    assert COMPACT.input_shape == (8, 64, 64)
    assert COMPACT.window_us == 50_000
    assert PRESETS["eventbind"].input_shape == (3, 224, 224)
    assert PRESETS["eventbind"].events_in_window(240, 180) == 15_000
    assert PRESETS["eventbind"].events_in_window(640, 480) == 40_000


def test_only_the_last_window_counts() -> None:
    early, late = edge_moving_right(0, 40_000), edge_moving_right(1_000_000, 40_000)
    both = Events(*(np.concatenate((getattr(early, k), getattr(late, k))) for k in ("x", "y", "t_us", "p")), 240, 180)
    np.testing.assert_array_equal(prepare_event(both, COMPACT), prepare_event(late, COMPACT))


def test_a_count_window_takes_the_newest_events_and_makes_none_up() -> None:
    events = edge_moving_right(0, 500_000, 20_000)
    np.testing.assert_array_equal(
        prepare_event(events, PRESETS["eventbind"]), prepare_event(events[5_000:], PRESETS["eventbind"])
    )
    few = prepare_event(events[:10], PRESETS["eventbind"])
    assert (few[:, :3, :3] == 1).all(), "no event near (1, 1) was there"


def test_nothing_is_taken_before_a_packet_arrives_or_twice() -> None:
    preprocessor = EventPreprocessor(COMPACT)
    assert preprocessor.take() is None
    preprocessor.add(edge_moving_right(0, 40_000), SECOND_NS)
    assert preprocessor.take() is not None
    assert preprocessor.take() is None


def test_packets_give_the_same_input_as_one_recording() -> None:
    preprocessor, events = EventPreprocessor(COMPACT), edge_moving_right(0, 100_000)
    for start in range(0, len(events), 333):
        preprocessor.add(events[start : start + 333], SECOND_NS)
    taken = preprocessor.take()
    assert taken is not None
    np.testing.assert_array_equal(taken.array, prepare_event(events, COMPACT))
    assert taken.quality > 0.9


def test_the_stamp_is_the_time_of_the_last_event() -> None:
    preprocessor, events = EventPreprocessor(COMPACT), edge_moving_right(7_000_000, 4_000)
    preprocessor.add(events, 5 * SECOND_NS)
    taken = preprocessor.take()
    assert taken is not None
    assert taken.stamp_ns == 5 * SECOND_NS + int(events.t_us[-1] - events.t_us[0]) * 1000


def test_packets_without_events_say_that_nothing_moves_any_more() -> None:
    preprocessor = EventPreprocessor(COMPACT)
    preprocessor.add(nothing(), SECOND_NS)
    still = preprocessor.take()
    assert still is not None
    assert still.quality == 0
    preprocessor.add(edge_moving_right(0, 10_000), 2 * SECOND_NS)
    preprocessor.add(nothing(), 2 * SECOND_NS + 30_000_000)
    shortly_after = preprocessor.take()
    preprocessor.add(nothing(), 3 * SECOND_NS)
    long_after = preprocessor.take()
    assert shortly_after is not None
    assert long_after is not None
    assert shortly_after.quality > 0.9
    assert shortly_after.stamp_ns == 2 * SECOND_NS + 30_000_000
    assert (long_after.quality, long_after.array.any()) == (0, False)
    assert long_after.stamp_ns == 3 * SECOND_NS


def test_a_flood_of_noise_is_bounded_and_of_low_quality() -> None:
    preprocessor, random = EventPreprocessor(COMPACT), np.random.default_rng(0)
    number = MOST_EVENTS // 2
    x, y = random.integers(0, 640, number).astype(np.uint16), random.integers(0, 480, number).astype(np.uint16)
    for burst in range(5):
        t_us = np.full(number, burst, np.int64)
        preprocessor.add(Events(x, y, t_us, x % 2 == 0, 640, 480), SECOND_NS)
    taken = preprocessor.take()
    assert taken is not None
    assert taken.array.shape == COMPACT.input_shape
    assert taken.quality < 0.3


def test_a_camera_of_another_size_starts_anew() -> None:
    preprocessor, other = EventPreprocessor(COMPACT), edge_moving_right(41_000, 5_000, width=640, height=480)
    preprocessor.add(edge_moving_right(0, 40_000), SECOND_NS)
    preprocessor.add(other, SECOND_NS)
    taken = preprocessor.take()
    assert taken is not None
    np.testing.assert_array_equal(taken.array, prepare_event(other, COMPACT))


@pytest.mark.parametrize(
    "constants",
    [
        {"representation": "hologram"},
        {"side": 0},
        {"window_us": 0},
        {"decay_us": float("inf")},
        {"window_events": 10**9},
        {"clip_mean": [0.5]},
    ],
)
def test_settings_that_make_no_sense_are_refused(constants: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EventSettings(**{"name": "x", "representation": "voxel", "side": 64, "window_us": 50_000, **constants})


def test_recorded_digits_and_a_street_are_of_good_quality(recordings: Path) -> None:
    digits = sorted((recordings / "event" / "nmnist" / "test").glob("*/*.bin"))[::10]
    scenes = [read_nmnist(file) for file in digits]
    scenes.append(read_prophesee_raw(recordings / "event/prophesee_raw/evt3_sample.raw", width=1280, height=720))
    for events in scenes:
        preprocessor = EventPreprocessor(COMPACT)
        preprocessor.add(events, SECOND_NS)
        taken = preprocessor.take()
        assert taken is not None
        assert taken.quality > 0.9
