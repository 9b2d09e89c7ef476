"""Sentences through the bundle's own text encoder.

Shapes: N sentences, D dimensions.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from omnibind_ros.errors import BundleError
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.preprocessing.text import TextPreprocessor, TextSettings


class SentenceReader:
    """Sentences to tokens with the bundle's tokenizer. Raises BundleError for a bundle without a text encoder."""

    def __init__(self, bundle: Bundle) -> None:
        settings, tokenizer = bundle.settings.get(Modality.TEXT), bundle.description.tokenizer
        if tokenizer is None or not isinstance(settings, TextSettings):
            raise BundleError("the bundle has no text encoder", remedy="use a bundle that has one", source=bundle.name)
        self._preprocessor: TextPreprocessor = TextPreprocessor(
            settings, Tokenizer.from_str(bundle.content(tokenizer).decode())
        )

    def tokens(self, sentence: str) -> ModelInput:
        """The tokens of a sentence; the quality is the share of them that the tokenizer knows."""
        self._preprocessor.add(sentence, 0)
        tokens = self._preprocessor.take()
        assert tokens is not None, "a text is complete"  # noqa: S101
        return tokens

    def knows(self, sentence: str) -> bool:
        """Whether it knows any word of a sentence."""
        return self.tokens(sentence).quality > 0


class SentenceEncoder:
    """The loaded text encoder. Raises BundleError for a bundle without one, and BackendError."""

    def __init__(self, bundle: Bundle, make_backend: Callable[[bytes, str], Backend]) -> None:
        self.reader = SentenceReader(bundle)
        description = bundle.description.encoders[Modality.TEXT]
        self._encoder = Encoder(bundle, Modality.TEXT, make_backend(bundle.content(description), description.file))

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (N, D). Raises BackendError."""
        return self._encoder.encode([self.reader.tokens(sentence) for sentence in sentences])

    def close(self) -> None:
        """Release the network."""
        self._encoder.close()
