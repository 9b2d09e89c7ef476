"""Touch and picture of one object, each through its projector, fused by the project's heads.

Shape legend: N rows of touches, each with the picture of its object; K labels, F features, D embedding size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from omnibind_ros.modality import Modality
from training.config import FuseConfig, TrainingConfig
from training.data.entries import Entry
from training.fusion.embedded import EmbeddedSet
from training.fusion.fuse import fuse, load_head
from training.projection.projector import Projector
from training.real_data.recognise import embedded, nearest_neighbour, train_to_texts

HEADS = ("mean", "af", "reliable")
_MODALITIES = (Modality.IMAGE, Modality.TOUCH)
_EMPTY = 16
_FUSE = FuseConfig(heads=HEADS, steps=200, batch=64, most_tokens=len(_MODALITIES))


@dataclass(frozen=True, eq=False)
class Paired:
    """Features of pictures and touches (N, F), row by row of one object; its number among the label's (N,)."""

    picture_NF: NDArray[np.float32]
    touch_NF: NDArray[np.float32]
    label_N: NDArray[np.int64]
    object_N: NDArray[np.int64]

    def where(self, chosen_N: NDArray[np.bool_]) -> "Paired":
        """Some of the rows."""
        return Paired(
            self.picture_NF[chosen_N], self.touch_NF[chosen_N], self.label_N[chosen_N], self.object_N[chosen_N]
        )

    @property
    def both_NF(self) -> NDArray[np.float32]:  # noqa: N802 a shape
        """One feature after the other."""
        return np.concatenate([self.picture_NF, self.touch_NF], axis=1)


def paired(
    touches: Sequence[Entry],
    touch_NF: NDArray[np.float32],
    pictures: Sequence[Entry],
    picture_PF: NDArray[np.float32],
    labels: Sequence[str],
) -> Paired:
    """Each touch with the picture of its object; touches of an object without a picture are left out."""
    picture_of = {entry.group: row for row, entry in enumerate(pictures)}
    kept = [row for row, entry in enumerate(touches) if entry.group in picture_of]
    return Paired(
        picture_PF[[picture_of[touches[row].group] for row in kept]],
        touch_NF[kept],
        np.array([labels.index(touches[row].label) for row in kept], np.int64),
        np.array([int(touches[row].group.split()[-1]) for row in kept], np.int64),
    )


def fusion_accuracy(learnt: Paired, test: Paired, text_KD: NDArray[np.float32], seed: int) -> dict[str, float]:
    """Accuracy on the test's rows of each sensor alone, of each head, and of the nearest neighbour by both features.

    The heads learn from embeddings of objects that the projectors which made them were not trained on: on those they
    know by heart, touch would look as trustworthy as the picture.
    """
    whole = _projectors(learnt, text_KD, seed)
    alone = {modality: _embedded(whole, test)[number] for number, modality in enumerate(_MODALITIES)}
    found = {f"{modality} alone": _accuracy(vector_ND, test, text_KD) for modality, vector_ND in alone.items()}
    label_N = nearest_neighbour(learnt.both_NF, learnt.label_N, test.both_NF)
    found["nearest neighbour by both features"] = float((label_N == test.label_N).mean())
    sets = _embedded_set(_left_out(learnt, text_KD, seed), whole, learnt)
    tokens_NMD = torch.from_numpy(np.stack(list(alone.values()), axis=1))
    code_NM = torch.tensor([modality.code for modality in _MODALITIES]).expand(len(test.label_N), -1)
    ones_NM = torch.ones(code_NM.shape)
    config = TrainingConfig(seed=seed, fuse=_FUSE)
    for name in HEADS:
        with TemporaryDirectory() as temporary:
            fuse(Path(temporary), config, sets, torch.from_numpy(text_KD)[:, None], name)
            head = load_head(Path(temporary), name, text_KD.shape[1])
        fused_ND, _ = head(tokens_NMD, code_NM, ones_NM, ones_NM.bool())
        found[f"fused by {name}"] = _accuracy(fused_ND.numpy(), test, text_KD)
    return found


def _projectors(learnt: Paired, text_KD: NDArray[np.float32], seed: int) -> tuple[Projector, Projector]:
    # one picture for every object, however often it was touched
    _, once = np.unique(np.stack([learnt.label_N, learnt.object_N]), axis=1, return_index=True)
    return (
        train_to_texts(learnt.picture_NF[once], learnt.label_N[once], text_KD, seed),
        train_to_texts(learnt.touch_NF, learnt.label_N, text_KD, seed),
    )


def _embedded(projectors: tuple[Projector, Projector], rows: Paired) -> NDArray[np.float32]:
    """(2, N, D), in the order of `_MODALITIES`."""
    return np.stack([embedded(projectors[0], rows.picture_NF), embedded(projectors[1], rows.touch_NF)])


def _left_out(learnt: Paired, text_KD: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Embeddings (2, N, D) of each object by projectors that were trained on the others."""
    vector_MND = np.zeros((len(_MODALITIES), len(learnt.label_N), text_KD.shape[1]), np.float32)
    for number in np.unique(learnt.object_N):
        out_N = learnt.object_N == number
        vector_MND[:, out_N] = _embedded(_projectors(learnt.where(~out_N), text_KD, seed), learnt.where(out_N))
    return vector_MND


def _embedded_set(
    vector_MND: NDArray[np.float32], projectors: tuple[Projector, Projector], learnt: Paired
) -> EmbeddedSet:
    """As the heads' training takes it; what a broken sensor would give are the answers to random features."""
    modalities, rows, _ = vector_MND.shape
    generator = np.random.default_rng(0)
    noise = [
        generator.random((_EMPTY, feature_NF.shape[1]), np.float32) * feature_NF.max()
        for feature_NF in (learnt.picture_NF, learnt.touch_NF)
    ]
    empty_MED = torch.from_numpy(np.stack([embedded(*one) for one in zip(projectors, noise, strict=True)]))
    group_N = torch.from_numpy(learnt.label_N * (learnt.object_N.max() + 1) + learnt.object_N)
    return EmbeddedSet(
        code_M=torch.tensor([modality.code for modality in _MODALITIES]),
        label_N=torch.from_numpy(learnt.label_N),
        embedding_MNVD=torch.from_numpy(vector_MND)[:, :, None],
        quality_MN=torch.ones(modalities, rows),
        usable_MN=torch.ones(modalities, rows, dtype=torch.bool),
        group_MN=group_N.expand(modalities, -1),
        empty_MED=empty_MED,
        faulty_MFD=empty_MED,
        faulty_quality_MF=torch.zeros(modalities, _EMPTY),
    )


def _accuracy(vector_ND: NDArray[np.float32], rows: Paired, text_KD: NDArray[np.float32]) -> float:
    return float(((vector_ND @ text_KD.T).argmax(axis=1) == rows.label_N).mean())
