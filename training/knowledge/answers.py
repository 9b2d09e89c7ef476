"""The sentences of an answer: models number them, quote them, wrap them in JSON, and talk before and after."""

import json
import re
from collections.abc import Iterator
from typing import Any

_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^\s*(```|~~~)\w*\s*$", re.MULTILINE)
_MARK = re.compile(r"\s*(?:(?:[-*+•–]|\(?\d{1,4}[.):])\s+)+")
_AROUND = "\"'`“”‘’„«»*_ "
_END = re.compile(r".*[.!?…。]", re.DOTALL)


def sentences_of(text: str, *, is_cut: bool = False) -> list[str]:
    """Every sentence of an answer in its order, each on one line, without numbers, bullets and quotes.

    A JSON list of strings is read as such. Where some lines are numbered or have bullets, the others are talk around
    them; elsewhere headings and lines that end in a colon are. is_cut: of the last sentence only what was finished is
    kept. Never raises; a text without sentences has none.
    """
    bare = _FENCE.sub("", _THOUGHTS.sub("", text)).strip()
    listed = _json_strings(bare)
    lines = listed if listed is not None else list(_lines(bare))
    if is_cut and lines and listed is None:
        finished = _END.match(lines[-1])
        lines[-1] = finished[0] if finished else ""
    cleaned = (" ".join(_printable(line).strip(_AROUND).split()).strip(_AROUND) for line in lines)
    return [line for line in cleaned if any(letter.isalpha() for letter in line)]


def _lines(text: str) -> Iterator[str]:
    """The lines that hold sentences, without their marks."""
    lines = [line for line in text.splitlines() if line.strip()]
    marked = [line for line in lines if _MARK.match(line)]
    for line in marked or lines:
        rest = _MARK.sub("", line, count=1)
        if not rest.rstrip().endswith(":") and not rest.lstrip().startswith("#"):
            yield rest


def _json_strings(text: str) -> list[str] | None:
    """The strings of a JSON list, also as the value of an object's only list; None for anything else."""
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        content = lists[0] if len(lists) == 1 else None
    if not isinstance(content, list):
        return None
    return [item for item in content if isinstance(item, str)]


def _printable(line: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in line)
