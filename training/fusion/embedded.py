"""The students' embeddings of a split: what fusion, calibration and evaluation read.

Shape legend: M modalities, N samples, I items of a modality, V views, E empty inputs, F faulty samples, D embedding.
"""

import zlib
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.config import DIMENSION, TrainingConfig
from training.data.sample_set import SampleSet
from training.distillation.augment import augment
from training.distillation.distil_text import TOKENIZER_FILE
from training.distillation.recipes import load_student
from training.students.tokens import load_tokenizer, tokens_of
from training.teachers.teach import embed

EMBEDDED_FILE = "embedded.safetensors"
NO_GROUP = -1
_NOISE_INPUTS = 44
_CONSTANT_INPUTS = 4
_BABBLE = 64


@dataclass(frozen=True)
class EmbeddedSet:
    """Embeddings of every modality of a split's samples, modalities in the order of `code_M` (wire codes).

    embedding_MNVD: view 0 is the sample as it is, further ones are augmented. quality_MN, usable_MN: of the samples.
    group_MN: int64, equal where the same thing or recording is behind the inputs, whatever the modality; `NO_GROUP`
    where nobody knows. empty_MED: answers of each encoder to noise and to constant inputs. faulty_MFD,
    faulty_quality_MF: its answers to what broken sensors sent; quality 0 where there are no such data. Texts are not
    kept: text is a modality like the others here.
    """

    code_M: Tensor
    label_N: Tensor
    embedding_MNVD: Tensor
    quality_MN: Tensor
    usable_MN: Tensor
    group_MN: Tensor
    empty_MED: Tensor
    faulty_MFD: Tensor
    faulty_quality_MF: Tensor

    def __len__(self) -> int:
        return len(self.label_N)

    @property
    def views(self) -> int:
        """How many views of each sample there are."""
        return self.embedding_MNVD.shape[2]

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The modalities, in order."""
        return tuple(Modality.from_code(int(code)) for code in self.code_M)

    @cached_property
    def usable_rows(self) -> tuple[Tensor, Tensor]:
        """For each modality its usable rows first (M, N), and how many they are (M,), at least 1."""
        first_MN = self.usable_MN.long().argsort(dim=1, descending=True, stable=True)
        return first_MN, self.usable_MN.sum(dim=1).clamp(min=1)


def of_labels(embedded: EmbeddedSet, labels: int) -> EmbeddedSet:
    """Only the samples of the first so many labels."""
    kept_N = embedded.label_N < labels
    return replace(
        embedded,
        label_N=embedded.label_N[kept_N],
        embedding_MNVD=embedded.embedding_MNVD[:, kept_N],
        quality_MN=embedded.quality_MN[:, kept_N],
        usable_MN=embedded.usable_MN[:, kept_N],
        group_MN=embedded.group_MN[:, kept_N],
    )


def save_embedded(embedded: EmbeddedSet, folder: Path) -> None:
    """Write it into a folder."""
    tensors = {field.name: getattr(embedded, field.name).contiguous() for field in fields(embedded)}
    save_file(tensors, folder / EMBEDDED_FILE)


def load_embedded(folder: Path) -> EmbeddedSet:
    """What `save_embedded` wrote. Raises FileNotFoundError."""
    return EmbeddedSet(**load_file(folder / EMBEDDED_FILE))


def embed_split(
    samples: SampleSet, config: TrainingConfig, distilled: Path, views: int = 1, *, split: str = ""
) -> EmbeddedSet:
    """Run every student over a split; `distilled` is the folder of the step `distil`.

    split: its name. Noise and augmentation are drawn anew for every split: a head tested on the very noise it was
    trained on would look more robust than it is.
    """
    generator = torch.Generator().manual_seed(config.seed + zlib.crc32(split.encode()))
    parts = [
        _embed_modality(samples, modality, config, distilled, views=views, generator=generator)
        for modality in config.modalities
    ]
    faults = max(1, *(len(part.faulty_FD) for part in parts))
    return EmbeddedSet(
        code_M=torch.tensor([modality.code for modality in config.modalities]),
        label_N=samples.label_N,
        embedding_MNVD=torch.stack([part.embedding_NVD for part in parts]),
        quality_MN=torch.stack([part.quality_N for part in parts]),
        usable_MN=torch.stack([part.usable_N for part in parts]),
        group_MN=_numbered([samples.groups(modality) for modality in config.modalities]),
        empty_MED=torch.stack([part.empty_ED for part in parts]),
        faulty_MFD=torch.stack([_repeated(part.faulty_FD, faults) for part in parts]),
        faulty_quality_MF=torch.stack([_repeated(part.faulty_quality_F, faults) for part in parts]),
    )


@dataclass(frozen=True)
class _Part:
    embedding_NVD: Tensor
    quality_N: Tensor
    usable_N: Tensor
    empty_ED: Tensor
    faulty_FD: Tensor
    faulty_quality_F: Tensor


def _embed_modality(
    samples: SampleSet,
    modality: Modality,
    config: TrainingConfig,
    distilled: Path,
    *,
    views: int,
    generator: torch.Generator,
) -> _Part:
    folder = distilled / modality.value
    if modality is Modality.TEXT:
        return _embed_text(samples, folder, views, generator)
    items = samples.items(modality)
    student = load_student(folder, modality, tuple(items.shape[1:]))
    embedding_IVD = torch.zeros(len(items), views, DIMENSION)
    if len(items):
        for view in range(views):
            embedding_IVD[:, view] = embed(
                student, augment(modality, items, generator, mirrored=config.data.mirrored) if view else items
            )
    item_N = samples.item_of_row(modality)
    embedding_NVD = torch.zeros(len(samples), views, DIMENSION)
    embedding_NVD[item_N >= 0] = embedding_IVD[item_N[item_N >= 0]]
    faulty_inputs, faulty_quality_F = samples.faulty(modality)
    usable_N = torch.zeros(len(samples), dtype=torch.bool)
    usable_N[samples.usable(modality)] = True
    return _Part(
        embedding_NVD=embedding_NVD,
        quality_N=samples.quality(modality),
        usable_N=usable_N,
        empty_ED=_answers_to_nothing(student, items, generator),
        faulty_FD=embed(student, faulty_inputs) if len(faulty_inputs) else torch.zeros(0, DIMENSION),
        faulty_quality_F=faulty_quality_F,
    )


def _embed_text(samples: SampleSet, folder: Path, views: int, generator: torch.Generator) -> _Part:
    """View 0 is what a person might say without naming the object, the others are its captions.

    A broken prompt is empty or babble.
    """
    student = load_student(folder, Modality.TEXT, ())
    tokenizer = load_tokenizer(folder / TOKENIZER_FILE)
    captions = [[sample[view % len(sample)] for sample in samples.captions] for view in range(views - 1)]
    babble_FD = embed(student, tokens_of(tokenizer, _babble(generator)))
    said_N = torch.tensor([bool(hint) for hint in samples.hints])
    return _Part(
        embedding_NVD=torch.stack(
            [embed(student, tokens_of(tokenizer, view)) for view in (samples.hints, *captions)], dim=1
        ),
        quality_N=said_N.float(),
        usable_N=said_N,
        empty_ED=embed(student, tokens_of(tokenizer, [""])).expand(_NOISE_INPUTS + _CONSTANT_INPUTS, -1),
        faulty_FD=babble_FD,
        faulty_quality_F=torch.rand(len(babble_FD), generator=generator),
    )


def _answers_to_nothing(student: nn.Module, inputs: Tensor, generator: torch.Generator) -> Tensor:
    """Embeddings of noise at the inputs' own scale and of four constant inputs, (E, D)."""
    mean, scale = inputs.mean(), inputs.std()
    noise = torch.randn(_NOISE_INPUTS, *inputs.shape[1:], generator=generator)
    strength = torch.rand(_NOISE_INPUTS, *[1] * (inputs.ndim - 1), generator=generator) * 2
    levels = [
        torch.full_like(inputs[:1], level) for level in (float(inputs.min()), float(inputs.max()), 0.0, float(mean))
    ]
    return embed(student, torch.cat([mean + scale * strength * noise, *levels]))


def _babble(generator: torch.Generator) -> list[str]:
    """Sentences of words that mean nothing."""
    letters = torch.randint(ord("a"), ord("z") + 1, (_BABBLE, 4, 6), generator=generator)
    return [" ".join("".join(map(chr, word)) for word in sentence) for sentence in letters.tolist()]


def _numbered(groups: list[list[str]]) -> Tensor:
    """Names of groups as numbers (M, N), the same name the same number in every modality."""
    names = dict.fromkeys(name for of_modality in groups for name in of_modality if name)
    numbers = {name: number for number, name in enumerate(names)}
    return torch.tensor([[numbers.get(name, NO_GROUP) for name in of_modality] for of_modality in groups])


def _repeated(values: Tensor, count: int) -> Tensor:
    """The first `count` rows of the values repeated as often as needed."""
    if not len(values):
        return functional.normalize(torch.ones(count, DIMENSION), dim=-1) if values.ndim == 2 else torch.zeros(count)
    return values.repeat(-(-count // len(values)), *[1] * (values.ndim - 1))[:count]
