"""The step `teach`: the text tower and the image teacher, trained together by contrast, then frozen.

Shape legend: N samples, B batch, C captions a sample, S size of sentence embeddings, K labels, k centres, D embedding.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from omnibind_ros.modality import Modality
from training.config import TrainingConfig
from training.data.sample_set import SampleSet
from training.data.words import common_phrases
from training.distillation.augment import augment
from training.optimise import learnable_temperature, optimise, seed_everything, shuffled_batches
from training.students.students import make_image_teacher
from training.teachers.label_bank import all_descriptions, embed_descriptions
from training.teachers.text_tower import SENTENCE_SIZE, TextProjection, encode_sentences

_BATCH = 256


@dataclass(frozen=True)
class Teachers:
    """The frozen teachers' embeddings of the training samples, and the text tower for other sentences.

    image_ND: E_I. caption_NCD: E_T of each caption of each sample, its hint the last. centre_KkD: the label bank.
    """

    image_ND: Tensor
    caption_NCD: Tensor
    centre_KkD: Tensor
    projection: TextProjection


def teach(folder: Path, config: TrainingConfig, train: SampleSet) -> None:
    """Train both teachers on image and caption pairs and store what later steps need in `folder`."""
    generator = seed_everything(config.seed)
    sentence_NCS = _caption_sentences(train)
    projection = TextProjection()
    projection.start_from(torch.cat([sentence_NCS.flatten(0, 1), _common_sentences(config)]))
    image_NCHW = train.inputs(Modality.IMAGE)
    teacher = make_image_teacher(tuple(image_NCHW.shape[1:]))
    log_temperature = learnable_temperature()
    settings = config.teach
    batches = shuffled_batches(len(image_NCHW), settings.batch, settings.epochs, generator)

    def loss_of_step(step: int) -> Tensor:
        rows = batches[step]
        image_BD = teacher(augment(Modality.IMAGE, image_NCHW[rows], generator))
        caption_B = torch.randint(sentence_NCS.shape[1], (len(rows),), generator=generator)
        text_BD = projection(sentence_NCS[rows, caption_B])
        temperature = log_temperature.exp().clamp(min=0.01)
        return symmetric_contrast(image_BD, text_BD, train.label_N[rows], temperature)

    optimise(
        [
            {"params": [*teacher.parameters(), log_temperature], "lr": settings.learning_rate},
            {"params": list(projection.parameters()), "lr": settings.projection_learning_rate},
        ],
        len(batches),
        loss_of_step,
        "teach",
    )
    projection.eval()
    with torch.no_grad():
        caption_NCD = projection(sentence_NCS)
        centre_KkD = embed_descriptions(all_descriptions(train.captions_of_label()), projection)
    save_file(
        {
            "image": embed(teacher, image_NCHW),
            "captions": caption_NCD.contiguous(),
            "centres": centre_KkD.contiguous(),
            **{f"projection.{name}": value for name, value in projection.state_dict().items()},
        },
        folder / "teachers.safetensors",
    )


def load_teachers(folder: Path) -> Teachers:
    """What `teach` stored, frozen."""
    tensors = load_file(folder / "teachers.safetensors")
    projection = TextProjection()
    prefix = "projection."
    projection.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
    projection.requires_grad_(False)
    return Teachers(tensors["image"], tensors["captions"], tensors["centres"], projection.eval())


def symmetric_contrast(left_BD: Tensor, right_BD: Tensor, group_B: Tensor, temperature: Tensor) -> Tensor:
    """Multi-positive contrast in both directions, both sides learning; a scalar.

    group_B: equal for rows of one label: every caption of a label is true of each of its objects' pictures.
    """
    same_BB = (group_B[:, None] == group_B[None, :]).to(left_BD.dtype)
    target_BB = same_BB / same_BB.sum(dim=1, keepdim=True)
    logit_BB = left_BD @ right_BD.T / temperature
    forward = -(target_BB * torch.log_softmax(logit_BB, dim=1)).sum(dim=1).mean()
    backward = -(target_BB * torch.log_softmax(logit_BB.T, dim=1)).sum(dim=1).mean()
    return (forward + backward) / 2


@torch.no_grad()
def embed(model: nn.Module, inputs: Tensor) -> Tensor:
    """Embeddings (N, D) of many inputs by a model, which stays in evaluation mode."""
    model.eval()
    return torch.cat([model(inputs[start : start + _BATCH]) for start in range(0, len(inputs), _BATCH)])


def _caption_sentences(train: SampleSet) -> Tensor:
    """Sentence embeddings (N, C, S) of every sample's captions and its hint."""
    sentences = [text for captions, hint in zip(train.captions, train.hints, strict=True) for text in (*captions, hint)]
    return encode_sentences(sentences).reshape(len(train), -1, SENTENCE_SIZE)


def _common_sentences(config: TrainingConfig) -> Tensor:
    return encode_sentences(common_phrases(config.teach.phrases, config.seed))
