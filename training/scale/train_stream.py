"""Training of a projector on shards of embeddings that need not fit into memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.config import TrainingConfig
from training.optimise import seed_everything
from training.projection.pairs import ids_in, read_pairs
from training.projection.projector import TrainedProjector, load_projector
from training.projection.train import (
    PROJECTOR_FILE,
    CachedEmbeddings,
    ProjectConfig,
    publish,
    retrieval_of,
    save_split,
    train_on,
)
from training.run_folder import RunFolder, settings_of
from training.scale.embedding_shards import EmbeddingShards
from training.scale.pair_stream import PairStream

WINDOW = 131072
"""Pairs that a process shuffles together, by default: 0.9 GB of 768 + 768 float32, and once more of the next ones."""
_SPLIT = "split-1"


def train_streamed(
    folder: Path,
    projected: tuple[Modality, EmbeddingShards],
    frozen: Mapping[Modality, EmbeddingShards],
    config: ProjectConfig,
    *,
    window: int = WINDOW,
    held_out: Path | None = None,
) -> TrainedProjector:
    """Train on what has one id in shards of one name, and write what `train_projector` writes.

    With one process and a window that holds everything, the result is that of `train_projector`, number for number.
    held_out: CSV file of pairs; their embeddings alone are read into memory. Raises ConfigurationError.
    """
    steps = RunFolder(folder, TrainingConfig(seed=config.seed))
    settings = [settings_of(config), window, projected[1].digest]
    settings.append({str(modality): shards.digest for modality, shards in sorted(frozen.items())})
    settings.append(held_out.read_text(encoding="utf-8") if held_out is not None else "")

    def work(place: Path) -> None:
        seed_everything(config.seed)
        batches = PairStream(
            projected, frozen, batch=config.batch, epochs=config.epochs, window=window, seed=config.seed
        )
        trained = train_on(place, batches, config)
        save_split(place, trained, _retrieval(trained, projected, frozen, held_out) if held_out is not None else {})

    steps.perform(_SPLIT, work, settings, (), together=True)
    publish(folder, [_SPLIT])
    return load_projector(folder / _SPLIT / PROJECTOR_FILE)


def _retrieval(
    trained: TrainedProjector,
    projected: tuple[Modality, EmbeddingShards],
    frozen: Mapping[Modality, EmbeddingShards],
    held_out: Path,
) -> dict[str, Any]:
    modality, shards = projected
    named = ids_in(held_out, (modality, *frozen))
    if modality not in named or len(named) < 2:
        raise ConfigurationError(
            f"no pair of {modality} and another modality is there",
            remedy="name the ids of both in columns of their names, see docs/projection.md",
            source=str(held_out),
        )
    tables = {one: frozen[one].pick(ids) for one, ids in named.items() if one is not modality}
    cached = CachedEmbeddings(modality, shards.pick(named[modality]), tables)
    known = (modality, cached.projected.row_of), {one: table.row_of for one, table in tables.items()}
    return retrieval_of(trained.projector, cached, read_pairs(held_out, *known))
