"""LLM-augmented contrastive learning: samples are drawn to what a language model says of them (UniBind, equation 6).

Shape legend: B samples of a batch, each with one description, D embedding size.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional


def description_contrast(
    sample_BD: Tensor, description_BD: Tensor, item_B: Tensor, sentence_B: Tensor, temperature: Tensor | float
) -> Tensor:
    """InfoNCE from each sample to its own description, those of the others as negatives; a scalar.

    -log softmax over j of sample_i · description_j / temperature at j = i, its mean over the batch. Rows have unit
    length; the descriptions are frozen. item_B, sentence_B: int64 numbers of the sample and of the sentence. What else
    is said of the same sample, and the same sentence said of another one, is true of it: no negative.
    """
    logit_BB = sample_BD @ description_BD.detach().T / temperature
    true_BB = (item_B[:, None] == item_B) | (sentence_B[:, None] == sentence_B)
    itself_BB = torch.eye(len(item_B), dtype=torch.bool, device=true_BB.device)
    return -functional.log_softmax(logit_BB.masked_fill(true_BB & ~itself_BB, -math.inf), dim=1).diagonal().mean()


def numbers_of_rows(vector_BD: Tensor) -> Tensor:
    """A number (B,) int64 for each row, the same for equal rows: frozen embeddings of one thing are equal."""
    _, number_B = torch.unique(vector_BD, dim=0, return_inverse=True)
    return torch.as_tensor(number_B)
