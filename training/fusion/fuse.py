"""The step `fuse`: the fusion head on embeddings of frozen students (OmniBind equations 8 and 9, with reliability).

Shape legend: N samples, B batch, T tokens, D embedding size, K labels, k centres a label.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from training.config import TrainingConfig
from training.fusion import losses
from training.fusion.embedded import EmbeddedSet
from training.fusion.reliable import ReliableFusion
from training.fusion.token_sets import TokenSets, draw_token_sets
from training.optimise import learnable_temperature, optimise, seed_everything

HEAD_FILE = "head.safetensors"


def fuse(folder: Path, config: TrainingConfig, embedded: EmbeddedSet, centre_KkD: Tensor) -> None:
    """Train the fusion head on random sets of tokens, some of them corrupted, and store it.

    L = L_ce + w L_AF + a cross-entropy that tells the head's reliabilities which tokens were corrupted.
    """
    generator = seed_everything(config.seed)
    head = ReliableFusion()
    log_temperature = learnable_temperature()
    settings = config.fuse

    def loss_of_step(_: int) -> Tensor:
        sets = draw_token_sets(
            embedded,
            count=settings.batch,
            most_tokens=settings.most_tokens,
            corrupted_share=settings.corrupted_share,
            generator=generator,
        )
        text_KD = _one_centre_each(centre_KkD, generator)
        temperature = log_temperature.exp().clamp(min=0.01)
        fused_BD, _ = head(sets.embedding_BTD, sets.modality_BT, sets.quality_BT, sets.live_BT)
        negative_BK = losses.mistaken_labels(sets.embedding_BTD, sets.live_BT, text_KD, sets.label_B, generator)
        recognise = losses.label_cross_entropy(fused_BD, text_KD, sets.label_B, temperature)
        negatives = losses.adaptive_fusion_loss(fused_BD, text_KD, sets.label_B, negative_BK, temperature)
        return recognise + settings.weight_negatives * negatives + _reliability_loss(head, sets)

    parameters = [*head.parameters(), log_temperature]
    optimise([{"params": parameters, "lr": settings.learning_rate}], settings.steps, loss_of_step, "fuse")
    save_file({name: value.contiguous() for name, value in head.state_dict().items()}, folder / HEAD_FILE)


def load_head(folder: Path) -> ReliableFusion:
    """The stored fusion head, frozen and in evaluation mode."""
    head = ReliableFusion()
    head.load_state_dict(load_file(folder / HEAD_FILE))
    return head.requires_grad_(False).eval()


def _reliability_loss(head: ReliableFusion, sets: TokenSets) -> Tensor:
    """Cross-entropy of the reliabilities of live tokens to whether they are sound; a scalar."""
    reliability_BT = head.reliability(sets.embedding_BTD, sets.modality_BT, sets.quality_BT, sets.live_BT)
    sound_BT = (~sets.corrupted_BT).to(reliability_BT.dtype)
    several_BT = sets.live_BT & (sets.live_BT.sum(dim=1, keepdim=True) > 1)
    return functional.binary_cross_entropy(reliability_BT[several_BT], sound_BT[several_BT])


def _one_centre_each(centre_KkD: Tensor, generator: torch.Generator) -> Tensor:
    """One randomly chosen centre of every label, (K, D)."""
    labels, centres, _ = centre_KkD.shape
    chosen_K = torch.randint(centres, (labels,), generator=generator)
    return centre_KkD[torch.arange(labels), chosen_K]
