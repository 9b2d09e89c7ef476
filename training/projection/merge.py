"""A frozen backbone and its projector as one ONNX network with the names that the robot expects."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, compose, helper, numpy_helper

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.encoder import INPUT_NAME, OUTPUT_NAME
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from training.export.export import TOLERANCE
from training.projection.encode import run_network
from training.projection.projector import Projector

_BATCH, _FEATURES = "batch", "features"
_BACKBONE, _PROJECTOR = "backbone/", "projector/"
_COMPARED = (1, 3, 8)


def load_backbone(file: Path) -> onnx.ModelProto:
    """An ONNX file with its external data. Raises ConfigurationError."""
    try:
        onnx.checker.check_model(str(file))
        backbone = onnx.load(file)
    except (OSError, onnx.checker.ValidationError) as error:
        raise ConfigurationError(
            f"it is no ONNX network: {error}", remedy="export the backbone as ONNX", source=str(file)
        ) from error
    return backbone


def merge(
    backbone: onnx.ModelProto, projector: Projector, shape: Sequence[int], output: str | None = None
) -> tuple[bytes, float]:
    """The merged network from `input` (B, *shape) to `embedding` (B, D) of unit length, and its parity.

    output: which of the backbone's outputs the projector takes; None for the only one. The backbone's weights and
    operators stay as they are. Raises ConfigurationError for a backbone of another input or output, and
    ArithmeticError when the merged network differs from backbone and projector run one after the other.
    """
    entry, features = _ends(backbone, output)
    _check_input(entry, shape)
    head = _head(projector, backbone)
    merged = compose.merge_models(
        compose.add_prefix(backbone, _BACKBONE),
        compose.add_prefix(head, _PROJECTOR),
        io_map=[(f"{_BACKBONE}{features}", f"{_PROJECTOR}{_FEATURES}")],
        outputs=[f"{_PROJECTOR}{OUTPUT_NAME}"],
    )
    _rename(merged, {f"{_BACKBONE}{entry.name}": INPUT_NAME, f"{_PROJECTOR}{OUTPUT_NAME}": OUTPUT_NAME})
    _set_shape(merged.graph.input[0], (_BATCH, *shape))
    _set_shape(merged.graph.output[0], (_BATCH, projector.size))
    del merged.graph.value_info[:]  # of intermediate results, with batch sizes that no longer hold
    onnx.checker.check_model(merged)
    content = merged.SerializeToString(deterministic=True)
    return content, _difference(backbone, projector, content, shape, features)


def _ends(backbone: onnx.ModelProto, output: str | None) -> tuple[onnx.ValueInfoProto, str]:
    """The one input, and the name of the output to use."""
    weights = {weight.name for weight in backbone.graph.initializer}
    inputs = [value for value in backbone.graph.input if value.name not in weights]
    names = [value.name for value in backbone.graph.output]
    if len(inputs) != 1 or (output not in names if output else len(names) != 1):
        raise ConfigurationError(
            f"the backbone takes {', '.join(value.name for value in inputs)} and returns {', '.join(names)}",
            remedy="use one with a single input, and name one of its outputs with --backbone-output",
        )
    return inputs[0], output or names[0]


def _check_input(entry: onnx.ValueInfoProto, shape: Sequence[int]) -> None:
    tensor = entry.type.tensor_type
    sizes = [size.dim_value if size.HasField("dim_value") else None for size in tensor.shape.dim]
    fits = len(sizes) == len(shape) + 1 and all(s in {None, n} for s, n in zip(sizes[1:], shape, strict=True))
    if tensor.elem_type != TensorProto.FLOAT or not fits:
        raise ConfigurationError(
            f"the backbone takes {TensorProto.DataType.Name(tensor.elem_type)} of shape {sizes}, its preprocessing "
            f"makes FLOAT of shape (batch, {', '.join(map(str, shape))})",
            remedy="choose the preprocessing it was trained with by --preset or --preprocessing",
        )
    if sizes[0] is not None:
        raise ConfigurationError(
            f"the backbone takes batches of {sizes[0]} only", remedy="export it with a free batch dimension"
        )


def _head(projector: Projector, backbone: onnx.ModelProto) -> onnx.ModelProto:
    """The projector in the operator versions of the backbone: these operators are alike in all of them."""
    weights = {name: value.numpy() for name, value in projector.state_dict().items()}
    nodes = [
        helper.make_node("Flatten", [_FEATURES], ["flat"]),
        helper.make_node("Gemm", ["flat", "first.weight", "first.bias"], ["first"], transB=1),
    ]
    if projector.second is not None:
        nodes += [
            helper.make_node("Relu", ["first"], ["active"]),
            helper.make_node("Gemm", ["active", "second.weight", "second.bias"], ["second"], transB=1),
        ]
    nodes.append(helper.make_node("LpNormalization", [nodes[-1].output[0]], [OUTPUT_NAME], axis=1, p=2))
    graph = helper.make_graph(
        nodes,
        "projector",
        [helper.make_tensor_value_info(_FEATURES, TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, [_BATCH, projector.size])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=backbone.opset_import, ir_version=backbone.ir_version)


def _rename(model: onnx.ModelProto, names: dict[str, str]) -> None:
    """Give the graph's ends other names; all other names have a prefix, so none is taken."""
    for value in (*model.graph.input, *model.graph.output):
        value.name = names.get(value.name, value.name)
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]


def _set_shape(value: onnx.ValueInfoProto, shape: Sequence[int | str]) -> None:
    fresh = helper.make_tensor_value_info(value.name, TensorProto.FLOAT, shape)
    value.CopyFrom(fresh)


def _difference(
    backbone: onnx.ModelProto, projector: Projector, merged: bytes, shape: Sequence[int], features: str
) -> float:
    """Largest absolute difference, on random inputs in batches of several sizes."""
    generator = np.random.default_rng(0)
    separate = OnnxRuntimeBackend(backbone.SerializeToString(), name="backbone")
    examples = [generator.random((batch, *shape), np.float32) for batch in _COMPARED]
    feature_of_each = [run_network(separate, example, features) for example in examples]
    given, taken = feature_of_each[0].shape[1], projector.first.in_features
    if given != taken:
        raise ConfigurationError(
            f"the backbone gives {given} features, the projector takes {taken}",
            remedy="use the projector that was trained on embeddings of this backbone",
        )
    together = OnnxRuntimeBackend(merged, name="merged")
    largest = 0.0
    for example, feature_BI in zip(examples, feature_of_each, strict=True):
        with torch.no_grad():
            expected_BD = projector(torch.from_numpy(feature_BI)).numpy()
        largest = max(largest, float(np.abs(run_network(together, example) - expected_BD).max()))
    if not largest <= TOLERANCE:
        raise ArithmeticError(f"the merged network differs from backbone and projector by {largest:.1e}")
    return largest
