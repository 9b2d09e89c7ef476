import cv2
import numpy as np
import pytest

from omnibind_ros.preprocessing.quality import exposure, frame_quality


def scene(side=64):
    rng = np.random.default_rng(2)
    coarse = cv2.resize(
        rng.uniform(0.2, 0.8, (6, 6, 3)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC
    )
    fine = rng.normal(0, 0.05, (side, side, 1)).astype(np.float32)
    return np.clip(255 * (coarse + fine), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("side", [64, 224])
def test_an_ordinary_scene_is_worth_all(side):
    assert frame_quality(scene(side)) > 0.9


@pytest.mark.parametrize("level", [0, 128, 255])
def test_black_grey_and_white_frames_are_worth_nothing(level):
    assert frame_quality(np.full((64, 64, 3), level, dtype=np.uint8)) == 0


def test_noise_in_the_dark_is_worth_little():
    noise = np.random.default_rng(0).integers(0, 5, (64, 64, 3), dtype=np.uint8)
    assert frame_quality(noise) < 0.05


def test_saturation_lowers_quality_steadily():
    qualities = []
    for share in (0.0, 0.6, 0.8, 0.95, 1.0):
        frame = scene()
        frame[: int(share * 64)] = 255
        qualities.append(frame_quality(frame))
    assert qualities == sorted(qualities, reverse=True)
    assert qualities[-1] == 0
    assert qualities[2] < 0.5


@pytest.mark.parametrize("side", [64, 224, 336])
def test_blur_lowers_quality_alike_at_every_resolution(side):
    sharp = scene(side)
    blurred = cv2.GaussianBlur(sharp, (0, 0), 0.06 * side)
    assert frame_quality(blurred) < 0.5 < frame_quality(sharp)


def test_float_and_byte_frames_are_judged_alike():
    grey = scene()[..., 0]
    assert frame_quality(grey) == pytest.approx(frame_quality((grey / 255).astype(np.float32)), abs=1e-3)


def test_exposure_ignores_flatness():
    assert exposure(np.full((32, 32, 3), 120, dtype=np.uint8)) == 1
    assert exposure(np.zeros((32, 32, 3), dtype=np.uint8)) == 0


def test_real_photos_are_worth_more_than_the_same_photos_defocused(recordings):
    for path in sorted((recordings / "image" / "trio").glob("*.jpg")):
        photo = cv2.imread(str(path))
        seen, blurred = (
            cv2.resize(frame, (64, 64), interpolation=cv2.INTER_AREA)
            for frame in (photo, cv2.GaussianBlur(photo, (0, 0), 0.04 * photo.shape[0]))
        )
        assert frame_quality(seen) == 1
        assert frame_quality(blurred) < 0.6
