import itertools

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.audio_window import AudioWindow, Window

START_NS = 1_700_000_000_000_000_000
NS = 1_000_000_000


def noise(samples: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (samples, channels)).astype(np.float32)


def audio_window(rate_hz: int = 16_000) -> AudioWindow:
    return AudioWindow(rate_hz, window_s=0.1, hop_s=0.025, gap_tolerance_s=0.5)


def feed(
    window: AudioWindow, samples: np.ndarray, rate_hz: int, cuts: list[int], start_ns: int = START_NS
) -> list[Window]:
    """The windows taken after each of the chunks that the samples are cut into."""
    taken = []
    for start, stop in itertools.pairwise([0, *cuts, len(samples)]):
        if stop > start:
            window.add(samples[start:stop], rate_hz, start_ns + start * NS // rate_hz, stamped=True)
            taken.append(window.take())
    return [each for each in taken if each is not None]


@given(cuts=st.lists(st.integers(0, 8_000), max_size=20).map(sorted), rate_hz=st.sampled_from([8_000, 16_000, 44_100]))
@settings(max_examples=60, deadline=None)
def test_windows_do_not_depend_on_how_the_stream_is_cut(cuts: list[int], rate_hz: int) -> None:
    samples = noise(8_000)
    signal = soxr.resample(samples[:, 0], rate_hz, 16_000)
    windows = feed(audio_window(), samples, rate_hz, cuts)
    for window in windows:
        end = round((window.end_ns - START_NS) * 16_000 / NS)
        assert (end - 1_600) % 400 == 0
        np.testing.assert_array_equal(window.signal_N, signal[end - 1_600 : end])
    whole = feed(audio_window(), samples, rate_hz, [])
    assert windows[-1].end_ns == pytest.approx(whole[-1].end_ns, abs=1_000)
    np.testing.assert_array_equal(windows[-1].signal_N, whole[-1].signal_N)


def test_every_hop_gives_one_window_and_none_is_given_twice() -> None:
    window = audio_window()
    windows = feed(window, noise(16_000), 16_000, list(range(100, 16_000, 100)))
    assert len(windows) == 1 + (16_000 - 1_600) // 400
    assert window.take() is None
    ends_s = [(each.end_ns - START_NS) / NS for each in windows]
    np.testing.assert_allclose(ends_s, 0.1 + 0.025 * np.arange(len(windows)), atol=1e-6)


def test_channels_are_mixed_by_their_mean() -> None:
    stereo = noise(1_600, channels=2)
    window = audio_window()
    window.add(stereo, 16_000, START_NS, stamped=True)
    np.testing.assert_allclose(window.take().signal_N, stereo.mean(axis=1), atol=1e-7)
    opposite = audio_window()
    opposite.add(np.hstack([stereo[:, :1], -stereo[:, :1]]), 16_000, START_NS, stamped=True)
    np.testing.assert_allclose(opposite.take().signal_N, 0.0, atol=1e-7)


def test_clipping_is_seen_on_one_of_many_channels_and_through_resampling() -> None:
    samples = noise(9_600, channels=4)
    samples[::4, 2] = 1.0
    window = audio_window()
    window.add(samples, 48_000, START_NS, stamped=True)
    assert window.take().clipped == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_a_tone_keeps_its_pitch_and_level_at_every_rate(rate_hz: int) -> None:
    time = np.arange(rate_hz) / rate_hz
    samples = (0.5 * np.sin(2 * np.pi * 1_000 * time)).astype(np.float32)[:, None]
    taken = feed(audio_window(), samples, rate_hz, list(range(0, rate_hz, 512)))[-1]
    spectrum = np.abs(np.fft.rfft(taken.signal_N)) / 800
    assert np.argmax(spectrum) == 100
    assert spectrum[100] == pytest.approx(0.5, rel=1e-3)


def test_a_new_rate_starts_a_new_stream_without_mixing_the_two() -> None:
    window = audio_window()
    feed(window, np.full((4_000, 1), 0.25, np.float32), 16_000, [])
    windows = feed(
        window, np.full((12_000, 1), -0.25, np.float32), 48_000, list(range(0, 12_000, 512)), START_NS + NS // 4
    )
    assert windows
    for each in windows:
        np.testing.assert_allclose(np.median(each.signal_N), -0.25, atol=1e-4)
        assert each.signal_N.max() < 0.1


@pytest.mark.parametrize("jump_s", [-100.0, 2.0])
@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
def test_no_window_spans_a_gap(jump_s: float, rate_hz: int) -> None:
    window = audio_window()
    feed(window, np.full((rate_hz // 2, 1), 0.25, np.float32), rate_hz, [])
    after_ns = START_NS + NS // 2 + round(jump_s * NS)
    windows = feed(window, np.full((rate_hz // 2, 1), -0.25, np.float32), rate_hz, [rate_hz // 20], after_ns)
    assert len(windows) == 1
    assert windows[0].signal_N.max() < 0.1
    assert after_ns + NS // 10 <= windows[0].end_ns <= after_ns + NS // 2


def test_times_of_windows_only_grow_however_the_stamps_jitter() -> None:
    rng = np.random.default_rng(5)
    window = audio_window()
    ends_ns = []
    for index in range(300):
        stamp_ns = START_NS + index * NS // 50 + int(rng.uniform(-0.2, 0.2) * NS)
        window.add(noise(320), 16_000, stamp_ns, stamped=True)
        if taken := window.take():
            ends_ns.append(taken.end_ns)
    assert len(ends_ns) > 200
    assert (np.diff(ends_ns) > 0).all()


def test_memory_does_not_grow_with_the_stream_or_with_a_huge_chunk() -> None:
    window = audio_window()
    huge = noise(200_000)
    for index in range(5):
        window.add(huge, 8_000, START_NS + index * 25 * NS, stamped=True)
        window.take()
    held = [value for value in vars(window).values() if isinstance(value, np.ndarray)]
    assert sum(array.nbytes for array in held) == 2 * (1_600 + 400) * 2 * 4
    taken = window.take()
    assert taken is None


@pytest.mark.parametrize(
    "samples", [np.zeros((0, 1)), np.zeros((3, 0)), np.zeros(3), np.full((3, 2), np.nan), [[np.inf]]]
)
def test_an_unusable_chunk_is_refused_and_leaves_the_stream_as_it_was(samples: np.ndarray) -> None:
    window = audio_window()
    window.add(noise(1_000), 16_000, START_NS, stamped=True)
    with pytest.raises(InputError):
        window.add(np.asarray(samples, np.float32), 16_000, START_NS, stamped=True)
    window.add(noise(600), 16_000, START_NS + NS // 16, stamped=True)
    np.testing.assert_array_equal(window.take().signal_N, np.vstack([noise(1_000), noise(600)])[:, 0])


def test_a_fresh_stream_is_heard_in_growing_windows_until_they_are_whole() -> None:
    window = AudioWindow(16_000, window_s=0.1, hop_s=0.025, gap_tolerance_s=0.5, first_s=0.05)
    samples = noise(3_000)
    taken = feed(window, samples, 16_000, list(range(100, 3_000, 100)))
    assert [len(one.signal_N) for one in taken] == [800, 1_200, 1_600, 1_600, 1_600, 1_600]
    for one in taken[:2]:
        np.testing.assert_array_equal(one.signal_N, samples[: len(one.signal_N), 0])
