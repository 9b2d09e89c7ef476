"""Which sentences are kept: each once, none longer than the text encoder reads."""

import re
from collections.abc import Callable, Iterable

from tokenizers import Tokenizer

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.text import TextSettings

Fits = Callable[[str], bool]
"""Whether the text encoder reads a text to its end."""

_CLAUSE = re.compile(r"(.*\w)\s*[,;:.–—](?=\s|$)", re.DOTALL)
_LOOSE_ENDS = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "its", "of", "on", "or", "the", "to", "with")
)


def encoder_limit(bundle: Bundle) -> tuple[Fits, int]:
    """Whether a text fits into the tokens of a bundle's text encoder, and how many these are with the special ones.

    Raises ConfigurationError for a bundle without text.
    """
    settings, reference = bundle.settings.get(Modality.TEXT), bundle.description.tokenizer
    if not isinstance(settings, TextSettings) or reference is None:
        raise ConfigurationError("it has no text encoder", remedy="name a bundle with one", source=bundle.name)
    tokenizer = Tokenizer.from_str(bundle.content(reference).decode())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text).ids) <= settings.length, settings.length


def selected(sentences: Iterable[str], most: int, fits: Fits) -> list[str]:
    """At most so many different sentences that fit, in their order; those that had to be shortened come last."""
    whole_first = sorted(sentences, key=lambda sentence: not fits(sentence))
    return distinct(fitted(sentence, fits) for sentence in whole_first)[:most]


def distinct(sentences: Iterable[str]) -> list[str]:
    """The first of all sentences that have the same words, whatever their case and punctuation; none without words."""
    first: dict[str, str] = {}
    for sentence in sentences:
        words = " ".join(re.findall(r"\w+", sentence.casefold()))
        if words:
            first.setdefault(words, sentence)
    return list(first.values())


def fitted(sentence: str, fits: Fits) -> str:
    """The longest beginning that fits, to the end of a clause if that keeps half of it; "" when no word fits."""
    words = sentence.split()
    fitting = next((count for count in range(len(words), 0, -1) if fits(" ".join(words[:count]))), 0)
    if fitting == len(words):
        return sentence
    kept = words[:fitting]
    clause = _CLAUSE.match(" ".join(kept))
    if clause and 2 * len(clause[1].split()) >= fitting:
        return clause[1]
    while len(kept) > 1 and kept[-1].casefold().strip(",;:") in _LOOSE_ENDS:
        kept.pop()
    return " ".join(kept).rstrip(",;:–— ")
