import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.image import PRESETS, ImagePreprocessor, ImageSettings, prepare_image

# one grey level of 255 after CLIP's normalisation
ONE_LEVEL = 1 / 255 / 0.261


def photos(recordings):
    paths = sorted((recordings / "image" / "trio").glob("*.jpg"))
    return [cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in paths]


def synthetic():
    rng = np.random.default_rng(0)
    noise = [
        rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((480, 640), (641, 479), (224, 224), (100, 333))
    ]
    edges = np.zeros((300, 500, 3), dtype=np.uint8)
    edges[::7, :, 0] = 255
    edges[:, ::11, 2] = 255
    return [*noise, edges]


@pytest.fixture(scope="module")
def reference_processors():
    clip = pytest.importorskip("transformers.models.clip.image_processing_pil_clip", reason="needs transformers 5")
    siglip = pytest.importorskip(
        "transformers.models.siglip.image_processing_pil_siglip", reason="needs transformers 5"
    )
    return {
        "clip": clip.CLIPImageProcessorPil(),
        "siglip": siglip.SiglipImageProcessorPil(),
        # PE's own transform: squash, bilinear, mean = std = 0.5
        "pe": siglip.SiglipImageProcessorPil(size={"height": 336, "width": 336}, resample=2),
    }


@pytest.mark.parametrize(("preset", "tolerance"), [("clip", ONE_LEVEL), ("siglip", 1e-6), ("pe", 1e-6)])
def test_synthetic_frames_equal_the_reference_processor(preset, tolerance, reference_processors):
    assert_parity(synthetic(), preset, tolerance, reference_processors)


@pytest.mark.parametrize(("preset", "tolerance"), [("clip", ONE_LEVEL), ("siglip", 1e-6), ("pe", 1e-6)])
def test_real_photos_equal_the_reference_processor(preset, tolerance, reference_processors, recordings):
    assert_parity(photos(recordings), preset, tolerance, reference_processors)


def assert_parity(frames, preset, tolerance, processors):
    for frame in frames:
        expected = processors[preset](frame, return_tensors="np", input_data_format="channels_last")["pixel_values"][0]
        difference = np.abs(prepare_image(frame, PRESETS[preset]) - expected)
        assert difference.max() <= tolerance
        assert difference.mean() <= tolerance / 1000 + 1e-7


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (
            "clip",
            ((200 / 255 - 0.48145466) / 0.26862954, (100 / 255 - 0.4578275) / 0.26130258, -0.40821073 / 0.27577711),
        ),
        ("siglip", (2 * 200 / 255 - 1, 2 * 100 / 255 - 1, -1)),
        ("pe", (2 * 200 / 255 - 1, 2 * 100 / 255 - 1, -1)),
        ("compact", (2 * 200 / 255 - 1, 2 * 100 / 255 - 1, -1)),
    ],
)
def test_a_flat_colour_shows_the_constants_of_the_preset(preset, expected):
    array = prepare_image(np.full((60, 80, 3), (200, 100, 0), dtype=np.uint8), PRESETS[preset])
    np.testing.assert_allclose(array, np.broadcast_to(np.reshape(expected, (3, 1, 1)), array.shape), atol=1e-6)


@pytest.mark.parametrize("preset", PRESETS)
@settings(deadline=None, max_examples=15)
@given(height=st.integers(1, 90), width=st.integers(1, 90))
def test_every_size_gives_exactly_the_input_shape(preset, height, width):
    array = prepare_image(np.full((height, width, 3), 7, dtype=np.uint8), PRESETS[preset])
    assert array.shape == PRESETS[preset].input_shape
    assert array.dtype == np.float32
    assert array.flags.c_contiguous


def test_a_view_with_padded_rows_gives_the_same_input():
    frame = synthetic()[0]
    padded = np.zeros((480, 700, 3), dtype=np.uint8)
    padded[:, :640] = frame
    for preset in PRESETS.values():
        np.testing.assert_array_equal(prepare_image(padded[:, :640], preset), prepare_image(frame, preset))


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 3))],
    ids=["grey", "alpha", "empty", "float"],
)
def test_an_array_that_is_no_rgb_frame_is_refused(array):
    with pytest.raises(InputError, match="expected an RGB frame"):
        prepare_image(array, PRESETS["compact"])
    with pytest.raises(InputError, match="rgb_from_image"):
        ImagePreprocessor(PRESETS["compact"]).add(array, 0)


def test_the_preprocessor_gives_the_newest_frame_once():
    preprocessor = ImagePreprocessor(PRESETS["compact"])
    assert preprocessor.take() is None
    old, new = synthetic()[:2]
    preprocessor.add(old, 10)
    preprocessor.add(new, 20)
    taken = preprocessor.take()
    assert taken.stamp_ns == 20
    np.testing.assert_array_equal(taken.array, prepare_image(new, PRESETS["compact"]))
    assert preprocessor.take() is None


def test_a_blind_camera_has_no_quality_and_a_seeing_one_has():
    preprocessor = ImagePreprocessor(PRESETS["compact"])
    preprocessor.add(np.zeros((480, 640, 3), dtype=np.uint8), 0)
    assert preprocessor.take().quality == 0
    preprocessor.add(synthetic()[4], 1)
    assert preprocessor.take().quality > 0.5


@pytest.mark.parametrize(
    "change", [{"side": 0}, {"std": (0.5, 0.0, 0.5)}, {"resize": "stretch"}, {"mean": (0.5, 0.5)}, {"crop": True}]
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(ValidationError):
        ImageSettings(**(PRESETS["compact"].model_dump() | change))


def test_settings_survive_a_bundle():
    for preset in PRESETS.values():
        assert ImageSettings.model_validate(preset.model_dump(mode="json")) == preset
