"""The knowledge base: sentences about labels (category descriptions) and about recordings (data descriptions)."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TypeVar

from rich.progress import track

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.knowledge.answers import sentences_of
from training.knowledge.items import Item
from training.knowledge.journal import Journal
from training.knowledge.prompts import ASPECTS, category_prompt, item_prompt
from training.knowledge.question import Author, Question
from training.knowledge.selection import Fits, distinct, selected
from training.projection.descriptions import Description, item_description_id

Thing = TypeVar("Thing")
Result = TypeVar("Result")

A_QUESTION = 20
_ATTEMPTS = 2


@dataclass(frozen=True)
class Interview:
    """Who is asked, where answers are kept, and what is wanted of them.

    words: the most of a sentence, as it is asked for. fits: whether the text encoder reads a sentence to its end.
    attributes: what is known of each label. parallel: questions at the same time.
    """

    author: Author
    journal: Journal
    words: int
    fits: Fits
    attributes: Mapping[str, Sequence[str]]
    parallel: int

    def sentences(self, question: Question) -> list[str]:
        """What the author says. Raises what the author raises."""
        answer = self.journal.ask(self.author, question)
        return sentences_of(answer.text, is_cut=answer.is_cut)


def describe_labels(interview: Interview, labels: Sequence[str], most: int) -> list[Description]:
    """Equally many different sentences about every label: `most`, or as many as the poorest label has.

    Each question asks for 20 under one aspect; twice as many questions are asked as are needed when all are usable.
    Equally many, because the best of many is nearer to anything than the best of few. Raises ConfigurationError when
    nothing usable is written about a label.
    """
    kept = _each(lambda label: _label_sentences(interview, label, most), labels, interview.parallel, "labels")
    poorest = min(range(len(labels)), key=lambda number: len(kept[number]))
    equal = len(kept[poorest])
    if not equal:
        raise ConfigurationError(
            f"nothing usable was written about `{labels[poorest]}`",
            remedy="take another model, or raise --answer-tokens if it thinks before it answers",
            source=interview.author.name,
        )
    if equal < most:
        print(f"{equal} sentences a label instead of {most}: there are no more of `{labels[poorest]}`")
    return [
        Description(f"label/{label}/{number}", label, sentence, interview.author.name)
        for label, sentences in zip(labels, kept, strict=True)
        for number, sentence in enumerate(sentences[:equal])
    ]


def describe_items(
    interview: Interview, items: Sequence[Item], modality: Modality, most: int, *, pictured: bool
) -> list[Description]:
    """At most so many sentences about each item, which the model sees (pictured) or is told about."""
    seen = [item for item in items if item.picture is not None or not pictured]
    kept = _each(
        lambda item: _item_sentences(interview, item, modality, most, pictured=pictured),
        seen,
        interview.parallel,
        "recordings",
    )
    without = len(items) - len(seen)
    silent = sum(not sentences for sentences in kept)
    for number, why in ((without, "have no picture"), (silent, "got no usable answer")):
        if number:
            print(f"{number} of {len(items)} recordings {why}")
    return [
        Description(item_description_id(str(item.row), number), item.label, sentence, interview.author.name)
        for item, sentences in zip(seen, kept, strict=True)
        for number, sentence in enumerate(sentences)
    ]


def _label_sentences(interview: Interview, label: str, most: int) -> list[str]:
    attributes = interview.attributes.get(label, ())
    said: list[str] = []
    for number in range(2 * -(-most // A_QUESTION)):
        aspect = ASPECTS[number % len(ASPECTS)]
        prompt = category_prompt(label, attributes, count=A_QUESTION, words=interview.words, aspect=aspect)
        said = distinct([*said, *interview.sentences(Question(prompt, seed=number))])
        if sum(map(interview.fits, said)) >= most:
            break
    return selected(said, most, interview.fits)


def _item_sentences(interview: Interview, item: Item, modality: Modality, most: int, *, pictured: bool) -> list[str]:
    prompt = item_prompt(
        item.label,
        modality,
        () if pictured else item.captions,
        interview.attributes.get(item.label, ()),
        count=most,
        words=interview.words,
        pictured=pictured,
    )
    picture = item.picture() if pictured and item.picture is not None else None
    for seed in range(_ATTEMPTS):
        sentences = selected(interview.sentences(Question(prompt, picture, seed)), most, interview.fits)
        if sentences:
            return sentences
    return []


def _each(work: Callable[[Thing], Result], things: Sequence[Thing], parallel: int, what: str) -> list[Result]:
    """Results in the order of the things; the first error ends the rest."""
    with ThreadPoolExecutor(parallel) as pool:
        futures = [pool.submit(work, thing) for thing in things]
        try:
            for future in track(as_completed(futures), description=f"{what:<16}", total=len(futures)):
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]
