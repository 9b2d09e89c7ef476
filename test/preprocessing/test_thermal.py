import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from pydantic import ValidationError

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.thermal import (
    PRESETS,
    ThermalPreprocessor,
    ThermalRange,
    ThermalSettings,
    prepare_thermal,
)

SECOND = 1_000_000_000


def warm_object(object_kelvin=310.0, ambient_kelvin=293.0, noise_kelvin=0.05, seed=0):
    """(120, 160) centikelvin: a warm square with detail in a room."""
    rng = np.random.default_rng(seed)
    kelvin = np.full((120, 160), ambient_kelvin) + np.linspace(0, 3, 160)
    kelvin[40:80, 60:100] = object_kelvin
    kelvin[50:70:4, 65:95] -= 4
    return np.rint(100 * (kelvin + rng.normal(0, noise_kelvin, kelvin.shape))).astype(np.uint16)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("size", [(120, 160), (160, 120), (48, 48), (1, 9)])
def test_every_depth_and_size_gives_one_channel_in_0_1(preset, dtype, size):
    low, high = {np.uint8: (0, 255), np.uint16: (28_000, 31_000), np.float32: (280, 310)}[dtype]
    frame = np.random.default_rng(0).uniform(low, high, size).astype(dtype)
    array = prepare_thermal(frame, PRESETS[preset])
    assert array.shape == PRESETS[preset].input_shape
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert array.min() >= 0
    assert array.max() <= 1


def test_eight_bit_frames_are_divided_by_255_and_nothing_else():
    for level in (0, 51, 255):
        for preset in PRESETS.values():
            array = prepare_thermal(np.full((80, 80), level, dtype=np.uint8), preset)
            np.testing.assert_allclose(array, level / 255, atol=1e-6)


def test_the_imagebind_preset_equals_resize_crop_and_scale_without_further_normalisation(recordings):
    for path in sorted((recordings / "thermal" / "hituav_crops").glob("*/*.png"))[::20]:
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        height, width = grey.shape
        size = (224 * width // min(grey.shape), 224 * height // min(grey.shape))
        resized = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC))
        top, left = (size[1] - 224) // 2, (size[0] - 224) // 2
        expected = resized[top : top + 224, left : left + 224] / 255
        assert np.abs(prepare_thermal(grey, PRESETS["imagebind"])[0] - expected).max() <= 1 / 255 + 1e-6


def test_sixteen_bits_are_not_read_as_eight():
    frame = warm_object()
    array = prepare_thermal(frame, PRESETS["compact"])[0]
    assert array[30, 32] > 0.9
    assert array[5, 5] < 0.2
    # the low bytes alone would be noise
    assert np.corrcoef(array[20:40, 0:24].ravel(), np.tile(np.arange(24), 20))[0, 1] > 0.9


def test_radiometric_counts_and_kelvin_mean_the_same_temperature():
    settings_ = PRESETS["radiometric"]
    frame = warm_object()
    from_counts = prepare_thermal(frame, settings_)
    np.testing.assert_allclose(prepare_thermal((frame / 100).astype(np.float32), settings_), from_counts, atol=1e-5)
    ambient = prepare_thermal(np.full((50, 50), 29_315, dtype=np.uint16), settings_)
    np.testing.assert_allclose(ambient, 40 / 140, atol=1e-5)


@pytest.mark.parametrize("value", [np.uint16(7000), np.float32(21.0)], ids=["raw counts", "degrees Celsius"])
def test_values_of_another_unit_than_stated_are_refused_instead_of_shown_black(value):
    with pytest.raises(InputError, match="outside the limits") as caught:
        prepare_thermal(np.full((50, 50), value), PRESETS["radiometric"])
    assert "kelvin_per_count" in caught.value.remedy


def test_dead_pixels_take_the_median_and_cost_quality():
    frame = (warm_object() / 100).astype(np.float32)
    dead = frame.copy()
    dead[::10, ::10] = np.nan
    dead[1, 1] = np.inf
    assert np.isfinite(prepare_thermal(dead, PRESETS["compact"])).all()
    preprocessor = ThermalPreprocessor(PRESETS["compact"])
    preprocessor.add(frame, 0)
    whole = preprocessor.take().quality
    preprocessor.add(dead, 1)
    assert 0 < preprocessor.take().quality < whole


def test_a_frame_of_mostly_dead_pixels_is_refused():
    frame = np.full((20, 20), np.nan, dtype=np.float32)
    frame[:5] = 300
    with pytest.raises(InputError, match="75% of the thermal frame"):
        prepare_thermal(frame, PRESETS["compact"])


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.uint16, np.float32]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=12),
    )
)
def test_any_frame_is_refused_or_becomes_finite_values_in_0_1(frame):
    try:
        array = prepare_thermal(frame, PRESETS["compact"])
    except InputError:
        assert not (np.abs(frame) < 1e6).all()
        return
    assert np.isfinite(array).all()
    assert array.min() >= 0
    assert array.max() <= 1


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4), np.uint16), np.zeros((4, 4)), np.zeros((4, 4), np.int16)],
    ids=["rgb", "empty", "float64", "int16"],
)
def test_an_array_that_is_no_thermal_frame_is_refused(array):
    with pytest.raises(InputError, match="intensity_from_image"):
        ThermalPreprocessor(PRESETS["compact"]).add(array, 0)


def test_the_range_moves_by_its_time_constant_not_by_the_frame():
    settings_ = PRESETS["compact"]
    sensor_range = ThermalRange(settings_)
    cool, hot = warm_object(300.0), warm_object(330.0)
    start = sensor_range.update(cool, 0)
    soon = sensor_range.update(hot, SECOND // 30)
    settled = ThermalRange(settings_).update(hot, 0)
    assert soon[1] - start[1] < 0.01 * (settled[1] - start[1])
    later = sensor_range.update(hot, SECOND // 30 + 5 * SECOND)
    assert (later[1] - soon[1]) / (settled[1] - soon[1]) == pytest.approx(1 - np.exp(-1), abs=0.01)


@pytest.mark.parametrize("rate_hz", [5, 60])
def test_the_range_does_not_depend_on_the_frame_rate(rate_hz):
    sensor_range = ThermalRange(PRESETS["compact"])
    sensor_range.update(warm_object(300.0), 0)
    hot = warm_object(330.0)
    for frame in range(1, 4 * rate_hz + 1):
        limits = sensor_range.update(hot, frame * SECOND // rate_hz)
    once = ThermalRange(PRESETS["compact"])
    once.update(warm_object(300.0), 0)
    np.testing.assert_allclose(limits, once.update(hot, 4 * SECOND), rtol=1e-4)


def test_frames_do_not_flicker_when_something_hot_passes():
    preprocessor = ThermalPreprocessor(PRESETS["compact"])
    background = []
    for frame in range(30):
        intensity = warm_object(330.0 if frame % 2 else 300.0, seed=frame)
        preprocessor.add(intensity, frame * SECOND // 30)
        background.append(preprocessor.take().array[0, 5:15, 5:15].mean())
    assert np.ptp(background) < 0.05


def test_a_shutter_frame_does_not_disturb_the_range():
    sensor_range = ThermalRange(PRESETS["compact"])
    before = sensor_range.update(warm_object(), 0)
    sensor_range.update(np.full((120, 160), 29_000, dtype=np.uint16), 5 * SECOND)
    np.testing.assert_allclose(sensor_range.update(warm_object(), 6 * SECOND), before, rtol=1e-6)


def test_a_bag_that_starts_again_starts_the_range_again():
    sensor_range = ThermalRange(PRESETS["compact"])
    first = sensor_range.update(warm_object(), 10 * SECOND)
    sensor_range.update(warm_object(350.0), 20 * SECOND)
    assert sensor_range.update(warm_object(), 10 * SECOND) == first


def test_a_driver_that_changes_its_unit_starts_the_range_again():
    sensor_range = ThermalRange(PRESETS["compact"])
    sensor_range.update(warm_object(), 0)
    low, high = sensor_range.update((warm_object() / 100).astype(np.float32), SECOND)
    assert 290 < low < high < 320


def test_a_scene_of_one_temperature_is_not_stretched_into_noise_and_has_little_quality():
    flat = np.rint(29_300 + np.random.default_rng(0).normal(0, 4, (120, 160))).astype(np.uint16)
    preprocessor = ThermalPreprocessor(PRESETS["compact"])
    preprocessor.add(flat, 0)
    taken = preprocessor.take()
    assert taken.array.std() < 0.02
    assert taken.quality < 0.3
    preprocessor.add(warm_object(), SECOND)
    assert preprocessor.take().quality > 0.8
    assert preprocessor.take() is None


def test_real_counts_fill_the_range_and_real_frames_have_quality(recordings):
    paths = sorted((recordings / "thermal" / "irimage_flir").glob("*_raw16.png"))
    assert paths
    for path in paths:
        counts = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert counts.dtype == np.uint16
        preprocessor = ThermalPreprocessor(PRESETS["compact"])
        preprocessor.add(counts, 0)
        taken = preprocessor.take()
        assert taken.array.max() - taken.array.min() > 0.7
        assert taken.quality > 0.9


def test_real_eight_bit_crops_have_quality(recordings):
    qualities = []
    for path in sorted((recordings / "thermal" / "hituav_crops").glob("*/*.png"))[::5]:
        preprocessor = ThermalPreprocessor(PRESETS["compact"])
        preprocessor.add(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), 0)
        qualities.append(preprocessor.take().quality)
    assert np.median(qualities) > 0.9


@pytest.mark.parametrize(
    "change",
    [
        {"percentiles": (99, 1)},
        {"percentiles": (-1, 50)},
        {"limits_kelvin": (300, 300)},
        {"time_constant_s": 0},
        {"minimum_span_counts": -5},
    ],
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(ValidationError):
        ThermalSettings(**(PRESETS["compact"].model_dump() | change))


def test_settings_survive_a_bundle():
    for preset in PRESETS.values():
        assert ThermalSettings.model_validate(preset.model_dump(mode="json")) == preset
