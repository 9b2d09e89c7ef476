from dataclasses import dataclass, replace

import pytest

from training.knowledge.question import Question, key_of


@dataclass(frozen=True)
class Author:
    name: str = "tiny"
    settings: str = "cold"


QUESTION = Question("Describe it.", b"picture", 1)


@pytest.mark.parametrize(
    ("author", "question"),
    [
        (Author(name="large"), QUESTION),
        (Author(settings="hot"), QUESTION),
        (Author(), replace(QUESTION, prompt="Describe it!")),
        (Author(), replace(QUESTION, picture=b"another")),
        (Author(), replace(QUESTION, picture=None)),
        (Author(), replace(QUESTION, seed=2)),
    ],
)
def test_whatever_changes_the_answer_is_another_question(author, question):
    assert key_of(author, question) != key_of(Author(), QUESTION)
    assert key_of(author, question) == key_of(author, replace(question))
