from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.simulation.materials import MATERIALS
from omnibind_ros.simulation.objects import LABELS, SimulatedObject, make_object
from omnibind_ros.simulation.sensors import SOUND_RATE_HZ, TAP_PERIOD_S
from omnibind_ros.simulation.sound import Microphone, decay_per_s, impact_sound, lowest_mode_hz


def strongest_hz(sound: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound)))) * SOUND_RATE_HZ / len(sound)


def scaled(thing: SimulatedObject, factor: float) -> SimulatedObject:
    length_m = thing.vibration.length_m * factor
    return replace(thing, vibration=replace(thing.vibration, length_m=length_m))


@pytest.mark.parametrize("label", ["wrench", "hand bell", "plate", "mug"])
def test_pitch_falls_with_size(label: str) -> None:
    thing = make_object(label, 1)
    small, large = scaled(thing, 0.9), scaled(thing, 1.5)
    assert lowest_mode_hz(small) > lowest_mode_hz(large)
    assert strongest_hz(impact_sound(small, 3)) > strongest_hz(impact_sound(large, 3))


def test_sounds_die_in_the_order_of_their_damping() -> None:
    def ringing(label: str) -> float:
        sound = impact_sound(make_object(label, 2), 0)
        energy = np.cumsum(sound.astype(np.float64) ** 2)
        return float(np.searchsorted(energy, 0.9 * energy[-1]) / SOUND_RATE_HZ)

    times = [ringing(label) for label in ("hand bell", "wrench", "mug", "book")]
    assert times == sorted(times, reverse=True)


def test_rubber_damps_more_than_steel() -> None:
    thing = make_object("wrench", 0)
    frequency = np.array([500.0])
    assert MATERIALS["rubber"].loss > MATERIALS["steel"].loss
    assert decay_per_s(replace(thing, material="rubber"), frequency) > decay_per_s(thing, frequency)


@pytest.mark.parametrize("label", LABELS)
def test_every_impact_is_audible_and_unclipped(label: str) -> None:
    sound = impact_sound(make_object(label, 0), 0)
    assert sound.dtype == np.float32
    assert 0.03 < np.abs(sound).max() <= 1.0
    assert lowest_mode_hz(make_object(label, 0)) < SOUND_RATE_HZ / 2


def test_taps_differ_in_strength_and_come_about_every_half_second() -> None:
    microphone = Microphone(make_object("mug", 0), 1)
    times = [microphone.tap_time(number) for number in range(20)]
    assert np.all(np.diff(times) > 0)
    assert np.mean(np.diff(times)) == pytest.approx(TAP_PERIOD_S, rel=0.1)
    peaks = {round(float(np.abs(impact_sound(make_object("mug", 0), seed)).max()), 3) for seed in range(5)}
    assert len(peaks) > 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.01, 0.7), min_size=1, max_size=6))
def test_chunks_of_any_length_join_to_the_same_sound(lengths: list[float]) -> None:
    edges = np.concatenate([[0.0], np.cumsum(lengths)])
    mug = make_object("mug", 0)
    whole = Microphone(mug, 4).samples(0.0, float(edges[-1]))
    microphone = Microphone(mug, 4)
    chunks = [microphone.samples(float(a), float(b)) for a, b in pairwise(edges)]
    assert np.allclose(np.concatenate(chunks), whole, atol=1e-6)


def test_before_the_first_tap_only_the_room_is_heard() -> None:
    microphone = Microphone(make_object("hand bell", 0), 2)
    quiet = microphone.samples(0.0, microphone.tap_time(0) - 0.001)
    assert 0 < np.abs(quiet).max() < 0.03
    assert np.abs(microphone.samples(0.0, 0.5)).max() > 0.1
