"""The step `teach`: the text tower and the image teacher, trained together by contrast, then frozen.

Shape legend: N samples, B batch, C captions a sample, S size of sentence embeddings, K labels, k centres, D embedding.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from omnibind_ros.modality import Modality
from training.config import DIMENSION, ImageTower, TrainingConfig
from training.data.sample_set import SampleSet
from training.data.words import common_phrases
from training.distillation.augment import augment
from training.optimise import learnable_temperature, optimise, own_generator, seed_everything, shuffled_batches
from training.processes import device, gathered, on_device, own_share
from training.teachers.image_tower import ImageTeacher, make_image_tower
from training.teachers.label_bank import all_descriptions, embed_descriptions
from training.teachers.text_tower import SENTENCE_SIZE, TextProjection, encode_sentences

TEACHERS_FILE = "teachers.safetensors"
_PROJECTION, _TOWER = "projection.", "image_teacher."
_BATCH = 256


@dataclass(frozen=True)
class Teachers:
    """The frozen teachers' embeddings of the training samples, and the networks for what else they are asked.

    image_ND: E_I, without a meaning where a sample has no picture. caption_NCD: E_T of each caption of each sample, its
    hint the last. centre_KkD: the label bank.
    """

    image_ND: Tensor
    caption_NCD: Tensor
    centre_KkD: Tensor
    projection: TextProjection
    image_teacher: ImageTeacher


def teach(folder: Path, config: TrainingConfig, train: SampleSet) -> None:
    """Train both teachers on image and caption pairs and store what later steps need in `folder`."""
    order, own = seed_everything(config.seed), own_generator(config.seed)
    sentence_NCS = _caption_sentences(train)
    projection = TextProjection()
    projection.start_from(torch.cat([sentence_NCS.flatten(0, 1), _common_sentences(config)]))
    on_device(projection)
    row_R = train.usable(Modality.IMAGE)
    image_NCHW = train.inputs(Modality.IMAGE)
    picture_shape = tuple(image_NCHW.shape[1:])
    settings = config.teach
    tower = on_device(make_image_tower(settings.image_tower, picture_shape))
    log_temperature = learnable_temperature()
    batches = shuffled_batches(len(row_R), settings.batch, settings.epochs, order)

    def loss_of_step(step: int) -> Tensor:
        row_B = row_R[own_share(batches[step])]
        image_BD = tower(augment(Modality.IMAGE, image_NCHW[row_B].to(device()), own, mirrored=config.data.mirrored))
        caption_B = torch.randint(sentence_NCS.shape[1], (len(row_B),), generator=own, device=own.device)
        text_BD = projection(sentence_NCS[row_B, caption_B.cpu()].to(device()))
        temperature = log_temperature.exp().clamp(min=0.01)
        label_B = train.label_N[row_B].to(device())
        return symmetric_contrast(gathered(image_BD), gathered(text_BD), gathered(label_B), temperature)

    optimise(
        [
            {"params": [*tower.parameters(), log_temperature], "lr": settings.learning_rate},
            {"params": list(projection.parameters()), "lr": settings.projection_learning_rate},
        ],
        len(batches),
        loss_of_step,
        "teach",
        folder=folder,
        modules=[tower],
        generators=[own],
        log_temperature=log_temperature,
    )
    descriptions = all_descriptions(train.labels, train.captions_of_label())
    teachers = Teachers(
        image_ND=embed(tower, image_NCHW),
        caption_NCD=embed(projection, sentence_NCS.flatten(0, 1)).view(*sentence_NCS.shape[:2], -1),
        centre_KkD=embed_descriptions(descriptions, projection),
        projection=projection,
        image_teacher=ImageTeacher(settings.image_tower, picture_shape, tower),
    )
    save_teachers(folder, teachers)


def save_teachers(folder: Path, teachers: Teachers) -> None:
    """Write `teachers.safetensors`; its header says which image tower it holds."""
    image = teachers.image_teacher
    tensors = {
        "image": teachers.image_ND,
        "captions": teachers.caption_NCD,
        "centres": teachers.centre_KkD,
        **{f"{_PROJECTION}{name}": value.cpu() for name, value in teachers.projection.state_dict().items()},
        **{f"{_TOWER}{name}": value.cpu() for name, value in image.network.state_dict().items()},
    }
    save_file(
        {name: value.contiguous() for name, value in tensors.items()},
        folder / TEACHERS_FILE,
        metadata={"tower": image.kind, "picture_shape": json.dumps(image.picture_shape)},
    )


def load_teachers(folder: Path) -> Teachers:
    """What `teach` stored, frozen."""
    with safe_open(folder / TEACHERS_FILE, framework="pt") as file:
        description = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 the file is no dictionary
    kind, picture_shape = cast(ImageTower, description["tower"]), tuple(json.loads(description["picture_shape"]))
    projection, tower = TextProjection(), make_image_tower(kind, picture_shape)
    for network, prefix in ((projection, _PROJECTION), (tower, _TOWER)):
        network.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
        network.requires_grad_(False).eval()
    return Teachers(
        tensors["image"],
        tensors["captions"],
        tensors["centres"],
        projection,
        ImageTeacher(kind, picture_shape, tower),
    )


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
    """Embeddings (N, D) of many inputs by a model, which stays in evaluation mode, where it is; both on the CPU."""
    place = next(model.parameters()).device
    model.eval().to(device())
    parts = [model(inputs[start : start + _BATCH].to(device())).cpu() for start in range(0, len(inputs), _BATCH)]
    model.to(place)
    return torch.cat(parts) if parts else torch.zeros(0, DIMENSION)


def _caption_sentences(train: SampleSet) -> Tensor:
    """Sentence embeddings (N, C, S) of every sample's captions and its hint."""
    sentences = [text for captions, hint in zip(train.captions, train.hints, strict=True) for text in (*captions, hint)]
    return encode_sentences(sentences).reshape(len(train), -1, SENTENCE_SIZE)


def _common_sentences(config: TrainingConfig) -> Tensor:
    return encode_sentences(common_phrases(config.teach.phrases, config.seed))
