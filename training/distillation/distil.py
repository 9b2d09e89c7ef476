"""The step `distil`: one student a modality, by cross-modal alignment distillation (OmniBind, equation 7).

Shape legend: N samples, R rows the student may see, B batch, G batch of all processes, C captions, D embedding size.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from omnibind_ros.modality import Modality
from training.config import DistilConfig, Positives, TrainingConfig
from training.data.row_inputs import RowInputs
from training.data.sample_set import SampleSet
from training.distillation import losses
from training.distillation.augment import augment
from training.distillation.recipes import finish_student, recipe_of, start_student
from training.optimise import learnable_temperature, optimise, own_generator, seed_everything, shuffled_batches
from training.processes import device, gathered, on_device, own_share
from training.students.students import parameter_count
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
    settings, seed = config.distil, config.seed + modality.code
    order, own = seed_everything(seed), own_generator(seed)
    row_R = train.usable(modality, share=settings.share.get(modality, 1.0))
    inputs = RowInputs(train, modality, row_R, device())
    student = on_device(start_student(settings, modality, inputs.shape[1:], teachers.image_teacher))
    log_temperature = learnable_temperature()
    targets = _Targets.of_rows(row_R, train, teachers, settings.positives)
    batches = shuffled_batches(len(row_R), settings.batch, _epochs(settings, len(row_R)), order)

    def loss_of_step(step: int) -> dict[str, Tensor]:
        row_B = own_share(batches[step]).to(device())
        taught = targets.draw(row_B, own).gathered()
        return alignment_terms(
            gathered(student(augment(modality, inputs[row_B], own, mirrored=config.data.mirrored))),
            taught,
            temperature=log_temperature.exp().clamp(min=_LEAST_TEMPERATURE),
            settings=settings,
        )

    learning = [parameter for parameter in student.parameters() if parameter.requires_grad]
    loss = optimise(
        [{"params": [*learning, log_temperature], "lr": settings.learning_rate}],
        len(batches),
        loss_of_step,
        str(modality),
        folder=folder,
        modules=[student],
        generators=[own],
        log_temperature=log_temperature,
    )
    usable_N = held_out.usable(modality)
    embedding_ND = embed(student, held_out.inputs(modality)[usable_N])
    accuracy = label_accuracy(embedding_ND, held_out.label_N[usable_N], teachers.centre_KkD)
    metrics = {"accuracy": accuracy, "loss": loss, "samples": len(row_R)}
    finish_student(folder, settings, modality, student=student, teacher=teachers.image_teacher, metrics=metrics)
    print(
        f"{modality}: {accuracy:.1%} of {len(usable_N)} held-out samples, {parameter_count(student):,} parameters, "
        f"recipe {recipe_of(settings, modality)}"
    )


@dataclass(frozen=True)
class Taught:
    """What the teachers say of a batch.

    text_BD, image_BD: their embeddings. meaning_B: equal where the text of one row is also true of the other.
    picture_B: which picture a row has, -1 where it has none and its image_BD means nothing.
    """

    text_BD: Tensor
    image_BD: Tensor
    meaning_B: Tensor
    picture_B: Tensor

    def gathered(self) -> "Taught":
        """The batches of all processes."""
        return Taught(*(gathered(values) for values in (self.text_BD, self.image_BD, self.meaning_B, self.picture_B)))

    def rows(self, row_B: Tensor) -> "Taught":
        """Some of the rows."""
        return Taught(self.text_BD[row_B], self.image_BD[row_B], self.meaning_B[row_B], self.picture_B[row_B])


def alignment_terms(
    student_BD: Tensor, taught: Taught, *, temperature: Tensor, settings: DistilConfig
) -> dict[str, Tensor]:
    """The weighted terms of L = L_con + λ1 L_cross + λ2 L_self, equation 7, scalars; those of weight 0 are left out.

    Terms that need the image teacher are computed on the rows that have a picture, if there are two.
    """
    terms: dict[str, Tensor] = {}
    if settings.weight_contrast and settings.align_centre == "text":
        contrast = losses.contrast_to_centre(student_BD, taught.text_BD, taught.meaning_B, temperature)
        terms["contrast"] = settings.weight_contrast * contrast
    seen_B = (taught.picture_B >= 0).nonzero().squeeze(1)
    if len(seen_B) > 1:
        terms |= _pictured_terms(student_BD[seen_B], taught.rows(seen_B), temperature, settings)
    return terms or {"nothing": 0 * student_BD.sum()}


def _pictured_terms(
    student_BD: Tensor, taught: Taught, temperature: Tensor, settings: DistilConfig
) -> dict[str, Tensor]:
    fixed, terms = temperature.detach(), {}
    centre_BD, other_BD = taught.text_BD, taught.image_BD
    if settings.align_centre == "image":
        centre_BD, other_BD = other_BD, centre_BD
        if settings.weight_contrast:
            contrast = losses.contrast_to_centre(student_BD, centre_BD, taught.picture_B, temperature)
            terms["contrast"] = settings.weight_contrast * contrast
    if settings.weight_cross:
        cross = losses.cross_correspondence_loss(student_BD, centre_BD, other_BD, fixed)
        terms["cross"] = settings.weight_cross * cross
    if settings.weight_self:
        own = losses.self_correspondence_loss(
            student_BD, taught.text_BD, taught.image_BD, fixed, mask_diagonal=settings.mask_diagonal
        )
        terms["self"] = settings.weight_self * own
    return terms


def label_accuracy(embedding_ND: Tensor, label_N: Tensor, centre_KkD: Tensor) -> float:
    """Share of embeddings whose nearest centre belongs to their label."""
    cosine_NKk = torch.einsum("nd,kcd->nkc", embedding_ND, centre_KkD)
    return float((cosine_NKk.amax(dim=2).argmax(dim=1) == label_N).float().mean())


@dataclass(frozen=True)
class _Targets:
    """What the teachers say of every row a student may see, on the training device."""

    caption_RCD: Tensor
    image_RD: Tensor
    meaning_RC: Tensor
    picture_R: Tensor

    @classmethod
    def of_rows(cls, row_R: Tensor, train: SampleSet, teachers: Teachers, positives: Positives) -> "_Targets":
        picture_N = torch.full((len(train),), -1)
        seen_N = train.usable(Modality.IMAGE)
        picture_N[seen_N] = train.item_of_row(Modality.IMAGE)[seen_N]
        every = (teachers.caption_NCD, teachers.image_ND, _meanings(train, positives), picture_N)
        return cls(*(values[row_R].to(device()) for values in every))

    def draw(self, row_B: Tensor, generator: torch.Generator) -> Taught:
        """One randomly chosen caption each."""
        captions = self.caption_RCD.shape[1]
        caption_B = torch.randint(captions, (len(row_B),), generator=generator, device=generator.device)
        return Taught(
            self.caption_RCD[row_B, caption_B],
            self.image_RD[row_B],
            self.meaning_RC[row_B, caption_B],
            self.picture_R[row_B],
        )


def _meanings(train: SampleSet, positives: Positives) -> Tensor:
    """A number (N, C) for each caption of each sample, its hint the last; equal where they mean the same."""
    if positives == "label":
        return train.label_N[:, None].expand(-1, len(train.captions[0]) + 1)
    numbers: dict[str, int] = {}
    return torch.tensor(
        [
            [numbers.setdefault(sentence, len(numbers)) for sentence in (*captions, hint)]
            for captions, hint in zip(train.captions, train.hints, strict=True)
        ]
    )


def _epochs(settings: DistilConfig, rows: int) -> int:
    """Epochs until every row was seen often enough and there were enough steps."""
    steps = max(1, rows // min(settings.batch, rows))
    return max(settings.epochs, -(-settings.least_steps // steps))
