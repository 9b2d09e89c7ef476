import numpy as np
import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.preprocessing.audio import PRESETS, prepare_audio
from training.teachers.pretrained.audio_settings import from_clap

pytest.importorskip("torch", reason="the feature extractors of transformers need torch")
transformers = pytest.importorskip("transformers")


def extractor(**changes):
    return transformers.ClapFeatureExtractor(**{"truncation": "rand_trunc", "padding": "repeatpad", **changes})


def test_the_default_extractor_is_the_preset():
    assert from_clap(extractor().to_dict(), "clap") == PRESETS["clap"]


@pytest.mark.parametrize("samples", [16_000, 9_000, 5_000])
@pytest.mark.parametrize("padding", ["repeatpad", "pad"])
def test_sounds_are_prepared_as_the_extractor_does(samples, padding):
    """Within 1e-3 dB."""
    small = extractor(feature_size=16, sampling_rate=16_000, max_length_s=1, frequency_max=8000, padding=padding)
    own = from_clap(small.to_dict(), "tiny")
    signal = np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
    expected = small(signal, sampling_rate=16_000, return_tensors="np")["input_features"][0]
    np.testing.assert_allclose(prepare_audio(signal, own), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"truncation": "fusion"}, "fuses"),
        ({"padding": "repeat"}, "`repeat`"),
        ({"feature_extractor_type": "WhisperFeatureExtractor"}, "WhisperFeatureExtractor"),
    ],
)
def test_what_the_robot_cannot_do_is_refused_by_name(changes, what):
    with pytest.raises(ConfigurationError, match=what):
        from_clap({**extractor().to_dict(), **changes}, "other")
