"""What every preprocessor promises to its encoder, tried on each modality."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.events import Events
from omnibind_ros.messages.points import PointCloud
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.preprocessing.registry import make_preprocessor

UNKNOWN = "[UNK]"
NOW = 1_700_000_000_000_000_000
RNG = np.random.default_rng(0)


def noise() -> np.ndarray:
    return RNG.integers(0, 256, (48, 64, 3), np.uint8)


def some_events() -> Events:
    count = 2000
    return Events(
        x=RNG.integers(0, 64, count).astype(np.uint16),
        y=RNG.integers(0, 48, count).astype(np.uint16),
        t_us=np.sort(RNG.integers(0, 60_000, count)),
        p=RNG.random(count) < 0.5,
        width=64,
        height=48,
    )


ARRAYS: dict[Modality, Callable[[], Any]] = {
    Modality.IMAGE: noise,
    Modality.THERMAL: lambda: RNG.integers(29_000, 31_000, (48, 64), np.uint16),
    Modality.TOUCH: noise,
    Modality.EVENT: some_events,
    Modality.AUDIO: lambda: AudioChunk(RNG.normal(scale=0.1, size=(16_000, 1)).astype(np.float32), 16_000),
    Modality.POINT: lambda: PointCloud(RNG.normal(size=(2000, 3)).astype(np.float32) * 0.1 + (1, 0, 0)),
    Modality.TEXT: lambda: "a mug",
}


def resources(modality: Modality) -> dict[str, Any]:
    if modality is not Modality.TEXT:
        return {}
    words = {"[PAD]": 0, UNKNOWN: 1, "a mug": 2}
    return {"tokenizer": Tokenizer(models.WordLevel(words, unk_token=UNKNOWN))}


@pytest.mark.parametrize("modality", Modality)
def test_what_was_added_is_taken_once_and_fits_the_encoder(modality: Modality) -> None:
    settings = import_module(f"omnibind_ros.preprocessing.{modality}").PRESETS["compact"]
    preprocessor = make_preprocessor(modality, settings, **resources(modality))
    model_input = None
    for message in range(40):  # a contact needs frames without contact before it, a window needs its length
        preprocessor.add(ARRAYS[modality](), NOW + message * 1_000_000_000)
        model_input = preprocessor.take() or model_input
        assert preprocessor.take() is None
    assert isinstance(model_input, ModelInput)
    assert model_input.array.shape == tuple(settings.input_shape)
    assert model_input.array.dtype == (np.int64 if modality is Modality.TEXT else np.float32)
    assert model_input.array.flags.c_contiguous
    assert np.isfinite(model_input.array).all()
    assert 0 <= model_input.quality <= 1
    assert abs(model_input.stamp_ns - NOW) < 60_000_000_000
