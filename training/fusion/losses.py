"""Losses of adaptive fusion (OmniBind, equation 9).

Shape legend: B batch, D embedding size, K labels, N tokens. All embeddings are rows of unit length.
"""

import torch
from torch import Tensor
from torch.nn import functional


def label_cross_entropy(fused_BD: Tensor, text_KD: Tensor, label_B: Tensor, temperature: Tensor | float) -> Tensor:
    """Ordinary contrast of fused embeddings to the texts of all labels, the L_ce beside equation 9; a scalar.

    label_B: int64 index of the true label.
    """
    return functional.cross_entropy(fused_BD @ text_KD.T / temperature, label_B)


def adaptive_fusion_loss(
    fused_BD: Tensor, text_KD: Tensor, label_B: Tensor, negative_BK: Tensor, temperature: Tensor | float
) -> Tensor:
    """Contrast of the true label to the labels the single modalities took for it, equation 9; a scalar.

    negative_BK: bool, from `mistaken_labels`; the true label is never among them.
    """
    logit_BK = fused_BD @ text_KD.T / temperature
    positive_BK = functional.one_hot(label_B, text_KD.shape[0]).bool()
    contrasted_BK = logit_BK.masked_fill(~(negative_BK | positive_BK), -torch.inf)
    return functional.cross_entropy(contrasted_BK, label_B)


def mistaken_labels(
    token_BND: Tensor, live_BN: Tensor, text_KD: Tensor, label_B: Tensor, generator: torch.Generator
) -> Tensor:
    """Labels that live tokens predict wrongly on their own, as bool (B, K); one random other label where none is wrong.

    token_BND: embeddings; live_BN: bool; the prediction of a token is the label text of highest cosine.
    """
    labels = text_KD.shape[0]
    predicted_BN = (token_BND @ text_KD.T).argmax(dim=-1)
    predicted_BNK = functional.one_hot(predicted_BN, labels).bool() & live_BN[..., None]
    true_BK = functional.one_hot(label_B, labels).bool()
    wrong_BK = predicted_BNK.any(dim=1) & ~true_BK
    step_B = torch.randint(1, labels, label_B.shape, generator=generator)
    other_BK = functional.one_hot((label_B + step_B) % labels, labels).bool()
    none_wrong_B1 = ~wrong_BK.any(dim=1, keepdim=True)
    return wrong_BK | (other_BK & none_wrong_B1)
