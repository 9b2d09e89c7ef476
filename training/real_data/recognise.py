"""Two ways from frozen features to a label: the nearest neighbour, and a projector to the labels' texts.

Shape legend: N recordings to learn from, T to recognise, F features, K labels, D embedding size.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from omnibind_ros.modality import Modality
from training.projection.embedding_table import EmbeddingTable
from training.projection.pairs import Pairs
from training.projection.projector import Projector
from training.projection.train import CachedEmbeddings, ProjectConfig, train_split

STEPS = 100
BATCH = 64


def nearest_neighbour(
    feature_NF: NDArray[np.float32], label_N: NDArray[np.int64], feature_TF: NDArray[np.float32], count: int = 1
) -> NDArray[np.int64]:
    """Label (T,) of the nearest by cosine, or the most frequent among some, of equally frequent ones the nearest."""
    cosine_TN = _unit(feature_TF) @ _unit(feature_NF).T
    nearest_TC = label_N[np.argsort(-cosine_TN, axis=1, kind="stable")[:, :count]]
    return np.array([max(row, key=row.count) for row in nearest_TC.tolist()], np.int64)


def train_to_texts(
    feature_NF: NDArray[np.float32], label_N: NDArray[np.int64], text_KD: NDArray[np.float32], seed: int
) -> Projector:
    """A projector that points features at their labels' texts, trained as `python -m training project` does."""
    rows = len(feature_NF)
    cached = CachedEmbeddings(
        Modality.IMAGE,  # whichever sensor it is: a projector of one modality to text
        EmbeddingTable(tuple(map(str, range(rows))), feature_NF),
        {Modality.TEXT: EmbeddingTable(tuple(map(str, range(len(text_KD)))), text_KD)},
    )
    pairs = Pairs(
        torch.arange(rows), {Modality.TEXT: torch.from_numpy(label_N)}, torch.ones(rows), categories=("",) * rows
    )
    batch = min(BATCH, rows)
    config = ProjectConfig(epochs=max(1, round(STEPS / (rows // batch))), batch=batch, seed=seed)
    with TemporaryDirectory() as temporary:
        return train_split(Path(temporary), cached, [pairs], config, None).projector


@torch.no_grad()
def embedded(projector: Projector, feature_NF: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit vectors (N, D) of features."""
    vector_ND: NDArray[np.float32] = projector(torch.from_numpy(feature_NF)).numpy()
    return vector_ND


def _unit(vector_ND: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector_ND / np.maximum(np.linalg.norm(vector_ND, axis=1, keepdims=True), 1e-12), np.float32)
