"""Questions to the memory: words and sensors, added and subtracted.

    question = [sign] term {sign term}
    term     = [number "*"] (words | '"' words '"' | "@" source)
    sign     = "+" | "-"

A minus counts at the beginning and after a space, so that `t-shirt` is a word; what holds signs is quoted. `@camera` is
what that source sees now, `@image` what a source of that modality sees, `@now` what all of them see together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from omnibind_ros.errors import QuestionError

MOST_CHARACTERS = 500
MOST_TERMS = 16
LARGEST_WEIGHT = 100.0
NOW = "now"
_MINUS = "-−"
_TERM = re.compile(r"(?:(?P<weight>\d+\.?\d*|\.\d+)\s*\*)?\s*(?P<thing>.*)", re.DOTALL)
_SOURCE = re.compile("[A-Za-z][A-Za-z0-9_]*")
_REMEDY = 'ask like `red cup`, `cup + metal - wood`, `@camera - 0.5 * wood` or `"cup - metal" + blue`'


@dataclass(frozen=True, slots=True)
class Term:
    """Words, or the name of a source or modality; the other one is empty. weight: negative where it is subtracted."""

    weight: float
    words: str = ""
    source: str = ""

    def __str__(self) -> str:
        thing = f"@{self.source}" if self.source else f'"{self.words}"'
        return thing if abs(self.weight) == 1 else f"{np.format_float_positional(abs(self.weight))} * {thing}"


@dataclass(frozen=True, slots=True)
class Question:
    """Terms whose vectors are added."""

    terms: tuple[Term, ...]

    @property
    def sources(self) -> frozenset[str]:
        """The sources and modalities it asks for."""
        return frozenset(term.source for term in self.terms if term.source)

    def __str__(self) -> str:
        signs = [("- " if term.weight < 0 else "+ ") for term in self.terms]
        text = " ".join(f"{sign}{term}" for sign, term in zip(signs, self.terms, strict=True))
        return text.removeprefix("+ ")


def parse_question(text: str) -> Question:
    """The question in a text of one line. Raises QuestionError for one that cannot be read."""
    if len(text) > MOST_CHARACTERS:
        raise QuestionError(f"the question has {len(text)} characters, at most {MOST_CHARACTERS}", remedy=_REMEDY)
    if not text.strip():
        raise QuestionError("the question is empty", remedy=_REMEDY)
    terms = tuple(_term(sign, part) for sign, part in _signed(text.strip()))
    if len(terms) > MOST_TERMS:
        raise QuestionError(f"the question has {len(terms)} terms, at most {MOST_TERMS}", remedy=_REMEDY)
    if all(term.weight < 0 for term in terms):
        raise QuestionError("the question only says what it does not mean", remedy=_REMEDY)
    return Question(terms)


def _signed(text: str) -> Iterator[tuple[int, str]]:
    """Sign and text of every term."""
    signs: list[tuple[int, int]] = []
    quoted = False
    for position, character in enumerate(text):
        quoted ^= character == '"'
        before = text[position - 1] if position else " "
        minus = character in _MINUS and (before.isspace() or before in f"+{_MINUS}")
        if not quoted and (minus or character == "+"):
            signs.append((position, -1 if minus else 1))
    if quoted:
        raise QuestionError("a quotation mark is not closed", remedy=_REMEDY)
    if not signs or signs[0][0] > 0:
        signs.insert(0, (-1, 1))
    ends = [*(position for position, _ in signs[1:]), len(text)]
    for (position, sign), end in zip(signs, ends, strict=True):
        yield sign, text[position + 1 : end]


def _term(sign: int, text: str) -> Term:
    found = _TERM.fullmatch(text.strip())
    assert found is not None, "everything matches"  # noqa: S101
    weight, thing = float(found["weight"] or 1), found["thing"].strip()
    if not thing:
        raise QuestionError("a sign has no term", remedy=_REMEDY)
    if not 0 < weight <= LARGEST_WEIGHT:
        raise QuestionError(f"{weight:g} is no weight above 0 and up to {LARGEST_WEIGHT:g}", remedy=_REMEDY)
    if thing.startswith("@"):
        if not _SOURCE.fullmatch(thing[1:]):
            raise QuestionError(f"{thing[:40]!r} is no name of a source", remedy=_REMEDY)
        return Term(sign * weight, source=thing[1:])
    if '"' in thing:
        if thing.count('"') != 2 or not (thing.startswith('"') and thing.endswith('"')):
            raise QuestionError("quotation marks must surround all words of a term", remedy=_REMEDY)
        thing = thing[1:-1].strip()
        if not thing:
            raise QuestionError("a term has no words", remedy=_REMEDY)
    return Term(sign * weight, words=thing)
