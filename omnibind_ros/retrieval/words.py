"""Vectors of words, from the bundle's label centres and its text encoder; loaded when words are first asked for.

Shape: D dimensions.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import BundleError, QuestionError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.encoders import MakeBackend
from omnibind_ros.recognition.label_centres import PROMPTS, sentences
from omnibind_ros.recognition.sentence_encoder import SentenceEncoder
from omnibind_ros.retrieval.arithmetic import unit


class Words:
    """The words of one bundle. space: what its embedding space has to be."""

    def __init__(self, folder: Path, space: int, make_backend: MakeBackend) -> None:
        self._folder = folder
        self._space = space
        self._make_backend = make_backend
        self._own: dict[str, NDArray[np.float32]] = {}
        self._encoder: SentenceEncoder | None = None
        self._is_loaded = False

    def vector(self, words: str) -> NDArray[np.float32]:
        """The unit vector (D,) of words: of one of the bundle's labels its centres, else sentences with the words.

        Raises QuestionError for words that mean nothing here, BundleError and BackendError.
        """
        if not self._is_loaded:
            self._load()
        if words in self._own:
            return self._own[words]
        if self._encoder is None:
            raise QuestionError(
                f"the bundle has no text encoder, and {words!r} is none of its labels",
                remedy=f"ask for one of {', '.join(list(self._own)[:5])}, …, or use another bundle",
            )
        if not self._encoder.reader.knows(words):
            raise QuestionError(
                f"the text encoder of the bundle knows no word of {words!r}", remedy="describe it in other words"
            )
        return unit(self._encoder.encode(sentences(words, len(PROMPTS))).mean(axis=0))

    def close(self) -> None:
        """Release the text encoder; the next question loads it again."""
        if self._encoder is not None:
            self._encoder.close()
        self._encoder = None
        self._own = {}
        self._is_loaded = False

    def _load(self) -> None:
        bundle = load_bundle(self._folder)
        if bundle.space != self._space:
            raise BundleError(
                f"the bundle is of the embedding space {bundle.space:08x} now, the memory's is {self._space:08x}",
                remedy="start the memory again",
                source=str(self._folder),
            )
        if Modality.TEXT in bundle.modalities:
            self._encoder = SentenceEncoder(bundle, self._make_backend)
        self._own = {
            name: unit(centres_kD.mean(axis=0))
            for name, centres_kD in zip(bundle.description.labels.names, bundle.centres_KkD, strict=True)
        }
        self._is_loaded = True
