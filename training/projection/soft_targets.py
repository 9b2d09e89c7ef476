"""EBind's contrastive loss, in which a pair may be a match, a partial one or none.

Shape legend: B pairs of a batch, D embedding size.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

_LOG_HALF = -math.log(2)


def soft_target_loss(left_BD: Tensor, right_BD: Tensor, target_B: Tensor, temperature: Tensor | float) -> Tensor:
    """Cross-entropy of what is known of each pair to what the model says of it, both directions summed; a scalar.

    In one direction, with q_i the softmax over j of left_i · right_j / temperature at j = i, it is the mean of
    -p_i log q_i - (1 - p_i) log(1 - q_i) over the pairs; with p = 1 everywhere it is InfoNCE. Rows have unit length;
    target_B: p in [0, 1]. Fewer than two pairs have nothing to be told apart from: zero.
    """
    if len(left_BD) < 2:
        return (left_BD.sum() + right_BD.sum()) * 0
    logit_BB = left_BD @ right_BD.T / temperature
    return _one_direction(logit_BB, target_B) + _one_direction(logit_BB.T, target_B)


def match_probabilities(logit_BB: Tensor) -> tuple[Tensor, Tensor]:
    """Logarithms of q (B,) and of 1 - q (B,), q the diagonal of a softmax over rows; exact however near q is to 0 or 1.

    Near 1, 1 - q is the softmax's share of the others, summed without the diagonal; near 0, log1p is the exact one.
    """
    log_q_B = functional.log_softmax(logit_BB, dim=1).diagonal()
    itself_BB = torch.eye(len(logit_BB), dtype=torch.bool, device=logit_BB.device)
    others_B = torch.logsumexp(logit_BB.masked_fill(itself_BB, -math.inf), dim=1)
    rest_B = others_B - torch.logsumexp(logit_BB, dim=1)
    small_B = torch.log1p(-log_q_B.clamp(max=_LOG_HALF).exp())
    return log_q_B, torch.where(log_q_B < _LOG_HALF, small_B, rest_B)


def _one_direction(logit_BB: Tensor, target_B: Tensor) -> Tensor:
    log_q_B, log_rest_B = match_probabilities(logit_BB)
    return -(target_B * log_q_B + (1 - target_B) * log_rest_B).mean()
