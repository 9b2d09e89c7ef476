"""A further modality for a bundle that is there already: one more encoder, and every other file as it was."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from omnibind_ros.errors import BundleError, ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.registry import Settings, settings_from
from training.data.inputs import InputSettings
from training.export.bundle import MAX_BATCH
from training.export.export import encoder_file
from training.projection.merge import load_backbone, merge
from training.projection.projector import TrainedProjector


def add_modality(
    bundle: Bundle,
    output: Path,
    trained: TrainedProjector,
    backbone: Path,
    settings: InputSettings,
    *,
    backbone_output: str | None = None,
) -> Bundle:
    """Write the bundle to `output` with one more encoder: the frozen backbone and its projector, as one network.

    The space stays the same one, because the projector was trained into it and no other encoder changes: embeddings
    that were kept remain comparable. The fusion head knows a modality by its number; whether it was trained with this
    one is not changed here. Raises ConfigurationError for what does not fit, ArithmeticError when the merged network
    is not exact, BundleError and BackendError when the result is not a bundle that runs.
    """
    modality = trained.modality
    _check(bundle, trained)
    try:
        content, parity = merge(load_backbone(backbone), trained.projector, settings.input_shape, backbone_output)
    except ConfigurationError as error:
        raise error.at(str(backbone)) from error.__cause__
    description: dict[str, Any] = bundle.description.model_dump(mode="json", exclude={"format"})
    contents = {reference.file: bundle.content(reference) for reference in bundle.description.files()}
    name = encoder_file(modality)
    if name in contents:
        name = f"added_{name}"
    contents[name] = content
    description["encoders"][modality.value] = {
        **file_reference(name, content),
        "input": {"shape": list(settings.input_shape), "dtype": "float32"},
        "preprocessing": settings.model_dump(mode="json"),
        "max_batch": MAX_BATCH,
    }
    added = dict(description["provenance"].get("added", {}))
    added[modality.value] = {
        "made_by": "python -m training add-modality",
        "backbone": file_reference(backbone.name, backbone.read_bytes()),
        "temperatures": {str(m): round(float(value.exp()), 4) for m, value in trained.log_temperature.items()},
        "parity": parity,
    }
    description["provenance"]["added"] = added
    written = write_bundle(output, description, contents)
    Encoder(written, modality, OnnxRuntimeBackend(content, name=name)).close()
    return written


def settings_of_modality(modality: Modality, preset: str, file: Path | None) -> InputSettings:
    """The preprocessing of a backbone: a preset by its name, or every constant from a YAML file.

    Raises ConfigurationError that names the key.
    """
    if file is None:
        presets: Mapping[str, InputSettings] = import_module(f"omnibind_ros.preprocessing.{modality.value}").PRESETS
        if preset not in presets:
            raise ConfigurationError(
                f"{modality} has no preset `{preset}`", remedy=f"choose one of {', '.join(presets)}"
            )
        return presets[preset]
    try:
        constants = yaml.safe_load(file.read_text(encoding="utf-8"))
        checked: Settings = settings_from(modality, constants if isinstance(constants, dict) else {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, BundleError) as error:
        problem = error.problem if isinstance(error, BundleError) else f"it cannot be read: {error}"
        raise ConfigurationError(
            problem, remedy="give every constant, as in a bundle.yaml", source=str(file)
        ) from error
    return checked  # type: ignore[return-value]  # every settings class is a pydantic model


def _check(bundle: Bundle, trained: TrainedProjector) -> None:
    modality, size = trained.modality, trained.projector.size
    if modality in bundle.modalities:
        raise ConfigurationError(
            f"the bundle {bundle.name} has an encoder for {modality} already",
            remedy="add a modality that it lacks; another encoder would make it another space",
        )
    if modality is Modality.TEXT:
        raise ConfigurationError("text needs a tokenizer besides", remedy="train it with `python -m training distil`")
    if size != bundle.dimension:
        raise ConfigurationError(
            f"the projector gives vectors of {size}, the space of {bundle.name} has {bundle.dimension} dimensions",
            remedy="train it on frozen embeddings of this bundle",
        )
