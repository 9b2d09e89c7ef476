import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.filterbank import FilterbankSettings, log_mel, mel_weights

# Relative difference of mel energies, to the largest one of the signal: what float32 leaves of either implementation.
ENERGY_TOLERANCE = 3e-5
# Absolute difference of log-mel of broadband signals, in which no bin is lost in the rounding of a louder one.
LOG_TOLERANCE = 2e-3


def kaldi_log_mel(signal: np.ndarray, bins: int, window: str) -> np.ndarray:
    kaldi_native_fbank = pytest.importorskip("kaldi_native_fbank")
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = window
    options.mel_opts.num_bins = bins
    options.htk_compat = True
    options.use_energy = False
    fbank = kaldi_native_fbank.OnlineFbank(options)
    fbank.accept_waveform(16_000, signal)
    fbank.input_finished()
    return np.array([fbank.get_frame(index) for index in range(fbank.num_frames_ready)]).reshape(-1, bins)


def noise(samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.1, samples).astype(np.float32)


def tone(samples: int, hz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / 16_000)).astype(np.float32)


SIGNALS = {
    "noise": noise(16_000),
    "quiet noise": 1e-3 * noise(16_000),
    "tone": tone(16_000),
    "tone on an offset": 0.4 + tone(16_000) / 2,
    "silence": np.zeros(16_000, np.float32),
    "click": np.eye(1, 16_000, 8_000, dtype=np.float32)[0],
}


@pytest.mark.parametrize("window", ["hanning", "povey"])
@pytest.mark.parametrize("bins", [23, 64, 80, 112])
@pytest.mark.parametrize("name", SIGNALS)
def test_kaldi_numbers(name: str, bins: int, window: str) -> None:
    ours = log_mel(SIGNALS[name], FilterbankSettings(bins=bins, window=window))
    kaldi = kaldi_log_mel(SIGNALS[name], bins, window)
    assert ours.dtype == np.float32
    assert ours.shape == kaldi.shape == (98, bins)
    energy = np.exp(kaldi)
    np.testing.assert_allclose(np.exp(ours), energy, rtol=0, atol=ENERGY_TOLERANCE * energy.max())
    if "noise" in name or name in {"silence", "click"}:
        np.testing.assert_allclose(ours, kaldi, atol=LOG_TOLERANCE)


def test_more_bins_than_frequencies_leave_bins_at_the_floor_as_in_torchaudio() -> None:
    """128 bins over 257 frequencies leave filters empty: ImageBind was trained so, kaldi-native-fbank refuses it."""
    reference = pytest.importorskip("transformers.audio_utils")
    signal = noise(32_000)
    with pytest.warns(UserWarning, match="all zero"):
        filters = reference.mel_filter_bank(
            num_frequency_bins=257,
            num_mel_filters=128,
            min_frequency=20.0,
            max_frequency=8_000.0,
            sampling_rate=16_000,
            mel_scale="kaldi",
            triangularize_in_mel_space=True,
        )
    expected = reference.spectrogram(
        signal,
        reference.window_function(400, "hann", periodic=False),
        frame_length=400,
        hop_length=160,
        fft_length=512,
        power=2.0,
        center=False,
        preemphasis=0.97,
        mel_filters=filters,
        log_mel="log",
        mel_floor=float(np.finfo(np.float32).eps),
        remove_dc_offset=True,
    ).T
    ours = log_mel(signal, FilterbankSettings(bins=128))
    np.testing.assert_allclose(ours, expected, atol=LOG_TOLERANCE)
    empty = (mel_weights(FilterbankSettings(bins=128)) == 0).all(axis=0)
    assert empty.any()
    np.testing.assert_allclose(ours[:, empty], np.log(np.finfo(np.float32).eps), rtol=1e-6)


@given(samples=st.integers(400, 2_000))
@settings(max_examples=40, deadline=None)
def test_a_rest_that_fills_no_frame_is_dropped_as_in_kaldi(samples: int) -> None:
    signal = noise(samples)
    ours = log_mel(signal, FilterbankSettings(bins=40))
    assert ours.shape == kaldi_log_mel(signal, 40, "hanning").shape
    whole = signal[: 400 + 160 * (len(ours) - 1)]
    np.testing.assert_array_equal(ours, log_mel(whole, FilterbankSettings(bins=40)))


@pytest.mark.parametrize("samples", [0, 1, 399])
def test_less_than_one_frame_is_refused(samples: int) -> None:
    with pytest.raises(InputError, match="frame"):
        log_mel(np.zeros(samples, np.float32), FilterbankSettings(bins=64))


def test_the_signal_is_left_as_it_was() -> None:
    signal = noise(1_600)
    before = signal.copy()
    log_mel(signal, FilterbankSettings(bins=64))
    np.testing.assert_array_equal(signal, before)


def test_the_shared_filters_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        mel_weights(FilterbankSettings(bins=64))[0, 0] = 1.0
