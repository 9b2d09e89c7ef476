"""The image processor of a pretrained model as settings of the robot's preprocessing."""

import math
from collections.abc import Mapping
from typing import Any, Literal

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.preprocessing.image import ImageSettings

_FILTERS: dict[int, Literal["bilinear", "bicubic"]] = {2: "bilinear", 3: "bicubic"}
_OPEN_CLIP_FIT: dict[str, Literal["short_side_crop", "squash"]] = {"shortest": "short_side_crop", "squash": "squash"}


def from_transformers(processor: Mapping[str, Any], name: str) -> ImageSettings:
    """Settings equal to an image processor of `transformers`, given as its `to_dict()`.

    Raises ConfigurationError that names what the robot's preprocessing cannot do.
    """
    size, crop = dict(processor.get("size") or {}), dict(processor.get("crop_size") or {})
    short = size.get("shortest_edge")
    if not processor.get("do_resize", True):
        raise _cannot("it does not resize")
    if not processor.get("do_rescale", True) or not math.isclose(
        processor.get("rescale_factor", 1 / 255), 1 / 255, rel_tol=1e-6
    ):
        raise _cannot("it does not scale intensities by 1/255")
    fit: Literal["short_side_crop", "squash"]
    if short is not None and processor.get("do_center_crop") and crop == {"height": short, "width": short}:
        side, fit = short, "short_side_crop"
    elif {"height", "width"} <= set(size) and size["height"] == size["width"] and not processor.get("do_center_crop"):
        side, fit = size["height"], "squash"
    else:
        raise _cannot(f"its size {size} with the crop {crop or None} is no square of one side")
    resample = processor.get("resample")
    if resample not in _FILTERS:
        raise _cannot(f"its resampling filter {resample!r} is neither bilinear nor bicubic")
    normalises = processor.get("do_normalize", True)
    return ImageSettings(
        name=name,
        side=side,
        resize=fit,
        interpolation=_FILTERS[resample],
        mean=_three(processor["image_mean"]) if normalises else (0.0, 0.0, 0.0),
        std=_three(processor["image_std"]) if normalises else (1.0, 1.0, 1.0),
    )


def from_open_clip(preprocess: Mapping[str, Any], name: str) -> ImageSettings:
    """Settings equal to the `preprocess_cfg` of an open_clip model. Raises ConfigurationError like the other."""
    size = preprocess["size"]
    sides = set(size) if isinstance(size, list | tuple) else {size}
    if len(sides) != 1:
        raise _cannot(f"its size {size} is no square")
    if preprocess.get("resize_mode", "shortest") not in _OPEN_CLIP_FIT:
        raise _cannot(f"its way to resize, `{preprocess['resize_mode']}`, is neither `shortest` nor `squash`")
    if preprocess.get("interpolation", "bicubic") not in _FILTERS.values():
        raise _cannot(f"its resampling filter `{preprocess['interpolation']}` is neither bilinear nor bicubic")
    return ImageSettings(
        name=name,
        side=sides.pop(),
        resize=_OPEN_CLIP_FIT[preprocess.get("resize_mode", "shortest")],
        interpolation=preprocess.get("interpolation", "bicubic"),
        mean=_three(preprocess["mean"]),
        std=_three(preprocess["std"]),
    )


def _three(values: Any) -> tuple[float, float, float]:
    red, green, blue = values
    return float(red), float(green), float(blue)


def _cannot(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"the robot cannot prepare pictures as this model's image processor does: {what}",
        remedy="take a model with a fixed square input, such as those of `python -m training teachers`",
    )
