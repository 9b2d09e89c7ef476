import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from omnibind_ros.errors import ConfigurationError, InputError
from omnibind_ros.preprocessing.touch import PRESETS, TouchPreprocessor, TouchSettings, prepare_touch


def gel(height=120, width=160):
    return np.dstack([np.linspace(80, 140, width)[None, :].repeat(height, axis=0)] * 3).astype(np.uint8)


def pressed(height=120, width=160):
    frame = gel(height, width)
    return cv2.circle(frame, (width // 2, height // 2), height // 5, (200, 60, 110), 4)


def read(path):
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


@pytest.mark.parametrize("preset", PRESETS)
@settings(deadline=None, max_examples=15)
@given(height=st.integers(1, 90), width=st.integers(1, 90))
def test_every_size_gives_exactly_the_input_shape(preset, height, width):
    array = prepare_touch(np.full((height, width, 3), 7, dtype=np.uint8), PRESETS[preset])
    assert array.shape == PRESETS[preset].input_shape
    assert array.dtype == np.float32
    assert array.flags.c_contiguous


def test_the_compact_input_is_the_signed_difference_to_the_untouched_sensor():
    array = prepare_touch(np.full((96, 96, 3), (130, 90, 100), np.uint8), PRESETS["compact"], np.full((96, 96, 3), 100))
    expected = np.reshape([30 / 255, -10 / 255, 0], (3, 1, 1))
    np.testing.assert_allclose(array, np.broadcast_to(expected, (3, 64, 64)), atol=1e-6)
    assert np.abs(prepare_touch(gel(), PRESETS["compact"], gel())).max() == 0


def test_without_a_reference_the_frames_own_mean_stands_in():
    array = prepare_touch(pressed(), PRESETS["compact"])
    np.testing.assert_allclose(array.mean(axis=(1, 2)), 0, atol=0.01)


def test_unitouch_is_the_clip_image():
    from omnibind_ros.preprocessing.image import PRESETS as IMAGE_PRESETS  # noqa: PLC0415
    from omnibind_ros.preprocessing.image import prepare_image  # noqa: PLC0415

    np.testing.assert_array_equal(
        prepare_touch(pressed(), PRESETS["unitouch"]), prepare_image(pressed(), IMAGE_PRESETS["clip"])
    )


def padded_and_turned(values):
    """TVL's steps before the resize: pad with black to a square, turn a quarter counter-clockwise."""
    height, width, _ = values.shape
    tall, wide = (max(height, width) - height) // 2, (max(height, width) - width) // 2
    return np.ascontiguousarray(np.rot90(np.pad(values, ((tall, tall), (wide, wide), (0, 0)))))


def resized(pixels):
    return np.asarray(Image.fromarray(pixels).resize((224, 224), Image.Resampling.BILINEAR))


def normalised(values, mean, std):
    return ((values - mean) / std).transpose(2, 0, 1)


@pytest.mark.parametrize("size", [(320, 240), (120, 160)])
def test_tvl_equals_its_steps(size):
    expected = resized(padded_and_turned(pressed(*size))) / 255
    expected = normalised(expected, (0.2917, 0.2971, 0.2910), (0.1876, 0.1947, 0.2187))
    np.testing.assert_allclose(prepare_touch(pressed(*size), PRESETS["tvl"]), expected, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("size", [(320, 240), (120, 160)])
def test_tvl_equals_its_steps_with_the_background_subtracted(size):
    difference = padded_and_turned(pressed(*size).astype(np.float32) - gel(*size)) / 255
    expected = np.dstack([resized(np.ascontiguousarray(difference[..., channel])) for channel in range(3)])
    expected = normalised(expected, (-0.0081, -0.0189, -0.0184), (0.0454, 0.0440, 0.0533))
    seen = prepare_touch(pressed(*size), PRESETS["tvl_difference"], gel(*size))
    np.testing.assert_allclose(seen, expected, atol=5e-3, rtol=2e-3)


def test_the_preprocessor_is_quiet_until_something_touches():
    preprocessor = TouchPreprocessor(PRESETS["compact"])
    assert preprocessor.take() is None
    for stamp in range(10):
        preprocessor.add(gel(), stamp)
        assert preprocessor.take().quality == 0
    preprocessor.add(pressed(), 100)
    taken = preprocessor.take()
    assert taken.quality > 0.5
    assert taken.stamp_ns == 100
    np.testing.assert_allclose(taken.array, prepare_touch(pressed(), PRESETS["compact"], gel()), atol=1e-6)
    assert preprocessor.take() is None
    preprocessor.add(gel(), 200)
    assert preprocessor.take().quality == 0


def test_a_black_frame_is_no_touch_worth_having():
    preprocessor = TouchPreprocessor(PRESETS["compact"], gel())
    preprocessor.add(np.zeros((120, 160, 3), dtype=np.uint8), 0)
    assert preprocessor.take().quality == 0


def test_a_reference_is_read_from_a_file(tmp_path):
    path = tmp_path / "untouched.png"
    Image.fromarray(gel()).save(path)
    preprocessor = TouchPreprocessor(PRESETS["compact"], path)
    preprocessor.add(pressed(), 0)
    assert preprocessor.take().quality > 0.5


@pytest.mark.parametrize("content", [None, b"not an image", b"\x89PNG\r\n\x1a\n"])
def test_a_reference_file_that_is_no_image_is_refused_by_name(tmp_path, content):
    path = tmp_path / "untouched.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"untouched\.png"):
        TouchPreprocessor(PRESETS["compact"], path)


def test_a_frame_of_another_size_than_the_reference_is_refused():
    preprocessor = TouchPreprocessor(PRESETS["compact"], gel())
    preprocessor.add(gel(60, 80), 0)
    with pytest.raises(InputError, match="no-contact reference"):
        preprocessor.take()
    with pytest.raises(InputError, match="no-contact reference"):
        prepare_touch(gel(60, 80), PRESETS["compact"], gel())


def test_real_touches_are_seen_against_the_real_untouched_frame(recordings):
    folder = recordings / "tactile" / "vt60"
    untouched = read(folder / "touch_baseline.jpg")
    preprocessor = TouchPreprocessor(PRESETS["compact"], untouched)
    preprocessor.add(untouched, 0)
    assert preprocessor.take().quality == 0
    qualities = []
    for stamp, path in enumerate(sorted((folder / "touch").glob("*/*.jpg"))[::6], start=1):
        preprocessor.add(read(path), stamp)
        qualities.append(preprocessor.take().quality)
    assert min(qualities) > 0.5


def test_every_frame_of_a_real_gel_under_changing_light_is_prepared(recordings):
    frames = [read(path) for path in sorted((recordings / "tactile" / "gelsight_groove").glob("*.png"))]
    assert len(frames) == 6
    for preset in PRESETS.values():
        for frame in frames:
            assert np.isfinite(prepare_touch(frame, preset, frames[0])).all()


def test_settings_that_make_no_sense_are_refused_and_others_survive_a_bundle():
    for change in (
        {"quarter_turns": 4},
        {"resize": "crop"},
        {"reference_frames": 0},
        {"contact_area": (0.1, 0.1)},
        {"std": (1, 1, 0)},
    ):
        with pytest.raises(ValidationError):
            TouchSettings(**(PRESETS["compact"].model_dump() | change))
    for preset in PRESETS.values():
        assert TouchSettings.model_validate(preset.model_dump(mode="json")) == preset
