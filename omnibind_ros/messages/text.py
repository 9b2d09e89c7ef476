"""`std_msgs/String` to text that a tokenizer can take."""

import unicodedata
from typing import Any

from omnibind_ros.errors import MessageError

MAX_CHARACTERS = 10_000


def text_from_message(message: Any) -> str:
    """The text of a `std_msgs/String` in one line: control characters and line breaks are spaces, runs of spaces one.

    Invisible format characters (zero-width, text direction, byte order mark) are dropped, except the joiners that
    scripts and emoji need. A message without visible text gives an empty string, which is no error: nothing was said.

    Raises MessageError: not a String, not valid UTF-8, more than MAX_CHARACTERS characters.
    """
    data = getattr(message, "data", None)
    if isinstance(data, bytes):
        data = data.decode(errors="surrogateescape")
    if not isinstance(data, str):
        raise MessageError(f"text of the type {type(data).__name__}", remedy="publish std_msgs/String")
    if len(data) > MAX_CHARACTERS:
        raise MessageError(
            f"{len(data)} characters, at most {MAX_CHARACTERS} are accepted", remedy="send a phrase, not a document"
        )
    if any("\ud800" <= character <= "\udfff" for character in data):
        raise MessageError("the text is not valid UTF-8", remedy="publish UTF-8")
    return " ".join("".join(map(_visible, data)).split())


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    if category == "Cf" and character not in "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}":
        return ""
    return character
