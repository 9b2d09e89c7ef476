"""What a bundle holds and what runs it, as plain values for tables and JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from omnibind_ros.diagnosis.cache import CacheState
from omnibind_ros.diagnosis.gpu_probe import Probe
from omnibind_ros.inference.bundle import Bundle


def bundle_facts(bundle: Bundle) -> dict[str, Any]:
    """Of the bundle: identity, encoders, labels, calibration, metrics, origin. Sizes in bytes."""
    description = bundle.description
    encoders = {
        str(modality): {
            "file": description.encoders[modality].file,
            "bytes": len(bundle.content(description.encoders[modality])),
            "input": [*description.encoders[modality].input.shape],
            "type": description.encoders[modality].input.dtype,
            "preprocessing": description.encoders[modality].preprocessing,
            "max_batch": description.encoders[modality].max_batch,
            "reduced": sorted(description.encoders[modality].reduced),
        }
        for modality in bundle.modalities
    }
    return {
        "name": bundle.name,
        "folder": str(bundle.folder),
        "licence": description.licence,
        "space": {"id": description.space.id, "number": bundle.space, "dimension": bundle.dimension},
        "bytes": sum(len(bundle.content(file)) for file in description.files()),
        "encoders": encoders,
        "fusion": {"name": description.fusion.name, "bytes": len(bundle.content(description.fusion))},
        "labels": [*description.labels.names],
        "centres_per_label": int(bundle.centres_KkD.shape[1]),
        "calibration": description.calibration.model_dump(mode="json"),
        "metrics": description.metrics,
        "made_by": description.provenance.get("made_by", ""),
    }


def backend_facts(backend: str, onnx_runtime: str, probe: Probe, cache: CacheState) -> dict[str, Any]:
    """Of what runs the networks here. onnx_runtime: its version."""
    return {
        "backend": backend,
        "onnxruntime": onnx_runtime,
        "gpu": probe.gpu,
        "library": probe.library,
        "why_no_gpu": probe.problem,
        "engines": probe.engines,
        "cache": {"folder": str(cache.folder), "bytes": cache.size_bytes, "files": [one.name for one in cache.entries]},
    }


def metric_lines(metrics: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every number in nested metrics, with the keys that lead to it."""
    for key, entry in metrics.items():
        if isinstance(entry, Mapping):
            yield from metric_lines(entry, (*path, str(key)))
        else:
            yield (*path, str(key)), f"{entry:.3g}" if isinstance(entry, float) else str(entry)
