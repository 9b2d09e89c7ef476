"""The step `export`: students and fusion head as ONNX files, each compared with PyTorch on ONNX Runtime."""

import json
import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.export import Dim

from omnibind_ros.modality import Modality
from training.config import DIMENSION, TrainingConfig
from training.distillation.recipes import load_student
from training.fusion.heads.head import FusionHead
from training.students.text import VOCABULARY

OPSET = 20
TOLERANCE = 1e-4
FUSION_FILE = "fusion.onnx"
_OUTPUT = "output of the graph: "


def encoder_file(modality: Modality) -> str:
    """Name of a modality's ONNX file."""
    return f"{modality.value}.onnx"


def export(
    folder: Path, config: TrainingConfig, distilled: Path, shapes: dict[Modality, tuple[int, ...]], head: FusionHead
) -> None:
    """Export everything and write `parity.json`: the largest difference between PyTorch and ONNX Runtime, by file.

    Raises ArithmeticError when a difference is larger than `TOLERANCE`.
    """
    torch.manual_seed(config.seed)
    parity = {}
    for modality in config.modalities:
        student = load_student(distilled / modality.value, modality, shapes[modality])
        file = encoder_file(modality)
        parity[file] = export_encoder(student, shapes[modality], folder / file, tokens=modality is Modality.TEXT)
    parity[FUSION_FILE] = export_fusion_head(head, folder / FUSION_FILE)
    (folder / "parity.json").write_text(json.dumps(parity, indent=2))
    for file, difference in parity.items():
        print(f"{file}: {(folder / file).stat().st_size / 1e6:.2f} MB, largest difference {difference:.1e}")


def export_encoder(
    student: nn.Module,
    shape: tuple[int, ...],
    path: Path,
    *,
    tokens: bool,
    example: Callable[[int], Tensor] | None = None,
) -> float:
    """Export an encoder with the input `input` (B, *shape) and the output `embedding` (B, D); returns the parity.

    example: makes a batch to compare on; None: random numbers, for tokens those of the students' vocabulary.
    """

    def random_batch(batch: int) -> Tensor:
        return torch.randint(1, VOCABULARY, (batch, *shape)) if tokens else torch.rand(batch, *shape)

    example = example or random_batch
    _export(
        student,
        (example(2),),
        path,
        dynamic_shapes=({0: Dim("batch", max=1024)},),
        inputs=["input"],
        outputs=["embedding"],
    )
    return max(_difference(student, path, {"input": example(batch)}) for batch in (1, 3, 8))


def export_fusion_head(head: FusionHead, path: Path, dimension: int = DIMENSION) -> float:
    """Export the fusion head with free batch and number of tokens; returns the parity. dimension: D."""
    batch, tokens = Dim("batch", max=1024), Dim("tokens", max=64)
    names = ["embeddings", "modality", "quality", "live"]
    free = tuple({0: batch, 1: tokens} for _ in names)
    example = tuple(some_tokens(2, 5, dimension).values())
    _export(head, example, path, dynamic_shapes=free, inputs=names, outputs=["fused", "weights"])
    sizes = ((1, 1), (1, 3), (4, 7))
    return max(_difference(head, path, some_tokens(size, number, dimension)) for size, number in sizes)


def some_tokens(batch: int, tokens: int, dimension: int = DIMENSION) -> dict[str, Tensor]:
    """Random inputs of a fusion head, by name; the first token of each set is live."""
    live = torch.rand(batch, tokens) < 0.7
    live[:, 0] = True
    return {
        "embeddings": nn.functional.normalize(torch.randn(batch, tokens, dimension), dim=-1),
        "modality": torch.randint(0, len(Modality), (batch, tokens)),
        "quality": torch.rand(batch, tokens),
        "live": live,
    }


def _export(
    model: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    *,
    dynamic_shapes: tuple[Any, ...],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> None:
    # the exporter warns about its own deprecations and about torchvision, which nothing here uses
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model.eval(),
            example,
            input_names=list(inputs),
            output_names=[f"{_OUTPUT}{name}" for name in outputs],
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=dynamic_shapes,
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise RuntimeError(f"{path.name}: the exporter gave nothing back")
    proto = program.model_proto
    _name_outputs(proto)
    _strip(proto)
    onnx.checker.check_model(proto, full_check=True)
    path.write_bytes(proto.SerializeToString(deterministic=True))


def _name_outputs(proto: onnx.ModelProto) -> None:
    """Give the outputs their names; what has one of these inside the graph, by chance, gives it up."""
    graph = proto.graph
    wanted = {value.name.removeprefix(_OUTPUT) for value in graph.output}

    def renamed(name: str) -> str:
        return name.removeprefix(_OUTPUT) if name.startswith(_OUTPUT) else f"{name}_inside" if name in wanted else name

    for value in (*graph.output, *graph.value_info, *graph.initializer):
        value.name = renamed(value.name)
    for node in graph.node:
        node.input[:] = [renamed(name) for name in node.input]
        node.output[:] = [renamed(name) for name in node.output]


def _strip(proto: onnx.ModelProto) -> None:
    """Drop what only the exporter knows: it holds absolute paths and would change the hash from place to place."""
    del proto.metadata_props[:]
    del proto.graph.metadata_props[:]
    for node in proto.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*proto.graph.input, *proto.graph.output, *proto.graph.value_info, *proto.graph.initializer):
        del value.metadata_props[:]
    for function in proto.functions:
        del function.metadata_props[:]
        for node in function.node:
            del node.metadata_props[:]


def _difference(model: nn.Module, path: Path, feeds: dict[str, Tensor]) -> float:
    """Largest absolute difference of any output. Raises ArithmeticError above `TOLERANCE`."""
    with torch.no_grad():
        expected = model(*feeds.values())
    expected = expected if isinstance(expected, tuple) else (expected,)
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    actual: list[NDArray[np.float32]] = session.run(None, {name: tensor.numpy() for name, tensor in feeds.items()})
    difference = max(float(np.abs(a - e.numpy()).max()) for a, e in zip(actual, expected, strict=True))
    if difference > TOLERANCE:
        raise ArithmeticError(f"{path.name}: ONNX Runtime differs from PyTorch by {difference:.1e}")
    return difference
