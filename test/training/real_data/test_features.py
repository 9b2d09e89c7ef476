import wave

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing import audio, image
from training.data.entries import Entry
from training.real_data import features
from training.real_data.features import features_of
from training.real_data.real_sets import REAL_SETS, REFERENCE, entries_of
from training.teachers.pretrained.backbone import FrozenBackbone


@pytest.fixture
def backbones(monkeypatch):
    """Stand-ins for the real networks: what they are given, and the mean of each channel as features."""
    given = []

    def run(inputs):
        given.append(inputs)
        return inputs.reshape(len(inputs), inputs.shape[1], -1).mean(axis=2) + 2.0

    settings = {"mobilenet-v2": image.PRESETS["siglip"], "yamnet": audio.PRESETS["yamnet"]}
    monkeypatch.setattr(features, "known_backbone", lambda name, folder: FrozenBackbone(run, settings[name]))
    return given


def entry(modality, path):
    return Entry(id=str(path), modality=modality, path=str(path), label="mug")


def test_a_sound_is_heard_in_windows_that_overlap(tmp_path, backbones):
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes((np.random.default_rng(0).normal(size=48_000) * 3000).astype("<i2").tobytes())
    found = features_of("yamnet", (entry(Modality.AUDIO, tmp_path / "a.wav"),))
    assert found.shape == (1, 96)
    assert len(backbones[0]) == 5


def test_a_touch_is_what_differs_from_the_untouched_sensor(tmp_path, backbones):
    (tmp_path / REFERENCE).parent.mkdir(parents=True)
    frame = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    cv2.imwrite(str((tmp_path / REFERENCE).with_suffix(".png")), frame)
    (tmp_path / REFERENCE).with_suffix(".png").rename(tmp_path / REFERENCE)
    cv2.imwrite(str(tmp_path / "same.png"), frame)
    features_of("mobilenet of touch", (entry(Modality.TOUCH, tmp_path / "same.png"),), tmp_path)
    np.testing.assert_allclose(backbones[0], 128 / 127.5 - 1, atol=1e-3)


def test_a_thermal_crop_is_grey_in_all_channels(tmp_path, backbones):
    cv2.imwrite(str(tmp_path / "crop.png"), np.random.default_rng(0).integers(0, 255, (40, 40), np.uint8))
    features_of("mobilenet of thermal", (entry(Modality.THERMAL, tmp_path / "crop.png"),))
    assert np.array_equal(backbones[0][:, 0], backbones[0][:, 1])


def test_clusters_are_known_by_shape_and_if_wanted_by_size(tmp_path):
    points = np.random.default_rng(0).random((2, 128, 3)).astype(np.float32)
    points[1] = 3 * points[0] + 10
    np.savez(tmp_path / "train.npz", points=points)
    entries = tuple(entry(Modality.POINT, f"{tmp_path / 'train.npz'}#{number}") for number in range(2))
    shape = features_of("point student", entries)
    np.testing.assert_allclose(shape[0], shape[1], atol=1e-3)
    sized = features_of("point student and size", entries)
    np.testing.assert_allclose(sized[1, -3:], 3 * sized[0, -3:], rtol=1e-5)


@pytest.mark.parametrize("real", REAL_SETS[:4], ids=[real.name for real in REAL_SETS[:4]])
def test_real_recordings_go_through_the_real_networks(real):
    try:
        few = tuple(entries_of(real)[:2])
        found = features_of(real.features, few)
    except ConfigurationError as error:
        pytest.skip(str(error))
    assert found.shape[0] == 2
    assert np.isfinite(found).all()
    assert not np.allclose(found[0], found[1])
