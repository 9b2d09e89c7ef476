"""Training of one modality's projector on cached embeddings, split after split.

Shape legend: N items, P pairs, B batch of all processes, Q queries, G gallery, D embedding size.
"""

import dataclasses
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.config import STRICT, TrainingConfig
from training.evaluation.retrieval import recall
from training.optimise import learnable_temperature, optimise, seed_everything
from training.processes import accelerator, device, gathered, is_main
from training.projection.description_contrast import description_contrast, numbers_of_rows
from training.projection.embedding_table import EmbeddingTable
from training.projection.pair_batches import CachedBatches, PairBatches, check_space
from training.projection.pairs import ABSENT, Pairs, joined
from training.projection.projector import HIDDEN, Projector, TrainedProjector, load_projector, save_projector
from training.projection.soft_targets import soft_target_loss
from training.projection.staging import batches_of_split
from training.run_folder import RunFolder, settings_of

PROJECTOR_FILE = "projector.safetensors"
RESULTS_FILE = "results.json"
_COLDEST = 0.01


@dataclass(frozen=True, config=STRICT)
class ProjectConfig:
    """Training of a projector, by default as in EBind.

    loss: of pairs, which may be none (EBind), or of samples with what is said of them (UniBind). hidden: units, 0 for a
    single linear layer. epochs: over each split. replay: share of what a later split is trained on that is drawn from
    the splits before.
    """

    loss: Literal["pairs", "descriptions"] = "pairs"
    hidden: NonNegativeInt = HIDDEN
    epochs: PositiveInt = 2
    batch: Annotated[int, Field(ge=2)] = 2048
    learning_rate: PositiveFloat = 1e-3
    replay: Annotated[float, Field(ge=0, lt=1)] = 0.0
    seed: NonNegativeInt = 0


@dataclasses.dataclass(frozen=True)
class CachedEmbeddings:
    """What a projector learns from: the embeddings of its own modality and those of the frozen ones, of one size."""

    modality: Modality
    projected: EmbeddingTable
    frozen: dict[Modality, EmbeddingTable]

    def __post_init__(self) -> None:
        check_space(self.modality, {modality: table.vector_ND.shape[1] for modality, table in self.frozen.items()})

    @property
    def size(self) -> int:
        """Size D of the common space."""
        return int(next(iter(self.frozen.values())).vector_ND.shape[1])


def train_projector(
    folder: Path,
    cached: CachedEmbeddings,
    splits: Sequence[Pairs],
    config: ProjectConfig,
    held_out: Pairs | None = None,
) -> TrainedProjector:
    """Train on splits of pairs, the worst first, and write `projector.safetensors` and `results.json`.

    What is done already is left out, and a split that broke off goes on from its checkpoint. held_out: pairs on which
    retrieval is measured after each split, so that forgetting is seen.
    """
    steps = RunFolder(folder, TrainingConfig(seed=config.seed))
    tables = [cached.projected.digest, *(f"{m} {table.digest}" for m, table in sorted(cached.frozen.items()))]
    names = [f"split-{number + 1}" for number in range(len(splits))]
    last: TrainedProjector | None = None
    for number, name in enumerate(names):
        settings = [settings_of(config), tables, [one.digest for one in splits[: number + 1]]]
        settings.append(held_out.digest if held_out else "")
        start = last

        def work(place: Path, number: int = number, start: TrainedProjector | None = start) -> None:
            trained = train_split(place, cached, splits[: number + 1], config, start)
            results = retrieval_of(trained.projector, cached, held_out) if held_out else {}
            save_split(place, trained, results)

        steps.perform(name, work, settings, names[:number], together=True)
        last = load_projector(folder / name / PROJECTOR_FILE)
    if last is None:
        raise ConfigurationError("there is no split to learn from", remedy="give at least one file of pairs")
    publish(folder, names)
    return last


def save_split(place: Path, trained: TrainedProjector, results: dict[str, Any]) -> None:
    """Write what a split has taught, and what retrieval measured after it."""
    save_projector(trained, place / PROJECTOR_FILE)
    (place / RESULTS_FILE).write_text(json.dumps(results, indent=2))


def publish(folder: Path, splits: Sequence[str]) -> None:
    """Lay the last split's projector, and the results of all, into the folder of the whole."""
    if is_main():
        shutil.copy(folder / splits[-1] / PROJECTOR_FILE, folder / PROJECTOR_FILE)
        results = {name: json.loads((folder / name / RESULTS_FILE).read_text()) for name in splits}
        (folder / RESULTS_FILE).write_text(json.dumps(results, indent=2))
    accelerator().wait_for_everyone()


def train_split(
    folder: Path,
    cached: CachedEmbeddings,
    splits: Sequence[Pairs],
    config: ProjectConfig,
    start: TrainedProjector | None,
) -> TrainedProjector:
    """Train on the last of some splits, from a fresh projector or that of the split before; the rate starts anew."""
    number = len(splits) - 1
    order = seed_everything(config.seed + number)
    row_batches = batches_of_split(
        [len(one) for one in splits], number, batch=config.batch, epochs=config.epochs, replay=config.replay,
        generator=order,
    )  # fmt: skip
    batches = CachedBatches(cached.modality, cached.projected, cached.frozen, joined(splits), row_batches)
    return train_on(folder, batches, config, start)


def train_on(
    folder: Path, batches: PairBatches, config: ProjectConfig, start: TrainedProjector | None = None
) -> TrainedProjector:
    """Train on batches of pairs, from a fresh projector or another one; seeds are set by the caller."""
    projector = Projector(batches.input_size, batches.size, config.hidden)
    log_temperature = {modality: learnable_temperature() for modality in batches.frozen_modalities}
    if start is not None:
        projector.load_state_dict(start.projector.state_dict())
        for modality, value in start.log_temperature.items():
            log_temperature[modality] = nn.Parameter(value.to(device()))
    projector.to(device()).train()

    def loss_of_step(step: int) -> dict[str, Tensor]:
        batch = batches.own(step)
        projected_BD = gathered(projector(batch.projected_BI.to(device())))
        target_B = gathered(batch.target_B.to(device()))
        terms = {}
        for modality, frozen in batch.frozen.items():
            unit_BD = gathered(frozen.unit_BD.to(device()))
            there_B = gathered(frozen.there_B.to(device(), torch.uint8)).bool()
            sides = projected_BD[there_B], unit_BD[there_B]
            temperature = log_temperature[modality].exp().clamp(min=_COLDEST)
            if config.loss == "descriptions":
                input_BI = gathered(batch.projected_BI.to(device()))
                same = numbers_of_rows(input_BI[there_B]), numbers_of_rows(unit_BD[there_B])
                terms[modality.value] = description_contrast(*sides, *same, temperature)
            else:
                terms[modality.value] = soft_target_loss(*sides, target_B[there_B], temperature)
        return terms

    optimise(
        [{"params": [*projector.parameters(), *log_temperature.values()], "lr": config.learning_rate}],
        len(batches),
        loss_of_step,
        f"project {batches.modality}",
        folder=folder,
        log_temperature=next(iter(log_temperature.values())) if len(log_temperature) == 1 else None,
    )
    final = {modality: value.detach().cpu() for modality, value in log_temperature.items()}
    return TrainedProjector(projector.requires_grad_(False).eval().cpu(), batches.modality, final)


@torch.no_grad()
def projected(projector: Projector, table: EmbeddingTable) -> EmbeddingTable:
    """A table of the frozen encoder's embeddings in the common space."""
    vector_ND = projector(torch.from_numpy(table.vector_ND)).numpy()
    return dataclasses.replace(table, vector_ND=vector_ND)


def retrieval_of(projector: Projector, cached: CachedEmbeddings, held_out: Pairs) -> dict[str, Any]:
    """Recall in both directions between the projected and each frozen modality, as `training.evaluation.retrieval`.

    A hit is an item that a pair calls a match; items that no match holds are not looked for, but can be found.
    """
    own_ND = torch.from_numpy(projected(projector, cached.projected).vector_ND)
    results = {}
    for modality, item_P in held_out.frozen.items():
        match_P = (item_P != ABSENT) & (held_out.target_P == 1)
        if not match_P.any():
            continue
        query_Q, query_P = torch.unique(held_out.projected_P[match_P], return_inverse=True)
        gallery_G, gallery_P = torch.unique(item_P[match_P], return_inverse=True)
        same_QG = torch.zeros(len(query_Q), len(gallery_G), dtype=torch.bool)
        same_QG[query_P, gallery_P] = True
        cosine_QG = own_ND[query_Q] @ torch.from_numpy(cached.frozen[modality].unit())[gallery_G].T
        results[f"{cached.modality}→{modality}"] = recall(cosine_QG, same_QG)
        results[f"{modality}→{cached.modality}"] = recall(cosine_QG.T, same_QG.T)
    return results
