"""The tool `describe`: a table of descriptions from a language model."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

import yaml

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.resources import bundle_folder
from training.arguments import labels_given, positive, positive_number
from training.knowledge.chat_server import KEY_VARIABLE, ChatServer
from training.knowledge.describe import Interview, describe_items, describe_labels
from training.knowledge.items import Item, items_of
from training.knowledge.journal import Journal, Tally
from training.knowledge.local_model import LocalModel
from training.knowledge.pace import Pace
from training.knowledge.question import Author, Sampling
from training.knowledge.selection import encoder_limit
from training.projection.descriptions import Description, write_descriptions
from training.step import Tool

_WORDS = 25
_FEWEST_WORDS = 4
_TOKENS_A_WORD = 1.4
_A_PRICE = 1e6
_SENSED = [modality for modality in Modality if modality is not Modality.TEXT]


def _arguments(parser: ArgumentParser) -> None:
    defaults = Sampling()
    parser.add_argument("output", type=Path, help="the table, a .parquet file; the answers are kept beside it")
    what = parser.add_argument_group("what is described, one or both")
    what.add_argument("--labels", nargs="+", default=[], metavar="LABEL", help="labels, or a text file, one a line")
    what.add_argument("--samples", type=Path, help="folder of a split, as `cache` or `simulate` wrote it")
    what.add_argument(
        "--modality", type=Modality, choices=_SENSED, default=Modality.IMAGE, help="of the samples (%(default)s)"
    )
    what.add_argument("--text-only", action="store_true", help="tell the model what the samples are, show no picture")
    what.add_argument("--attributes", type=Path, help="YAML file: label to a list of what is known of it")
    what.add_argument("--per-label", type=positive, default=100, help="sentences a label, at most (%(default)s)")
    what.add_argument("--per-item", type=positive, default=1, help="sentences a sample, at most (%(default)s)")
    what.add_argument("--bundle", help="a bundle: no sentence gets longer than its text encoder reads")
    who = parser.add_argument_group("who writes")
    author = who.add_mutually_exclusive_group(required=True)
    author.add_argument("--server", metavar="URL", help=f"of chat completions; its key, if any, in ${KEY_VARIABLE}")
    author.add_argument("--local", type=Path, metavar="FOLDER", help="a transformers model on this computer")
    who.add_argument("--model", help="name of the server's model")
    who.add_argument("--temperature", type=float, default=defaults.temperature, help="of its answers (%(default)s)")
    who.add_argument(
        "--answer-tokens", type=positive, default=defaults.answer_tokens, help="of an answer, at most (%(default)s)"
    )
    how = parser.add_argument_group("how a server is asked")
    how.add_argument("--requests-per-minute", type=positive_number, help="at most (as many as come)")
    how.add_argument("--parallel", type=positive, default=4, help="questions at the same time (%(default)s)")
    how.add_argument("--timeout", type=positive_number, default=120.0, metavar="SECONDS", help="(%(default)s)")
    how.add_argument("--attempts", type=positive, default=6, help="a question is sent, at most (%(default)s)")
    how.add_argument("--price-in", type=float, default=0.0, metavar="PRICE", help="of a million tokens of questions")
    how.add_argument("--price-out", type=float, default=0.0, metavar="PRICE", help="of a million tokens of answers")


def _describe(options: Namespace) -> None:
    labels = list(dict.fromkeys(labels_given(options.labels))) if options.labels else []
    items = _items(options.samples, options.modality)
    categories = {*labels, *(item.label for item in items)}
    if len(categories) < 2:
        raise ConfigurationError(
            f"the table would tell of {', '.join(categories) or 'nothing'}",
            remedy="give two --labels or more, or --samples of two",
        )
    if options.output.suffix != ".parquet":
        raise ConfigurationError("the table is a .parquet file", remedy="name one", source=str(options.output))
    fits, words = (lambda _: True), _WORDS
    if options.bundle:
        fits, tokens = encoder_limit(load_bundle(bundle_folder(options.bundle)))
        words = min(_WORDS, max(_FEWEST_WORDS, int(tokens / _TOKENS_A_WORD)))
    attributes = _attributes(options.attributes)
    author = _author(options)
    with Journal(options.output.with_suffix(".answers.jsonl")) as journal:
        interview = Interview(
            author, journal, words, fits, attributes, options.parallel if options.server is not None else 1
        )
        try:
            rows: list[Description] = []
            if labels:
                rows += describe_labels(interview, labels, options.per_label)
            if items:
                rows += describe_items(
                    interview, items, options.modality, options.per_item, pictured=not options.text_only
                )
        finally:
            print(told(journal.tally(), options.price_in, options.price_out))
    write_descriptions(rows, options.output)
    print(f"{options.output}: {len(rows)} descriptions")


def _items(folder: Path | None, modality: Modality) -> list[Item]:
    if folder is None:
        return []
    try:
        items = items_of(folder, modality)
    except FileNotFoundError as error:
        raise ConfigurationError(
            "no split is there",
            remedy="name the folder of a split, as `cache` or `simulate` wrote it",
            source=str(folder),
        ) from error
    if not items:
        raise ConfigurationError(
            f"there are no usable samples of {modality}", remedy="name another split or modality", source=str(folder)
        )
    return items


def _attributes(file: Path | None) -> dict[str, list[str]]:
    """What is known of labels. Raises ConfigurationError."""
    if file is None:
        return {}
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        return {str(label): _listed(known) for label, known in dict(content).items()}
    except (OSError, yaml.YAMLError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"it cannot be read: {error}", remedy="write YAML like `mug: [one handle, ceramic]`", source=str(file)
        ) from error


def _listed(known: object) -> list[str]:
    return [str(one) for one in known] if isinstance(known, list) else [str(known)]


def _author(options: Namespace) -> Author:
    sampling = Sampling(options.temperature, options.answer_tokens)
    if options.local is not None:
        return LocalModel(options.local, sampling=sampling)
    if not options.model:
        raise ConfigurationError("a server has several models", remedy="name one with --model", source="--server")
    return ChatServer(
        options.server,
        options.model,
        key=os.environ.get(KEY_VARIABLE, ""),
        sampling=sampling,
        pace=Pace(options.requests_per_minute),
        timeout_s=options.timeout,
        attempts=options.attempts,
    )


def told(tally: Tally, price_in: float, price_out: float) -> str:
    """What was asked and what it took, on a line."""
    parts = [f"{tally.questions} questions, {tally.kept} of them answered before"]
    parts.append(f"{tally.tokens_in} tokens in, {tally.tokens_out} out")
    if price_in or price_out:
        parts.append(f"cost {(tally.tokens_in * price_in + tally.tokens_out * price_out) / _A_PRICE:.4f}")
    if tally.uncounted:
        parts.append(f"tokens of {tally.uncounted} answers unknown")
    return "; ".join(parts)


STEPS = (
    Tool("describe", "have a language model describe labels and recordings, for `centres` and `project`", _describe,
         _arguments),
)  # fmt: skip
