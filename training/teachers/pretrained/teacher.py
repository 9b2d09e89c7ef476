"""A pretrained model in the robot's words: encoders with inputs as the robot prepares them, and unit vectors out.

Shape legend: B batch, L tokens, D embedding size.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.audio import AudioSettings
from omnibind_ros.preprocessing.image import ImageSettings
from omnibind_ros.preprocessing.text import TextSettings, prepare_text

# what a tokenizer has to cut the same way here and in its own library: case, accents, punctuation, length, nothing
PROBES = (
    "a photo of a mug",
    "A Photo of a ZÈBRE, isn't it?",
    "the sound of rain on a tin roof: 3 seconds",
    "a very long sentence " * 40,
    "",
)
PretrainedSettings: TypeAlias = ImageSettings | AudioSettings | TextSettings


class UnitEncoder(nn.Module, ABC):
    """Model inputs (B, ...) to unit vectors (B, D), whatever length a model's own embeddings have."""

    @abstractmethod
    def embed(self, input_B: Tensor) -> Tensor:
        """The model's own embeddings (B, D)."""

    def forward(self, input_B: Tensor) -> Tensor:  # noqa: D102 said by the class
        return functional.normalize(self.embed(input_B), dim=-1)


@dataclass(frozen=True)
class PretrainedTeacher:
    """Frozen encoders of one space, text among them.

    settings: of the robot's preprocessing, by modality; tokenizer: the text of a `tokenizer.json`. scale: by which the
    model multiplies cosines to get logits; None when it does not say.
    """

    encoders: Mapping[Modality, UnitEncoder]
    settings: Mapping[Modality, PretrainedSettings]
    tokenizer: str
    dimension: int
    scale: float | None

    def token_numbers(self, sentences: Sequence[str]) -> NDArray[np.int64]:
        """(B, L) as the robot makes them."""
        settings, tokenizer = self.settings[Modality.TEXT], Tokenizer.from_str(self.tokenizer)
        assert isinstance(settings, TextSettings)  # noqa: S101 of text there are no others
        return np.stack([prepare_text(sentence, tokenizer, settings) for sentence in sentences])

    @torch.no_grad()
    def embed_texts(self, sentences: Sequence[str]) -> Tensor:
        """Unit vectors (B, D) of sentences."""
        vectors_BD: Tensor = self.encoders[Modality.TEXT](torch.from_numpy(self.token_numbers(sentences)))
        return vectors_BD


def require_same_tokens(own: NDArray[np.int64], reference: NDArray[np.int64]) -> None:
    """Raise ConfigurationError when the robot's tokens of `PROBES` are not those of the model's own library."""
    if own.shape != reference.shape or not np.array_equal(own, reference):
        wrong = 0 if own.shape != reference.shape else int((own != reference).any(axis=1).argmax())
        raise ConfigurationError(
            f"the robot's tokenizer does not do what the model's own does, for one with {PROBES[wrong][:40]!r}",
            remedy="take a model whose tokenizer.json says all that its tokenizer does",
        )
