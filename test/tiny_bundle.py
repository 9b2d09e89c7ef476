"""A small valid bundle: random projections as encoders, a mean weighted by quality as fusion head, four labels."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing import audio, image, thermal

DIMENSION = 16
LABELS = ("mug", "hammer", "bottle", "sponge")
SPACE = "tiny test space"
SETTINGS = {
    Modality.IMAGE: image.PRESETS["compact"],
    Modality.THERMAL: thermal.PRESETS["compact"],
    Modality.AUDIO: audio.PRESETS["compact"],
}


def network(nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: dict[str, np.ndarray]) -> bytes:
    """ONNX bytes that any onnxruntime since 1.12 reads."""
    graph = helper.make_graph(
        nodes, "tiny", inputs, outputs, [numpy_helper.from_array(array, name) for name, array in weights.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def encoder_network(shape: tuple[int, ...], *, dimension: int = DIMENSION, seed: int = 0, scale: float = 1.0) -> bytes:
    """A random projection of inputs of `shape` to unit vectors of length `dimension`."""
    size = int(np.prod(shape))
    projection = np.random.default_rng(seed).normal(size=(size, dimension)).astype(np.float32) * np.float32(scale)
    return network(
        [
            helper.make_node("Flatten", ["input"], ["flat"]),
            helper.make_node("MatMul", ["flat", "projection"], ["projected"]),
            helper.make_node("LpNormalization", ["projected"], ["embedding"], axis=1, p=2),
        ],
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *shape])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", dimension])],
        {"projection": projection},
    )


def fusion_network(*, dimension: int = DIMENSION, embeddings: str = "embeddings") -> bytes:
    """The mean of the live embeddings, weighted by their quality."""
    return network(
        [
            helper.make_node("Cast", ["live"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["quality", "mask"], ["masked"]),
            helper.make_node("ReduceSum", ["masked", "last"], ["total"], keepdims=1),
            helper.make_node("Div", ["masked", "total"], ["weights"]),
            helper.make_node("Unsqueeze", ["weights", "last"], ["column"]),
            helper.make_node("Mul", [embeddings, "column"], ["weighted"]),
            helper.make_node("ReduceSum", ["weighted", "first"], ["mean"], keepdims=0),
            helper.make_node("LpNormalization", ["mean"], ["fused"], axis=1, p=2),
        ],
        [
            helper.make_tensor_value_info(embeddings, TensorProto.FLOAT, ["batch", "members", dimension]),
            helper.make_tensor_value_info("modality", TensorProto.INT64, ["batch", "members"]),
            helper.make_tensor_value_info("quality", TensorProto.FLOAT, ["batch", "members"]),
            helper.make_tensor_value_info("live", TensorProto.BOOL, ["batch", "members"]),
        ],
        [
            helper.make_tensor_value_info("fused", TensorProto.FLOAT, ["batch", dimension]),
            helper.make_tensor_value_info("weights", TensorProto.FLOAT, ["batch", "members"]),
        ],
        {"last": np.array([-1], np.int64), "first": np.array([1], np.int64)},
    )


def unit_vectors(count: int, *, dimension: int = DIMENSION, seed: int = 1) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def centres_file(centres: np.ndarray | None = None) -> bytes:
    if centres is None:
        centres = unit_vectors(len(LABELS))[:, None, :]
    return save({"centres": np.ascontiguousarray(centres)})


def tiny_description(**files: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Description and files of the bundle; `files` replaces some: image, thermal, audio, fusion, labels."""
    contents = {
        "fusion.onnx": files.get("fusion", fusion_network()),
        "labels.safetensors": files.get("labels", centres_file()),
        "model_card.md": b"# Tiny\n",
    }
    encoders = {}
    for modality, settings in SETTINGS.items():
        name = f"{modality}.onnx"
        contents[name] = files.get(str(modality), encoder_network(settings.input_shape, seed=modality.code))
        encoders[str(modality)] = {
            **file_reference(name, contents[name]),
            "input": {"shape": list(settings.input_shape), "dtype": "float32"},
            "preprocessing": settings.model_dump(mode="json"),
            "max_batch": 4,
        }
    description = {
        "name": "tiny",
        "licence": "Apache-2.0",
        "space": {"id": SPACE, "dimension": DIMENSION},
        "encoders": encoders,
        "fusion": {"name": "mean", **file_reference("fusion.onnx", contents["fusion.onnx"])},
        "labels": {
            "names": list(LABELS),
            **file_reference("labels.safetensors", contents["labels.safetensors"]),
        },
        "calibration": {"temperatures": [0.2, 0.1], "thresholds": [0.0, 0.0], "coverage": 0.9},
        "model_card": file_reference("model_card.md", contents["model_card.md"]),
        "provenance": {},
        "metrics": {},
    }
    return description, contents


def write_tiny_bundle(folder: Path, **files: bytes) -> Bundle:
    return write_bundle(folder, *tiny_description(**files))
