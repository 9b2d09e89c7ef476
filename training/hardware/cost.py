"""What students cost on a board: estimated from its figures, or on a CPU measured."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from omnibind_ros.modality import Modality
from training.config import StudentSize
from training.export.export import export_encoder, export_fusion_head, some_tokens
from training.fusion.heads.registry import BUNDLED, make_head
from training.hardware.board import Board, Precision
from training.precision.convert import to_cpu_int8
from training.students.measure import example_input, latency_ms
from training.students.students import make_student, parameter_count

Shapes = Mapping[Modality, tuple[int, ...]]

_BYTES: dict[Precision, int] = {"fp32": 4, "fp16": 2, "int8": 1}


@dataclass(frozen=True)
class Option:
    """One way to run a modality's encoder, and the milliseconds that one input takes."""

    modality: Modality
    size: StudentSize
    precision: Precision
    milliseconds: float


@dataclass(frozen=True)
class Costs:
    """Every way to run every encoder, and the milliseconds of the fusion head, which is always fp32."""

    options: tuple[Option, ...]
    fusion_ms: float


@dataclass(frozen=True)
class Workload:
    """Of one inference: floating-point operations, and numbers that go through memory."""

    flops: int
    numbers: int


def workload(model: nn.Module, example: tuple[Tensor, ...]) -> Workload:
    """Count a forward pass. Memory: the weights and the input once, what a layer with weights gives written and read.

    What stands between such layers is fused into them by the compilers of the boards.
    """
    given: list[int] = []

    def note(_: nn.Module, __: Any, output: Tensor) -> None:
        given.append(output.numel())

    layers = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    handles = [layer.register_forward_hook(note) for layer in layers]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(*example)
    for handle in handles:
        handle.remove()
    inputs = sum(tensor.numel() for tensor in example)
    return Workload(int(counter.get_total_flops()), parameter_count(model) + inputs + 2 * sum(given))


def estimate_ms(board: Board, work: Workload, precision: Precision, share_of_peak: float = 1.0) -> float:
    """The roofline: whichever takes longer, computing or moving, at the assumed shares of the peaks; and the overhead.

    board: one that is not measured. share_of_peak: of the power mode.
    """
    assumed, bandwidth = board.assumed, board.bandwidth
    assert assumed is not None and bandwidth is not None  # noqa: PT018, S101 - the board's own check
    computing = work.flops / (board.peak[precision].dense * 1e12 * share_of_peak * assumed.compute)
    moving = work.numbers * _BYTES[precision] / (bandwidth.value * 1e9 * assumed.bandwidth)
    return assumed.overhead_ms + 1e3 * max(computing, moving)


def estimated_costs(board: Board, shapes: Shapes, power_mode: str | None = None) -> Costs:
    """Costs from the board's figures. shapes: of one input, by modality. Raises ConfigurationError for the mode."""
    share = board.share_of_peak(power_mode)
    options = []
    for modality, shape in shapes.items():
        for size in get_args(StudentSize):
            work = workload(make_student(modality, shape, size), (example_input(modality, shape),))
            options += [
                Option(modality, size, precision, estimate_ms(board, work, precision, share))
                for precision in board.precisions
            ]
    fusion = workload(make_head(BUNDLED), tuple(some_tokens(1, len(shapes)).values()))
    return Costs(tuple(options), estimate_ms(board, fusion, "fp32", share))


def measured_costs(shapes: Shapes, runs: int) -> Costs:
    """Costs on this computer: ONNX Runtime on one thread, the median of `runs` inferences of untrained networks."""
    options = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        for modality, shape in shapes.items():
            feed = {"input": example_input(modality, shape)}
            for size in get_args(StudentSize):
                export_encoder(make_student(modality, shape, size), shape, path, tokens=modality is Modality.TEXT)
                full = path.read_bytes()
                options.append(Option(modality, size, "fp32", latency_ms(full, feed, runs)))
                options.append(Option(modality, size, "int8", latency_ms(to_cpu_int8(full), feed, runs)))
        export_fusion_head(make_head(BUNDLED), path)
        return Costs(tuple(options), latency_ms(path.read_bytes(), some_tokens(1, len(shapes)), runs))
