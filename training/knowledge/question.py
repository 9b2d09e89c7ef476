"""What a language model is asked, what it answers, and who can be asked."""

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Question:
    """prompt: the words. picture: a JPEG file, None for none. seed: tells questions of the same words apart."""

    prompt: str
    picture: bytes | None = None
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """text: as it was written. is_cut: it ended at the limit of tokens, not where its writer meant to end.

    tokens_in, tokens_out: of prompt with picture, and of the answer; None where nobody counted.
    """

    text: str
    is_cut: bool = False
    tokens_in: int | None = None
    tokens_out: int | None = None


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn. temperature: 0 for the most probable one. answer_tokens: the most of one answer."""

    temperature: float = 0.8
    answer_tokens: int = 1024


class Author(Protocol):
    """A language model that answers: a server (`chat_server.py`) or a model on this computer (`local_model.py`).

    name: the model's, as it goes into the table. settings: whatever else changes its answers.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 said by the class

    @property
    def settings(self) -> str: ...  # noqa: D102 said by the class

    def answer(self, question: Question) -> Answer:
        """Answer one question; called from several threads. Raises OmnibindError."""


def key_of(author: Author, question: Question) -> str:
    """The same for the same question to the same model with the same settings."""
    picture = hashlib.sha256(question.picture).hexdigest() if question.picture else None
    told = [author.name, author.settings, question.prompt, picture, question.seed]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
