import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from omnibind_ros.errors import InputError
from omnibind_ros.messages.points import PointCloud
from omnibind_ros.preprocessing.point import (
    PRESETS,
    PointPreprocessor,
    PointSettings,
    isolate_object,
    normalise_object,
    prepare_point,
)

COMPACT = PRESETS["compact"]
WHOLE = COMPACT.model_copy(update={"segmentation": None})


def blob(
    points: int, centre: tuple[float, float, float] = (0.7, 0.0, 0.1), spread: float = 0.05
) -> NDArray[np.float32]:
    return np.random.default_rng(points).normal(centre, (spread, spread / 2, spread), (points, 3)).astype(np.float32)


@pytest.mark.parametrize(("name", "shape"), [("pointbind", (8192, 3)), ("uni3d", (10_000, 6)), ("compact", (256, 3))])
@pytest.mark.parametrize("points", [3, 128, 256, 12_000])
def test_every_preset_gives_its_shape_centred_and_of_unit_size(name: str, shape: tuple[int, int], points: int) -> None:
    settings = PRESETS[name].model_copy(update={"segmentation": None})
    array = prepare_point(PointCloud(blob(points, (30.0, -5.0, 1.0))), settings)
    assert array.shape == settings.input_shape == shape
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    np.testing.assert_allclose(array[:, :3].mean(axis=0), 0, atol=1e-5)
    assert np.linalg.norm(array[:, :3], axis=1).max() == pytest.approx(1, abs=1e-5)


def test_normalisation_is_the_reference_formula() -> None:
    xyz = np.array([[1, 2, 3], [3, 2, 3], [2, 2, 7], [2, 2, -1]], np.float32)
    settings = WHOLE.model_copy(update={"points": 4})
    expected = np.array([[-0.25, 0, 0], [0.25, 0, 0], [0, 0, 1], [0, 0, -1]])
    np.testing.assert_allclose(normalise_object(PointCloud(xyz), settings), expected, atol=1e-7)


def test_uni3d_exchanges_y_and_z_and_fills_missing_colour() -> None:
    settings = PRESETS["uni3d"].model_copy(update={"segmentation": None, "points": 4})
    xyz = np.array([[1, 0, 0], [-1, 0, 0], [0, 0.5, 0], [0, -0.5, 0]], np.float32)
    bare = prepare_point(PointCloud(xyz), settings)
    np.testing.assert_allclose(bare[:, :3], xyz[:, [0, 2, 1]], atol=1e-7)
    np.testing.assert_allclose(bare[:, 3:], 0.4)
    rgb = np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3)
    np.testing.assert_array_equal(prepare_point(PointCloud(xyz, rgb), settings)[:, 3:], rgb)


def test_colours_stay_with_their_points() -> None:
    xyz = blob(5000, (5.0, 0.0, 0.5), 0.5)
    settings = PRESETS["uni3d"].model_copy(update={"points": 1000, "axes": (0, 1, 2)})
    rgb = (xyz - xyz.min(axis=0)) / np.ptp(xyz, axis=0)
    array = prepare_point(PointCloud(xyz, rgb), settings)
    for axis in range(3):
        assert np.corrcoef(array[:, axis], array[:, 3 + axis])[0, 1] > 0.999


def test_a_camera_frame_gives_the_input_of_an_upright_frame() -> None:
    xyz = blob(200)
    optical = np.stack((-xyz[:, 1], -xyz[:, 2], xyz[:, 0]), axis=1)  # right, down, forward
    upright = prepare_point(PointCloud(xyz), WHOLE)
    turned = prepare_point(PointCloud(optical), WHOLE.model_copy(update={"up": (0.0, -1.0, 0.0)}))
    np.testing.assert_allclose(turned[:, 2], upright[:, 2], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), np.linalg.norm(upright, axis=1), atol=1e-5)


@pytest.mark.parametrize("up", [(0.0, 0.0, 1.0), (0.0, 0.0, -2.0), (1.0, 0.0, 0.0), (0.3, -0.4, 0.5)])
def test_levelling_is_a_rotation_that_takes_up_to_z(up: tuple[float, float, float]) -> None:
    settings = WHOLE.model_copy(update={"up": up})
    frame = np.concatenate((np.eye(3, dtype=np.float32), np.array([up], np.float32)))
    turned = isolate_object(PointCloud(frame), settings).xyz_N3
    np.testing.assert_allclose(turned[:3] @ turned[:3].T, np.eye(3), atol=1e-6)
    assert np.linalg.det(turned[:3]) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(turned[3], (0, 0, np.linalg.norm(up)), atol=1e-6)


def test_points_that_are_not_finite_are_dropped() -> None:
    xyz = blob(100)
    dirty = np.concatenate((xyz, np.full((3, 3), np.nan, np.float32), [[np.inf, 0, 0]])).astype(np.float32)
    np.testing.assert_array_equal(prepare_point(PointCloud(dirty), WHOLE), prepare_point(PointCloud(xyz), WHOLE))


def test_an_object_is_repeatable_and_the_cloud_untouched() -> None:
    xyz = blob(3000)
    before = xyz.copy()
    first = prepare_point(PointCloud(xyz), COMPACT)
    np.testing.assert_array_equal(first, prepare_point(PointCloud(xyz), COMPACT))
    np.testing.assert_array_equal(xyz, before)


@pytest.mark.parametrize("settings", [COMPACT, WHOLE])
def test_no_object_is_an_error_for_training_and_quality_0_on_the_robot(settings: PointSettings) -> None:
    empty = PointCloud(np.empty((0, 3), np.float32))
    with pytest.raises(InputError, match="no point"):
        prepare_point(empty, settings)
    preprocessor = PointPreprocessor(settings)
    preprocessor.add(empty, 5)
    model_input = preprocessor.take()
    assert model_input is not None
    assert (model_input.quality, model_input.stamp_ns) == (0.0, 5)
    assert model_input.array.shape == (256, 3)
    assert not model_input.array.any()


@pytest.mark.parametrize(("points", "quality"), [(13, 13 / 128), (64, 0.5), (128, 1.0), (900, 1.0)])
def test_quality_grows_with_the_points_of_the_object(points: int, quality: float) -> None:
    preprocessor = PointPreprocessor(COMPACT)
    preprocessor.add(PointCloud(blob(points, spread=0.01)), 0)
    model_input = preprocessor.take()
    assert model_input is not None
    assert model_input.quality == pytest.approx(quality, rel=0.05)


def test_points_that_all_coincide_have_quality_0() -> None:
    preprocessor = PointPreprocessor(WHOLE)
    preprocessor.add(PointCloud(np.full((500, 3), 0.7, np.float32)), 0)
    model_input = preprocessor.take()
    assert model_input is not None
    assert model_input.quality == 0
    assert np.isfinite(model_input.array).all()


def test_the_newest_cloud_is_taken_once() -> None:
    preprocessor = PointPreprocessor(COMPACT)
    assert preprocessor.take() is None
    preprocessor.add(PointCloud(blob(100)), 1)
    preprocessor.add(PointCloud(blob(300)), 2)
    model_input = preprocessor.take()
    assert model_input is not None
    assert model_input.stamp_ns == 2
    np.testing.assert_array_equal(model_input.array, prepare_point(PointCloud(blob(300)), COMPACT))
    assert preprocessor.take() is None


@pytest.mark.parametrize(
    "cloud",
    [
        PointCloud(np.zeros((4, 4), np.float32)),
        PointCloud(np.zeros(3, np.float32)),
        PointCloud(blob(4), np.zeros((3, 3), np.float32)),
        PointCloud(blob(4), None, np.zeros(3, np.float32)),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(cloud: PointCloud) -> None:
    preprocessor = PointPreprocessor(COMPACT)
    preprocessor.add(cloud, 0)
    with pytest.raises(InputError):
        preprocessor.take()


@pytest.mark.parametrize(
    "changes", [{"up": (0, 0, 0)}, {"axes": (0, 1, 1)}, {"points": 0}, {"channels": 4}, {"zoom": 2}]
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PointSettings.model_validate(COMPACT.model_dump() | changes)


def test_settings_survive_a_file() -> None:
    for settings in PRESETS.values():
        assert PointSettings.model_validate_json(settings.model_dump_json()) == settings
