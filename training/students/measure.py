"""What a student costs: parameters, floating-point operations, and its latency on one CPU thread of ONNX Runtime."""

import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from omnibind_ros.modality import Modality
from training.config import StudentSize
from training.data.inputs import input_settings
from training.export.export import export_encoder
from training.students.students import make_student, parameter_count
from training.students.text import VOCABULARY

_WARM_UP = 20


@dataclass(frozen=True)
class StudentCost:
    """One student. flops: multiplications and additions of one input; latency_ms: median, one input, one thread."""

    modality: Modality
    size: StudentSize
    input_shape: tuple[int, ...]
    parameters: int
    flops: int
    megabytes: float
    latency_ms: float


def flop_count(model: nn.Module, example: Tensor) -> int:
    """Floating-point operations of one forward pass, a multiplication and an addition counted as two."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(example)
    return int(counter.get_total_flops())


def example_input(modality: Modality, input_shape: tuple[int, ...], batch: int = 1) -> Tensor:
    """A random input of a modality."""
    if modality is Modality.TEXT:
        return torch.randint(1, VOCABULARY, (batch, *input_shape))
    return torch.rand(batch, *input_shape)


def measure_student(modality: Modality, size: StudentSize, runs: int) -> StudentCost:
    """Export an untrained student of the preset `compact` and measure it."""
    input_shape = input_settings(modality).input_shape
    student = make_student(modality, input_shape, size).eval()
    example = example_input(modality, input_shape)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.onnx"
        export_encoder(student, input_shape, path, tokens=modality is Modality.TEXT)
        megabytes = path.stat().st_size / 1e6
        latency = latency_ms(path.read_bytes(), {"input": example}, runs)
    return StudentCost(
        modality, size, input_shape, parameter_count(student), flop_count(student, example), megabytes, latency
    )


def measure_students(modalities: Sequence[Modality], runs: int) -> list[StudentCost]:
    """Every size of every modality."""
    return [measure_student(modality, size, runs) for modality in modalities for size in get_args(StudentSize)]


def to_markdown(costs: Sequence[StudentCost]) -> str:
    """A table, one row a student."""
    rows = [
        f"| {cost.modality} | {cost.size} | {'×'.join(map(str, cost.input_shape))} | {cost.parameters / 1e3:,.0f} k | "
        f"{cost.flops / 1e6:,.1f} M | {cost.megabytes:.2f} MB | {cost.latency_ms:.2f} ms |"
        for cost in costs
    ]
    return "\n".join(
        [
            "| modality | size | input | parameters | FLOPs | ONNX file | ONNX Runtime, 1 thread |",
            "| --- | --- | --- | ---: | ---: | ---: | ---: |",
            *rows,
        ]
    )


def latency_ms(model: bytes, inputs: Mapping[str, Tensor], runs: int) -> float:
    """Median of `runs` inferences of an ONNX network on one thread of ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {name: np.ascontiguousarray(tensor.numpy()) for name, tensor in inputs.items()}
    seconds = []
    for _ in range(_WARM_UP + runs):
        began = time.perf_counter()
        session.run(None, feed)
        seconds.append(time.perf_counter() - began)
    return 1e3 * statistics.median(seconds[_WARM_UP:])
