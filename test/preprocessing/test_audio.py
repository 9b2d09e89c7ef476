import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io.wavfile
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from omnibind_ros.errors import InputError
from omnibind_ros.messages.audio import AudioChunk, AudioDecoder
from omnibind_ros.preprocessing.audio import (
    PRESETS,
    AudioPreprocessor,
    AudioSettings,
    mono,
    prepare_audio,
    prepare_recording,
    signal_quality,
)
from omnibind_ros.preprocessing.filterbank import FilterbankSettings, log_mel

START_NS = 1_700_000_000_000_000_000
SHAPES = {
    "compact": (1, 98, 64),
    "imagebind": (1, 128, 204),
    "languagebind": (3, 112, 1036),
    "clap": (1, 1001, 64),
    "yamnet": (96, 64),
}


def noise(samples: int, level: float = 0.1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, level, samples).clip(-1, 1).astype(np.float32)


def with_filterbank(preset: AudioSettings, **changes: float) -> AudioSettings:
    return preset.model_copy(update={"filterbank": preset.filterbank.model_copy(update=changes)})


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("seconds", [0.1, 1.0, 12.0])
def test_every_preset_gives_its_shape_for_any_length(name: str, seconds: float) -> None:
    preset = PRESETS[name]
    array = prepare_audio(noise(round(seconds * preset.rate_hz)), preset)
    assert array.shape == preset.input_shape == SHAPES[name]
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert np.isfinite(array).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"window_s": 0.02},
        {"silent_dbfs": -40.0},
        {"hop_s": 0.0},
        {"std": 0.0},
        {"overlap": 0.5},
        {"filterbank": {"bins": 64, "frame_length": 600}},
        {"filterbank": {"bins": 64, "high_hz": 9_000.0}},
        {"filterbank": {"bins": 64, "floor": 0.0}},
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AudioSettings.model_validate(PRESETS["compact"].model_dump() | changes)


@pytest.mark.parametrize("name", PRESETS)
def test_settings_survive_a_bundle_file(name: str) -> None:
    assert AudioSettings.model_validate_json(PRESETS[name].model_dump_json()) == PRESETS[name]


def test_compact_is_kaldi_log_mel_with_time_before_frequency() -> None:
    signal = noise(16_000)
    preset = PRESETS["compact"]
    array = prepare_audio(signal, preset)
    expected = log_mel(signal, FilterbankSettings(bins=64))
    np.testing.assert_allclose(array[0] * preset.std + preset.mean, expected, atol=1e-4)


def test_imagebind_frames_that_are_missing_are_zeros_before_normalisation() -> None:
    array = prepare_audio(noise(32_000), PRESETS["imagebind"])
    np.testing.assert_allclose(array[:, :, 198:], 4.268 / 9.138, rtol=1e-6)
    assert not np.isclose(array[:, :, :198], 4.268 / 9.138).all(axis=1).any()


def test_imagebind_ignores_a_constant_offset() -> None:
    signal = noise(32_000)
    preset = PRESETS["imagebind"]
    np.testing.assert_allclose(prepare_audio(signal + 0.2, preset), prepare_audio(signal, preset), atol=5e-3)


def test_a_short_recording_is_repeated_whole_for_languagebind() -> None:
    preset = PRESETS["languagebind"]
    second = noise(16_000)
    repeated = np.pad(np.tile(second, 10), (0, preset.window_samples - 160_000))
    np.testing.assert_array_equal(prepare_audio(second, preset), prepare_audio(repeated, preset))
    array = prepare_audio(second, preset)
    np.testing.assert_array_equal(array[0], array[2])
    np.testing.assert_allclose(array[:, :, 1034:], 4.2677393 / (2 * 4.5689974), rtol=1e-6)


@pytest.mark.parametrize("samples", [480_000, 479_999, 130_000, 48_000])
def test_clap_numbers_of_the_transformers_feature_extractor(samples: int) -> None:
    """Within 1e-3 dB, also for a tone, whose empty bins lie at the floor of -100 dB."""
    pytest.importorskip("torch", reason="the feature extractor of transformers needs torch")
    transformers = pytest.importorskip("transformers")
    extractor = transformers.ClapFeatureExtractor(truncation="rand_trunc", padding="repeatpad")
    tone = 0.8 * np.sin(2 * np.pi * 440 * np.arange(samples) / 48_000)
    for signal in (noise(samples), tone.astype(np.float32)):
        expected = extractor(signal, sampling_rate=48_000, return_tensors="np")["input_features"][0]
        np.testing.assert_allclose(prepare_audio(signal, PRESETS["clap"]), expected, atol=1e-3)


def test_a_recording_longer_than_the_window_gives_its_middle_every_time() -> None:
    preset = PRESETS["clap"]
    signal = noise(600_000)
    array = prepare_audio(signal, preset)
    np.testing.assert_array_equal(array, prepare_audio(signal, preset))
    np.testing.assert_array_equal(array, prepare_audio(signal[60_000:540_000], preset))


def test_yamnet_numbers_of_the_published_reference(recordings: Path) -> None:
    """The reference was made from audio scaled to its peak, and with 0.01 under the logarithm instead of 0.001."""
    audio_file, reference_file = (recordings / "models" / f"yamnet_test_{kind}.bin" for kind in ("audio", "spectra"))
    if not audio_file.is_file():
        pytest.skip(f"no reference vector at {audio_file}")
    signal = np.fromfile(audio_file, "<i2").astype(np.float32)
    signal /= np.abs(signal).max()
    reference = np.fromfile(reference_file, "<f4").reshape(96, 64)
    array = prepare_audio(signal, with_filterbank(PRESETS["yamnet"], offset=0.01))
    np.testing.assert_allclose(array, reference, atol=1e-4)


@pytest.mark.parametrize("signal", [np.zeros(0), np.zeros((2, 2)), np.full(16_000, np.nan), np.array([np.inf] * 500)])
def test_an_unusable_signal_is_refused(signal: np.ndarray) -> None:
    with pytest.raises(InputError):
        prepare_audio(signal.astype(np.float32), PRESETS["compact"])


def test_a_recording_becomes_evenly_spaced_clips_from_its_start_to_its_end() -> None:
    preset = PRESETS["imagebind"]
    signal = noise(80_000)
    clips = prepare_recording(signal, preset)
    assert clips.shape == (3, *preset.input_shape)
    for clip, start in zip(clips, (0, 24_000, 48_000), strict=True):
        np.testing.assert_array_equal(clip, prepare_audio(signal[start : start + 32_000], preset))
    short = prepare_recording(signal[:8_000], preset)
    np.testing.assert_array_equal(short[0], short[2])


def test_stereo_is_the_mean_of_its_channels_in_a_recording_and_in_a_stream() -> None:
    left, right = noise(16_000, seed=1), noise(16_000, seed=2)
    stereo = AudioChunk(np.stack([left, right], axis=1), 16_000)
    expected = prepare_audio((left + right) / 2, PRESETS["compact"])
    np.testing.assert_allclose(prepare_audio(mono(stereo, 16_000), PRESETS["compact"]), expected, atol=1e-4)
    preprocessor = AudioPreprocessor(PRESETS["compact"])
    preprocessor.add(stereo, START_NS)
    np.testing.assert_allclose(preprocessor.take().array, expected, atol=1e-4)


@given(chunk_samples=st.integers(64, 9_000), rate_hz=st.sampled_from([8_000, 16_000, 44_100]), stamped=st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_stream_gives_what_training_gives_for_the_same_stretch(
    chunk_samples: int, rate_hz: int, stamped: bool
) -> None:
    preset = PRESETS["compact"]
    samples = noise(2 * rate_hz)[:, None]
    signal = mono(AudioChunk(samples, rate_hz), 16_000)
    preprocessor = AudioPreprocessor(preset)
    ends = []
    for start in range(0, len(samples), chunk_samples):
        part = samples[start : start + chunk_samples]
        time_ns = START_NS + (start + (0 if stamped else len(part))) * 1_000_000_000 // rate_hz
        preprocessor.add(AudioChunk(part, rate_hz, stamped), time_ns)
        taken = preprocessor.take()
        if taken is None:
            continue
        end = round((taken.stamp_ns - START_NS) * 16_000 / 1_000_000_000)
        ends.append(end)
        np.testing.assert_allclose(taken.array, prepare_audio(signal[max(end - 16_000, 0) : end], preset), atol=1e-5)
        assert taken.quality == 1.0
    assert ends[-1] >= 24_000
    assert np.all(np.diff(ends) % 4_000 == 0)


@pytest.mark.parametrize(("first_s", "samples"), [(None, 16_000), (0.5, 8_000)])
def test_nothing_is_given_before_the_first_window_or_twice(first_s: float | None, samples: int) -> None:
    preprocessor = AudioPreprocessor(PRESETS["compact"].model_copy(update={"first_s": first_s}))
    preprocessor.add(AudioChunk(noise(samples - 1)[:, None], 16_000), START_NS)
    assert preprocessor.take() is None
    preprocessor.add(AudioChunk(noise(1)[:, None], 16_000), START_NS + (samples - 1) * 62_500)
    assert preprocessor.take() is not None
    assert preprocessor.take() is None


def quality_of(signal: np.ndarray) -> float:
    preprocessor = AudioPreprocessor(PRESETS["compact"])
    preprocessor.add(AudioChunk(np.asarray(signal, np.float32)[:, None], 16_000), START_NS)
    return preprocessor.take().quality


TIME = np.arange(16_000) / 16_000
TONE = np.sin(2 * np.pi * 440 * TIME)
KNOCK = np.where((TIME > 0.5) & (TIME < 0.55), 0.3, 0.0) * TONE


def test_quality_tells_sound_from_silence_constants_and_clipping() -> None:
    assert quality_of(np.zeros(16_000)) == 0.0
    assert quality_of(np.full(16_000, 0.5)) == 0.0
    assert quality_of(np.full(16_000, -1.0)) == 0.0
    assert quality_of(1e-5 * TONE) == 0.0
    assert 0.0 < quality_of(1e-3 * TONE) < 1.0
    assert quality_of(0.5 * TONE) == 1.0
    assert quality_of(0.3 + 0.3 * TONE) == 1.0
    assert quality_of(KNOCK) == 1.0
    assert quality_of(np.clip(10 * TONE, -1, 1)) == 0.0


def test_quality_falls_with_clipping() -> None:
    qualities = [signal_quality(noise(16_000), clipped, PRESETS["compact"]) for clipped in (0.0, 0.05, 0.1, 0.2, 1.0)]
    assert qualities == sorted(qualities, reverse=True)
    assert (qualities[0], qualities[-2], qualities[-1]) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("folder", ["audio/esc10_16k", "audio/fsdd_8k", "audio/trio"])
def test_real_recordings_become_finite_inputs(recordings: Path, folder: str, name: str) -> None:
    files = sorted((recordings / folder).rglob("*.wav"))
    if not files:
        pytest.skip(f"no recordings in {recordings / folder}")
    preset = PRESETS[name]
    for file in files[:: max(1, len(files) // 8)]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scipy.io.wavfile.WavFileWarning)  # recorders add chunks of their own
            rate_hz, samples = scipy.io.wavfile.read(file)
        channels = 1 if samples.ndim == 1 else samples.shape[1]
        decoder = AudioDecoder(default_rate_hz=rate_hz, default_channels=channels)
        message = type("AudioData", (), {"data": samples.tobytes()})()
        clips = prepare_recording(mono(decoder.decode(message), preset.rate_hz), preset)
        assert clips.shape == (3, *SHAPES[name])
        assert np.isfinite(clips).all()
        assert clips.std() > 0.01


def test_real_sounds_lie_around_zero_in_the_compact_input(recordings: Path) -> None:
    files = sorted((recordings / "audio/esc10_16k").rglob("*.wav"))[::4]
    if not files:
        pytest.skip(f"no recordings in {recordings / 'audio/esc10_16k'}")
    chunks = [AudioChunk(scipy.io.wavfile.read(file)[1][:, None] / np.float32(32768), 16_000) for file in files]
    clips = np.concatenate([prepare_recording(mono(chunk, 16_000), PRESETS["compact"]) for chunk in chunks])
    assert abs(clips.mean()) < 0.5
    assert 0.5 < clips.std() < 2.0
