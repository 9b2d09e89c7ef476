"""A tiny bundle that takes all seven modalities in their compact presets: random projections, nothing was trained."""

from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from tiny_bundle import DIMENSION, network, tiny_description
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing import audio, event, image, point, text, thermal, touch

COMPACT: dict[Modality, Any] = {
    Modality.IMAGE: image.PRESETS["compact"],
    Modality.TEXT: text.PRESETS["compact"],
    Modality.THERMAL: thermal.PRESETS["compact"],
    Modality.EVENT: event.PRESETS["compact"],
    Modality.TOUCH: touch.PRESETS["compact"],
    Modality.AUDIO: audio.PRESETS["compact"],
    Modality.POINT: point.PRESETS["compact"],
}
UNKNOWN = "[UNK]"
WORDS = ("[PAD]", UNKNOWN, "a", "red", "mug", "the", "dog", "barks", "car", "bird", "hammer", "listen", "to")


def write_bundle_of_every_modality(folder: Path, changes: dict[Modality, Any] | None = None) -> Bundle:
    """The bundle; `changes`: other settings for some modalities."""
    description, contents = tiny_description()
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = Whitespace()
    contents["tokenizer.json"] = tokenizer.to_str().encode()
    description["tokenizer"] = file_reference("tokenizer.json", contents["tokenizer.json"])
    for modality, settings in {**COMPACT, **(changes or {})}.items():
        dtype = "int64" if modality is Modality.TEXT else "float32"
        file = f"{modality}.onnx"
        contents[file] = biased_encoder(settings.input_shape, dtype, seed=modality.code)
        description["encoders"][str(modality)] = {
            **file_reference(file, contents[file]),
            "input": {"shape": list(settings.input_shape), "dtype": dtype},
            "preprocessing": settings.model_dump(mode="json"),
            "max_batch": 4,
        }
    return write_bundle(folder, description, contents)


def biased_encoder(shape: tuple[int, ...], dtype: str, *, seed: int) -> bytes:
    """A random projection with a bias: like a trained encoder it has an answer for an input of zeros, too."""
    random = np.random.default_rng(seed)
    weights = {
        "projection": random.normal(size=(int(np.prod(shape)), DIMENSION)).astype(np.float32),
        "bias": random.normal(size=DIMENSION).astype(np.float32),
    }
    kind = TensorProto.INT64 if dtype == "int64" else TensorProto.FLOAT
    return network(
        [
            helper.make_node("Cast", ["input"], ["numbers"], to=TensorProto.FLOAT),
            helper.make_node("Flatten", ["numbers"], ["flat"]),
            helper.make_node("Gemm", ["flat", "projection", "bias"], ["projected"]),
            helper.make_node("LpNormalization", ["projected"], ["embedding"], axis=1, p=2),
        ],
        [helper.make_tensor_value_info("input", kind, ["batch", *shape])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", DIMENSION])],
        weights,
    )
