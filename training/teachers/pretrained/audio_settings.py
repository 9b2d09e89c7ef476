"""The feature extractor of a pretrained sound model as settings of the robot's preprocessing."""

from collections.abc import Mapping
from typing import Any, Literal

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.preprocessing.audio import PRESETS, AudioSettings

_HOP_S = 1.0
_SHORT: dict[str, Literal["repeat", "silence"]] = {"repeatpad": "repeat", "pad": "silence"}


def from_clap(extractor: Mapping[str, Any], name: str) -> AudioSettings:
    """Settings equal to a `ClapFeatureExtractor`, given as its `to_dict()`.

    Raises ConfigurationError that names what the robot's preprocessing cannot do.
    """
    kind = extractor.get("feature_extractor_type")
    if kind != "ClapFeatureExtractor":
        raise _cannot(f"it is a {kind}; only the log-mel of ClapFeatureExtractor is known")
    if extractor["truncation"] != "rand_trunc":
        raise _cannot(
            f"it fuses several crops of a long sound (truncation `{extractor['truncation']}`), and an "
            "encoder of the robot takes one spectrogram"
        )
    if extractor["padding"] not in _SHORT:
        raise _cannot(f"its padding of short sounds, `{extractor['padding']}`, is neither `repeatpad` nor `pad`")
    rate_hz, window_s = int(extractor["sampling_rate"]), float(extractor["max_length_s"])
    preset = PRESETS["clap"]
    constants = preset.model_dump()
    filterbank = {
        **constants["filterbank"],
        "rate_hz": rate_hz,
        "bins": int(extractor["feature_size"]),
        "frame_length": int(extractor["fft_window_size"]),
        "frame_shift": int(extractor["hop_length"]),
        "fft_length": int(extractor["fft_window_size"]),
        "low_hz": float(extractor["frequency_min"]),
        "high_hz": float(extractor["frequency_max"]),
    }
    frames = preset.filterbank.model_validate(filterbank).frames(round(window_s * rate_hz))
    return AudioSettings.model_validate(
        {
            **constants,
            "name": name,
            "window_s": window_s,
            "hop_s": min(_HOP_S, window_s),
            "filterbank": filterbank,
            "frames": frames,
            "short": _SHORT[extractor["padding"]],
        }
    )


def _cannot(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"the robot cannot prepare sound as this model's feature extractor does: {what}",
        remedy="take a CLAP without feature fusion, such as those of `python -m training teachers`",
    )
