"""The step `fuse`: fusion heads on embeddings of frozen students (OmniBind equations 8 and 9, and what came of them).

Shape legend: N samples, B batch, T tokens, D embedding size, K labels, k centres a label.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from training.config import DIMENSION, FuseConfig, TrainingConfig
from training.fusion import losses
from training.fusion.embedded import EmbeddedSet
from training.fusion.heads.head import FusionHead
from training.fusion.heads.registry import BUNDLED, make_head
from training.fusion.token_sets import TokenSets, draw_token_sets
from training.optimise import learnable_temperature, optimise, seed_everything

HEAD_FILE = "head.safetensors"


def fuse(folder: Path, config: TrainingConfig, embedded: EmbeddedSet, centre_KkD: Tensor, name: str = BUNDLED) -> None:
    """Train one fusion head on random sets of tokens and store it in `folder`.

    Every head meets the same sets, drawn by the same seed; those that learn from corruption also meet corrupted twins.
    """
    generator = seed_everything(config.seed)
    head = make_head(name, centre_KkD.shape[2])
    # on the CPU wherever the students were trained: a head is too small to win by a GPU
    log_temperature = nn.Parameter(learnable_temperature().detach().cpu())
    settings = config.fuse

    def loss_of_step(_: int) -> dict[str, Tensor]:
        sets = draw_token_sets(
            embedded,
            count=settings.batch,
            most_tokens=settings.most_tokens,
            corrupted_share=settings.corrupted_share if head.learns_from_corruption else 0.0,
            generator=generator,
            twins=head.learns_from_corruption,
        )
        text_KD = _one_centre_each(centre_KkD, generator)
        return loss_terms(
            head, sets, text_KD, log_temperature.exp().clamp(min=0.01), settings=settings, generator=generator
        )

    learned = list(head.parameters())
    if learned:
        groups = [{"params": [*learned, log_temperature], "lr": settings.learning_rate}]
        with single_thread():
            optimise(
                groups,
                settings.steps,
                loss_of_step,
                name,
                folder=folder,
                generators=(generator,),
                log_temperature=log_temperature,
            )
    save_file({key: value.contiguous() for key, value in head.state_dict().items()}, folder / HEAD_FILE)


def loss_terms(
    head: FusionHead,
    sets: TokenSets,
    text_KD: Tensor,
    temperature: Tensor,
    *,
    settings: FuseConfig,
    generator: torch.Generator,
) -> dict[str, Tensor]:
    """The head's own loss, and L_ce and L_AF (equation 9) times their weights; scalars. 0 leaves one out."""
    fused_BD, own = head.learn(sets, text_KD, temperature.detach())
    terms = {"own": own}
    if settings.weight_recognition:
        recognition = losses.label_cross_entropy(fused_BD, text_KD, sets.label_B, temperature)
        terms["recognition"] = settings.weight_recognition * recognition
    if settings.weight_negatives:
        negative_BK = losses.mistaken_labels(sets.embedding_BTD, sets.live_BT, text_KD, sets.label_B, generator)
        contrast = losses.adaptive_fusion_loss(fused_BD, text_KD, sets.label_B, negative_BK, temperature)
        terms["negatives"] = settings.weight_negatives * contrast
    return terms


def load_head(folder: Path, name: str = BUNDLED, dimension: int = DIMENSION) -> FusionHead:
    """A stored fusion head for embeddings of size D, frozen and in evaluation mode."""
    head = make_head(name, dimension)
    head.load_state_dict(load_file(folder / HEAD_FILE))
    return head.requires_grad_(False).eval()


@contextmanager
def single_thread() -> Iterator[None]:
    """One thread for PyTorch and NumPy: a head's matrices are so small that handing them to threads takes longer."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)


def _one_centre_each(centre_KkD: Tensor, generator: torch.Generator) -> Tensor:
    """One randomly chosen centre of every label, (K, D)."""
    labels, centres, _ = centre_KkD.shape
    chosen_K = torch.randint(centres, (labels,), generator=generator)
    return centre_KkD[torch.arange(labels), chosen_K]
