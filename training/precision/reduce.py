"""A bundle's encoders in lower precision, those that are near enough added to the bundle."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_schema import Reduction
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.recognition.label_bank import LabelBank
from training.precision.compare import LIMITS, Comparison, Samples, compare
from training.precision.convert import convert, largest_value

REDUCTIONS: tuple[Reduction, ...] = ("fp16", "int8", "int8_cpu")
REPORT_FILE = "precision.json"
_LARGEST_IN_HALF = 65504 / 2  # as much again for what was not seen
_FORMAT_KEYS = {"format"}


@dataclass(frozen=True)
class Reduced:
    """One encoder in one lower precision. refused: why it is not in the bundle; empty when it is. sizes in bytes."""

    modality: Modality
    reduction: Reduction
    model: bytes
    original_size: int
    comparison: Comparison
    refused: str


def reduce_encoder(
    bundle: Bundle, modality: Modality, reductions: Iterable[Reduction], calibration: Samples, held_out: Samples
) -> list[Reduced]:
    """Convert one encoder, and compare each result with it on ONNX Runtime. Raises BackendError."""
    encoder = bundle.description.encoders[modality]
    model = bundle.content(encoder)
    original = OnnxRuntimeBackend(model, name=encoder.file)
    bank = LabelBank(bundle.description.labels.names, bundle.centres_KkD)
    results = []
    for reduction in reductions:
        reduced = convert(reduction, model, calibration.input_N)
        backend = OnnxRuntimeBackend(reduced, name=reduced_file(encoder.file, reduction))
        comparison = compare(original, backend, held_out, bank)
        refused = LIMITS[reduction].exceeded_by(comparison)
        if reduction == "fp16" and (largest := largest_value(model, calibration.input_N)) > _LARGEST_IN_HALF:
            refused = ", ".join(filter(None, [refused, f"values up to {largest:.0f}, beyond half precision"]))
        results.append(Reduced(modality, reduction, reduced, len(model), comparison, refused))
    return results


def reduced_file(file: str, reduction: Reduction) -> str:
    """Name of an encoder's file in lower precision."""
    path = Path(file)
    return str(path.with_name(f"{path.stem}.{reduction}{path.suffix}"))


def add_to_bundle(bundle: Bundle, results: Sequence[Reduced], output: Path) -> Bundle:
    """Write the bundle with the results that were not refused, in the place of what it had of the same kind."""
    description: dict[str, Any] = bundle.description.model_dump(mode="json", exclude=_FORMAT_KEYS)
    contents = {reference.file: bundle.content(reference) for reference in bundle.description.files()}
    for result in results:
        encoder = description["encoders"][result.modality.value]
        old = encoder["reduced"].pop(result.reduction, None)
        if old is not None:
            del contents[old["file"]]
        if result.refused:
            continue
        name = reduced_file(encoder["file"], result.reduction)
        contents[name] = result.model
        measured = {key: getattr(result.comparison, key) for key in ("cosine", "top_1_change", "accuracy_loss")}
        encoder["reduced"][result.reduction] = {**file_reference(name, result.model), **measured}
    return write_bundle(output, description, contents)


def write_report(results: Sequence[Reduced], folder: Path) -> str:
    """Write `precision.json` and `precision.md`; returns the latter."""
    rows = [
        {
            "modality": result.modality.value,
            "precision": result.reduction,
            "size": len(result.model),
            "original_size": result.original_size,
            **asdict(result.comparison),
            "refused": result.refused,
        }
        for result in results
    ]
    (folder / REPORT_FILE).write_text(json.dumps(rows, indent=2))
    table = to_markdown(results)
    (folder / "precision.md").write_text(table)
    return table


def to_markdown(results: Sequence[Reduced]) -> str:
    """A table of all results."""
    header = ["modality", "precision", "size", "cosine", "worst", "top-1 changed", "accuracy", "lost", "in the bundle"]
    lines = [header, ["---"] * len(header), *(_cells(result) for result in results)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _cells(result: Reduced) -> list[str]:
    measured = result.comparison
    return [
        result.modality.value,
        result.reduction,
        f"{100 * len(result.model) / result.original_size:.0f} %",
        f"{measured.cosine:.5f}",
        f"{measured.worst_cosine:.4f}",
        *(f"{100 * share:.1f} %" for share in (measured.top_1_change, measured.accuracy, measured.accuracy_loss)),
        f"no: {result.refused}" if result.refused else "yes",
    ]


SamplesOf = Callable[[Modality], Samples]


def reduce_bundle(
    bundle: Bundle,
    output: Path,
    report: Path,
    *,
    modalities: Iterable[Modality],
    reductions: Sequence[Reduction],
    calibration: SamplesOf,
    held_out: SamplesOf,
) -> Bundle:
    """Convert encoders, report on them in the folder `report`, and write the bundle with those that are near enough.

    Raises BackendError and BundleError.
    """
    results = [
        result
        for modality in modalities
        for result in reduce_encoder(bundle, modality, reductions, calibration(modality), held_out(modality))
    ]
    print(write_report(results, report))
    return add_to_bundle(bundle, results, output)
