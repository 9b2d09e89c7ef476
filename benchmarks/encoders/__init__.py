"""Each encoder of the default bundle in several runtimes, in turns on one core, and how near the processor's limit.

The limit is the roofline: the operations over the measured peak of a matrix product, or the bytes over the measured
bandwidth of a copy, whichever takes longer.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.encoders.gpu import gpu_runtimes, has_gpu
from benchmarks.encoders.runtimes import BASE, RUNTIMES, Input, Run
from benchmarks.report import rounded
from benchmarks.result import Bars, Cell, Curves, Result, Table, UnavailableError
from benchmarks.robot import default_bundle
from benchmarks.timing import in_turns
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality

Runtimes = Mapping[str, Callable[[Bundle, Modality, Input], Run]]
NO_GPU = "no GPU here"


def measure(_: Path, *, quick: bool) -> Result:
    """All encoders on the CPU, and on a GPU where there is one."""
    try:
        from benchmarks.encoders.workload import measured_peaks, workload  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UnavailableError(f"{error.name} is not installed: run `make setup-bench`") from error
    rounds, seconds = (1, 0.0) if quick else (5, 1.0)
    bundle = default_bundle()
    peaks = measured_peaks()
    inputs = {modality: example(bundle, modality) for modality in bundle.modalities}
    missing: dict[str, str] = {}
    taken_ms = {
        modality: _taken_ms(bundle, modality, inputs[modality], RUNTIMES, missing, rounds=rounds, seconds=seconds)
        for modality in bundle.modalities
    }
    work = {
        modality: workload(bundle.content(bundle.description.encoders[modality]), {"input": inputs[modality]})
        for modality in bundle.modalities
    }
    limit_ms = {modality: 1e3 * peaks.shortest_s(one) for modality, one in work.items()}
    present = [name for name in RUNTIMES if name not in missing]
    compared = [name for name in present if name != BASE]
    notes = [f"{name} was left out: {reason}." for name, reason in missing.items()]
    tables = [
        Table(
            "Milliseconds of one input, medians, and how many times as long as " + BASE,
            ("encoder", *present, *(f"{name} / {BASE}" for name in compared)),
            tuple(_comparison(modality, taken_ms[modality], present) for modality in bundle.modalities),
        ),
        Table(
            f"Limit of one core: {peaks.flops / 1e9:.0f} GFLOP/s in a matrix product, {peaks.bytes / 1e9:.1f} GB/s in "
            "a copy",
            ("encoder", "MFLOP", "weights, MB", "activations, MB", "limit, ms", f"{BASE}, ms", "of the limit, %",
             "GFLOP/s"),
            tuple(
                (
                    str(modality),
                    rounded(one.flops / 1e6),
                    rounded(one.weight_bytes / 1e6),
                    rounded(one.activation_bytes / 1e6),
                    rounded(limit_ms[modality]),
                    rounded(taken_ms[modality][BASE]),
                    rounded(100 * limit_ms[modality] / taken_ms[modality][BASE]),
                    rounded(one.flops / taken_ms[modality][BASE] / 1e6),
                )
                for modality, one in work.items()
            ),
        ),
    ]  # fmt: skip
    if has_gpu():
        tables.append(_on_the_gpu(bundle, inputs, notes, rounds=rounds, seconds=seconds))
    else:
        print(f"encoders: {NO_GPU}", flush=True)
        notes.append(f"CUDA and TensorRT: {NO_GPU}.")
    notes.append(
        "Weights and activations of these small networks stay in the caches between two inferences: where bytes are "
        "the limit, it can be beaten."
    )
    labels = tuple(map(str, bundle.modalities))
    return Result(
        tuple(tables),
        plots=(
            Bars(
                "encoders", "One input on one core, median", "ms", labels,
                {name: tuple(taken_ms[modality][name] for modality in bundle.modalities) for name in present},
            ),
            Curves(
                "roofline", f"Roofline of one core, and the encoders in {BASE}", "FLOP a byte", "GFLOP/s",
                {
                    "limit": tuple(
                        (intensity, min(peaks.flops, intensity * peaks.bytes) / 1e9)
                        for intensity in (1.0, peaks.flops / peaks.bytes, 100.0)
                    ),
                    **{
                        str(modality): (
                            (
                                one.flops / (one.weight_bytes + one.activation_bytes),
                                one.flops / taken_ms[modality][BASE] / 1e6,
                            ),
                        )
                        for modality, one in work.items()
                    },
                },
                logarithmic=True,
            ),
        ),
        notes=tuple(notes),
    )  # fmt: skip


def example(bundle: Bundle, modality: Modality) -> Input:
    """One input of a modality, random numbers or tokens."""
    description = bundle.description.encoders[modality].input
    rng = np.random.default_rng(0)
    if description.dtype == "int64":
        return rng.integers(1, 500, (1, *description.shape))
    return rng.random((1, *description.shape), np.float32)


def _taken_ms(
    bundle: Bundle, modality: Modality, array: Input, runtimes: Runtimes, missing: dict[str, str], *, rounds: int,
    seconds: float,
) -> dict[str, float]:  # fmt: skip
    """Milliseconds of an input in each runtime, the median of several runs in turns; `missing` takes reasons."""
    runs: dict[str, Run] = {}
    for name, make in runtimes.items():
        try:
            runs[name] = make(bundle, modality, array)
        except UnavailableError as error:
            missing[name] = str(error)
    medians_ms = [
        [1e3 * median(times_s) for times_s in in_turns(list(runs.values()), seconds, time.perf_counter)]
        for _ in range(rounds)
    ]
    return dict(zip(runs, map(float, np.median(medians_ms, axis=0)), strict=True))


def _comparison(modality: Modality, taken_ms: Mapping[str, float], names: list[str]) -> tuple[Cell, ...]:
    times = [rounded(taken_ms[name]) for name in names]
    ratios = [rounded(taken_ms[name] / taken_ms[BASE]) for name in names if name != BASE]
    return (str(modality), *times, *ratios)


def _on_the_gpu(
    bundle: Bundle, inputs: Mapping[Modality, Input], notes: list[str], *, rounds: int, seconds: float
) -> Table:
    missing: dict[str, str] = {}
    with gpu_runtimes(bundle) as runtimes:
        taken_ms = {
            modality: _taken_ms(bundle, modality, array, runtimes, missing, rounds=rounds, seconds=seconds)
            for modality, array in inputs.items()
        }
    notes += [f"{name} was left out: {reason}." for name, reason in missing.items()]
    present = [name for name in runtimes if name not in missing]
    return Table(
        "Milliseconds of one input on the GPU, copies there and back included, medians",
        ("encoder", *present),
        tuple((str(modality), *(rounded(taken_ms[modality][name]) for name in present)) for modality in inputs),
    )
