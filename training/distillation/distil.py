"""The step `distil`: one compact student a modality, by cross-modal alignment distillation (OmniBind, equation 7).

Shape legend: N samples, B batch, C captions a sample, D embedding size.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from omnibind_ros.modality import Modality
from training.config import DistilConfig, TrainingConfig
from training.data.sample_set import SampleSet
from training.distillation import losses
from training.distillation.augment import augment
from training.optimise import learnable_temperature, optimise, seed_everything, shuffled_batches
from training.students.students import make_student, parameter_count
from training.teachers.teach import Teachers, embed

_LEAST_TEMPERATURE = 0.01


def distil(
    folder: Path,
    config: TrainingConfig,
    modality: Modality,
    *,
    train: SampleSet,
    held_out: SampleSet,
    teachers: Teachers,
) -> None:
    """Train one sensor's student and store its weights, with the accuracy it reaches on held-out objects."""
    generator = seed_everything(config.seed + modality.code)
    row_N = train.usable(modality, share=config.simulate.share.get(modality.value, 1.0))
    inputs = train.inputs(modality)[row_N]
    student = make_student(modality, tuple(inputs.shape[1:]))
    log_temperature = learnable_temperature()
    settings = config.distil
    batches = shuffled_batches(len(row_N), settings.batch, settings.epochs, generator)

    def loss_of_step(step: int) -> Tensor:
        rows = batches[step]
        samples = row_N[rows]
        caption_B = torch.randint(teachers.caption_NCD.shape[1], (len(rows),), generator=generator)
        return alignment_loss(
            student(augment(modality, inputs[rows], generator)),
            teachers.caption_NCD[samples, caption_B],
            teachers.image_ND[samples],
            train.label_N[samples],
            temperature=log_temperature.exp().clamp(min=_LEAST_TEMPERATURE),
            settings=settings,
        )

    parameters = [*student.parameters(), log_temperature]
    loss = optimise([{"params": parameters, "lr": settings.learning_rate}], len(batches), loss_of_step, str(modality))
    usable_N = held_out.usable(modality)
    embedding_ND = embed(student, held_out.inputs(modality)[usable_N])
    accuracy = label_accuracy(embedding_ND, held_out.label_N[usable_N], teachers.centre_KkD)
    save_student(folder, student, {"accuracy": accuracy, "loss": loss, "samples": len(row_N)})
    print(f"{modality}: {accuracy:.1%} of {len(usable_N)} held-out samples, {parameter_count(student):,} parameters")


def alignment_loss(
    student_BD: Tensor,
    text_BD: Tensor,
    image_BD: Tensor,
    group_B: Tensor,
    *,
    temperature: Tensor,
    settings: DistilConfig,
) -> Tensor:
    """L = L_con + λ1 L_cross + λ2 L_self, equation 7; a scalar.

    group_B: the label of each row; any caption of a label fits all of its objects.
    """
    fixed = temperature.detach()
    contrast = losses.contrast_to_text(student_BD, text_BD, group_B, temperature)
    cross = losses.cross_correspondence_loss(student_BD, text_BD, image_BD, fixed)
    own = losses.self_correspondence_loss(student_BD, text_BD, image_BD, fixed, mask_diagonal=settings.mask_diagonal)
    return contrast + settings.weight_cross * cross + settings.weight_self * own


def label_accuracy(embedding_ND: Tensor, label_N: Tensor, centre_KkD: Tensor) -> float:
    """Share of embeddings whose nearest centre belongs to their label."""
    cosine_NKk = torch.einsum("nd,kcd->nkc", embedding_ND, centre_KkD)
    return float((cosine_NKk.amax(dim=2).argmax(dim=1) == label_N).float().mean())


def save_student(folder: Path, student: nn.Module, metrics: dict[str, float | int]) -> None:
    """Write `student.safetensors` and `metrics.json`."""
    save_file(
        {name: value.contiguous() for name, value in student.state_dict().items()}, folder / "student.safetensors"
    )
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2))


def load_student(folder: Path, modality: Modality, input_shape: tuple[int, ...]) -> nn.Module:
    """A student that was stored, frozen and in evaluation mode."""
    student = make_student(modality, input_shape)
    student.load_state_dict(load_file(folder / "student.safetensors"))
    return student.requires_grad_(False).eval()
