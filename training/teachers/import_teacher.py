"""The tool `import-teacher`: a bundle straight from a pretrained model. Nothing is trained.

Shape legend: K labels, k centres a label, D embedding size.
"""

import platform
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import torch
from google.protobuf.message import EncodeError
from safetensors.torch import save
from torch import Tensor

from omnibind_ros.errors import BundleError, ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_schema import is_unknown
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from omnibind_ros.modality import Modality
from training.data.words import article
from training.export.bundle import CARD_FILE, LABEL_FILE, MAX_BATCH, TOKENIZER_FILE, hash_of_networks
from training.export.export import FUSION_FILE, encoder_file, export_encoder, export_fusion_head
from training.fusion.heads.mean import MeanFusion
from training.teachers.pretrained.teacher import PROBES, PretrainedTeacher, UnitEncoder
from training.teachers.pretrained.weights import Weights
from training.teachers.teacher_card import teacher_card

PROMPTS = {Modality.IMAGE: "a photo of {article} {label}", Modality.AUDIO: "this is the sound of {article} {label}"}
_HEAD = "mean"
_FEWEST_LABELS = 2


def import_teacher(
    teacher: PretrainedTeacher,
    weights: Weights,
    labels: Sequence[str],
    output: Path,
    *,
    prompts: Sequence[str] = (),
    temperature: float | None = None,
) -> Bundle:
    """Write the bundle of a teacher to `output`, replacing an older one, and load it back.

    labels: what it names until it is told others. prompts: sentences with `{label}` and, if wanted, `{article}`; none:
    one by what the teacher sees. A label's score is that of its best prompt. temperature: that its cosines are divided
    by; None: as the model itself does. Raises ConfigurationError and BundleError.
    """
    prompts = tuple(prompts) or tuple(prompt for modality, prompt in PROMPTS.items() if modality in teacher.encoders)
    sentences = _sentences(labels, prompts)
    temperature = _temperature(teacher, temperature)
    centre_KkD = teacher.embed_texts(sentences).reshape(len(labels), len(prompts), -1)
    contents, parity = _networks(teacher)
    modalities = sorted(teacher.encoders, key=lambda modality: modality.code)
    contents[LABEL_FILE] = save({"centres": centre_KkD.float().contiguous()})
    contents[TOKENIZER_FILE] = teacher.tokenizer.encode()
    card = teacher_card(
        output.name,
        weights,
        modalities=modalities,
        labels=labels,
        prompts=prompts,
        parity=parity,
        temperature=temperature,
    )
    contents[CARD_FILE] = card.encode()
    references = {name: file_reference(name, content) for name, content in contents.items()}
    description = {
        "name": output.name,
        "licence": weights.licence,
        "space": {"id": f"{output.name}/{hash_of_networks(contents)[:16]}", "dimension": teacher.dimension},
        "encoders": {
            modality.value: {
                **references[encoder_file(modality)],
                "input": {
                    "shape": list(teacher.settings[modality].input_shape),
                    "dtype": "int64" if modality is Modality.TEXT else "float32",
                },
                "preprocessing": teacher.settings[modality].model_dump(mode="json"),
                "max_batch": MAX_BATCH,
            }
            for modality in modalities
        },
        "tokenizer": references[TOKENIZER_FILE],
        "fusion": {**references[FUSION_FILE], "name": _HEAD},
        "labels": {**references[LABEL_FILE], "names": list(labels)},
        "calibration": {"temperatures": [temperature], "thresholds": [0.0], "coverage": 1.0},
        "model_card": references[CARD_FILE],
        "provenance": {
            "made_by": "python -m training import-teacher",
            "teacher": {"origin": weights.origin, "revision": weights.revision, "sha256": dict(weights.sha256)},
            "prompts": list(prompts),
            "versions": {
                "python": platform.python_version(),
                **{name: version(name) for name in ("torch", "transformers", "onnx", "onnxscript", "numpy")},
            },
        },
        "metrics": {"parity": parity},
    }
    return write_bundle(output, description, contents)


def _sentences(labels: Sequence[str], prompts: Sequence[str]) -> list[str]:
    """Every prompt of every label, label by label. Raises ConfigurationError."""
    if len(labels) < _FEWEST_LABELS or len(set(labels)) < len(labels):
        raise ConfigurationError("labels are too few or repeated", remedy="give at least two different ones")
    unusable = [label for label in labels if not label.strip() or is_unknown(label)]
    if unusable:
        raise ConfigurationError(f"{unusable[0]!r} cannot be a label", remedy="give it another name")
    try:
        return [prompt.format(label=label, article=article(label)) for label in labels for prompt in prompts]
    except (KeyError, IndexError, ValueError) as error:
        raise ConfigurationError(
            f"a prompt cannot be filled in: {error}", remedy="write {label}, and {article} for a or an; nothing else"
        ) from error


def _temperature(teacher: PretrainedTeacher, wanted: float | None) -> float:
    if wanted is not None and wanted <= 0:
        raise ConfigurationError(f"a temperature of {wanted}", remedy="give one above 0")
    if wanted is None and teacher.scale is None:
        raise ConfigurationError("the model does not say how sure it is", remedy="give --temperature, such as 0.01")
    return wanted if wanted is not None else 1 / (teacher.scale or 1.0)


def _networks(teacher: PretrainedTeacher) -> tuple[dict[str, bytes], dict[str, float]]:
    """The ONNX files, and how far each is from PyTorch. Raises ConfigurationError and BundleError."""
    contents, parity = {}, {}
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for modality, encoder in teacher.encoders.items():
            file = encoder_file(modality)
            parity[file] = _export(teacher, modality, encoder, folder / file)
            contents[file] = (folder / file).read_bytes()
        parity[FUSION_FILE] = export_fusion_head(MeanFusion().eval(), folder / FUSION_FILE, teacher.dimension)
        contents[FUSION_FILE] = (folder / FUSION_FILE).read_bytes()
    return contents, parity


def _export(teacher: PretrainedTeacher, modality: Modality, encoder: UnitEncoder, path: Path) -> float:
    try:
        return export_encoder(
            encoder,
            teacher.settings[modality].input_shape,
            path,
            tokens=modality is Modality.TEXT,
            example=lambda batch: _example(teacher, modality, batch),
        )
    except (EncodeError, ValueError) as error:
        raise BundleError(
            f"the encoder for {modality} cannot be written as one ONNX file, which holds 2 GB: {error}",
            remedy="take a smaller model of the family",
        ) from error
    except ArithmeticError as error:
        raise BundleError(str(error), remedy="take another teacher, or another version of PyTorch") from error


def _example(teacher: PretrainedTeacher, modality: Modality, batch: int) -> Tensor:
    """Inputs such as the robot makes: tokens of sentences of different lengths, normalised pictures, log-mel."""
    if modality is Modality.TEXT:
        return torch.from_numpy(teacher.token_numbers([PROBES[index % len(PROBES)] for index in range(batch)]))
    noise = torch.randn(batch, *teacher.settings[modality].input_shape)
    return noise * 20 - 40 if modality is Modality.AUDIO else noise
