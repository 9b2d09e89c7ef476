"""The students' embeddings of a split: what fusion, calibration and evaluation read.

Shape legend: M modalities, N samples, V views, E empty inputs, F faulty samples, D embedding size.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.config import DIMENSION, TrainingConfig
from training.data.sample_set import SampleSet
from training.distillation.augment import augment
from training.distillation.distil import load_student
from training.distillation.distil_text import TOKENIZER_FILE
from training.students.tokens import load_tokenizer, tokens_of
from training.teachers.teach import embed

_NOISE_INPUTS = 12
_CONSTANT_INPUTS = 4
_BABBLE = 64


@dataclass(frozen=True)
class EmbeddedSet:
    """Embeddings of every modality of a split's samples, modalities in the order of `code_M` (wire codes).

    embedding_MNVD: view 0 is the sample as it is, further ones are augmented. quality_MN, usable_MN: of the samples.
    empty_MED: answers of each encoder to noise and to constant inputs. faulty_MFD, faulty_quality_MF: its answers to
    what broken sensors sent. caption_texts are not kept: text is a modality like the others here.
    """

    code_M: Tensor
    label_N: Tensor
    embedding_MNVD: Tensor
    quality_MN: Tensor
    usable_MN: Tensor
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


def embed_split(samples: SampleSet, config: TrainingConfig, distilled: Path, views: int = 1) -> EmbeddedSet:
    """Run every student over a split; `distilled` is the folder of the step `distil`."""
    generator = torch.Generator().manual_seed(config.seed)
    parts = [_embed_modality(samples, modality, distilled, views, generator) for modality in config.modalities]
    faults = max(len(part.faulty_FD) for part in parts)
    return EmbeddedSet(
        code_M=torch.tensor([modality.code for modality in config.modalities]),
        label_N=samples.label_N,
        embedding_MNVD=torch.stack([part.embedding_NVD for part in parts]),
        quality_MN=torch.stack([part.quality_N for part in parts]),
        usable_MN=torch.stack([part.usable_N for part in parts]),
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
    samples: SampleSet, modality: Modality, distilled: Path, views: int, generator: torch.Generator
) -> _Part:
    folder = distilled / modality.value
    if modality is Modality.TEXT:
        return _embed_text(samples, folder, views, generator)
    inputs = samples.inputs(modality)
    student = load_student(folder, modality, tuple(inputs.shape[1:]))
    seen = [embed(student, inputs)]
    seen.extend(embed(student, augment(modality, inputs, generator)) for _ in range(views - 1))
    faulty_inputs, faulty_quality_F = samples.faulty(modality)
    usable_N = torch.zeros(len(samples), dtype=torch.bool)
    usable_N[samples.usable(modality)] = True
    return _Part(
        embedding_NVD=torch.stack(seen, dim=1),
        quality_N=samples.quality(modality),
        usable_N=usable_N,
        empty_ED=_answers_to_nothing(student, inputs, generator),
        faulty_FD=embed(student, faulty_inputs),
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
    return _Part(
        embedding_NVD=torch.stack(
            [embed(student, tokens_of(tokenizer, view)) for view in (samples.hints, *captions)], dim=1
        ),
        quality_N=torch.ones(len(samples)),
        usable_N=torch.ones(len(samples), dtype=torch.bool),
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


def _repeated(values: Tensor, count: int) -> Tensor:
    """The first `count` rows of the values repeated as often as needed."""
    if not len(values):
        return functional.normalize(torch.ones(count, DIMENSION), dim=-1) if values.ndim == 2 else torch.zeros(count)
    return values.repeat(-(-count // len(values)), *[1] * (values.ndim - 1))[:count]
