import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.preprocessing.image import PRESETS, prepare_image
from training.teachers.pretrained.image_settings import from_open_clip, from_transformers

pytest.importorskip("torch", reason="the processors of transformers need torch")
# one grey level of 255 at a standard deviation of 0.26: both resize with Pillow, and round at other places
ONE_LEVEL = 1 / 255 / 0.26


def processors():
    transformers = pytest.importorskip("transformers")
    if not hasattr(transformers, "CLIPImageProcessorPil"):
        pytest.skip("needs transformers 5")
    crop = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    square = {"size": {"height": 32, "width": 32}}
    return [
        transformers.CLIPImageProcessorPil(**crop),
        transformers.CLIPImageProcessorPil(**crop, resample=2, do_normalize=False),
        transformers.SiglipImageProcessorPil(**square),
        transformers.SiglipImageProcessorPil(**square, resample=2, image_mean=[0.1, 0.2, 0.3], image_std=[0.5] * 3),
    ]


@settings(max_examples=20, deadline=None)
@given(height=st.integers(32, 200), width=st.integers(32, 200), seed=st.integers(0, 99))
def test_pictures_are_prepared_as_the_processor_does(height, width, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    for processor in processors():
        own = from_transformers(processor.to_dict(), "tiny")
        expected = processor(picture, return_tensors="np", input_data_format="channels_last")["pixel_values"][0]
        assert np.abs(prepare_image(picture, own) - expected).max() <= ONE_LEVEL * 1.01


def test_the_default_processors_are_the_presets():
    transformers = pytest.importorskip("transformers")
    clip = from_transformers(transformers.CLIPImageProcessor().to_dict(), "clip")
    assert clip == PRESETS["clip"]
    assert from_transformers(transformers.SiglipImageProcessor().to_dict(), "siglip") == PRESETS["siglip"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"do_resize": False}, "does not resize"),
        ({"rescale_factor": 1 / 127.5}, "1/255"),
        ({"size": {"shortest_edge": 256}}, "no square"),
        ({"size": {"height": 224, "width": 336}, "do_center_crop": False}, "no square"),
        ({"size": None, "do_center_crop": False}, "no square"),
        ({"resample": 1}, "neither bilinear nor bicubic"),
    ],
)
def test_what_the_robot_cannot_do_is_refused_by_name(changes, what):
    clip = pytest.importorskip("transformers").CLIPImageProcessor().to_dict()
    with pytest.raises(ConfigurationError, match=what):
        from_transformers({**clip, **changes}, "other")


OPEN_CLIP = {"size": [224, 224], "mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic"}


def test_open_clip_resizes_in_two_ways():
    assert from_open_clip({**OPEN_CLIP, "resize_mode": "squash"}, "siglip") == PRESETS["siglip"]
    assert from_open_clip({**OPEN_CLIP, "resize_mode": "shortest", "size": 224}, "x").resize == "short_side_crop"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"resize_mode": "longest"}, "`longest`"),
        ({"size": [224, 336]}, "no square"),
        ({"interpolation": "nearest"}, "nearest"),
    ],
)
def test_what_the_robot_cannot_do_of_open_clip_is_refused_by_name(changes, what):
    with pytest.raises(ConfigurationError, match=what):
        from_open_clip({**OPEN_CLIP, **changes}, "other")
