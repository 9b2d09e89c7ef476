import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.text import MAX_CHARACTERS, text_from_message


def message(data: object) -> SimpleNamespace:
    return SimpleNamespace(data=data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("a red mug", "a red mug"),
        ("  a\tred\r\nmug \x00\x07", "a red mug"),
        ("a\x1b[31m mug", "a [31m mug"),
        ("mug\u200b\u202e\ufeff", "mug"),
        ("eine Tasse für 東京 ☕", "eine Tasse für 東京 ☕"),
        ("👩\u200d🔧", "👩\u200d🔧"),
        ("eine Tasse für".encode(), "eine Tasse für"),
        ("", ""),
        (" \n\x00", ""),
    ],
)
def test_text_becomes_one_visible_line(data: object, text: str) -> None:
    assert text_from_message(message(data)) == text


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
@settings(max_examples=100, deadline=None)
def test_any_content_gives_clean_text_or_a_refusal(data: str | bytes) -> None:
    try:
        text = text_from_message(message(data))
    except MessageError:
        return
    text.encode()
    assert not any(unicodedata.category(character) == "Cc" for character in text)
    assert text_from_message(message(text)) == text


@pytest.mark.parametrize("data", [b"\xff\xfe", "\udc80"])
def test_what_is_not_utf8_is_refused(data: object) -> None:
    with pytest.raises(MessageError, match="UTF-8"):
        text_from_message(message(data))


@pytest.mark.parametrize("data", [None, 3, ["a"]])
def test_another_message_type_is_refused(data: object) -> None:
    with pytest.raises(MessageError, match="String"):
        text_from_message(message(data))
    with pytest.raises(MessageError, match="String"):
        text_from_message(SimpleNamespace())


def test_a_document_is_refused() -> None:
    assert text_from_message(message("a" * MAX_CHARACTERS))
    with pytest.raises(MessageError, match="characters"):
        text_from_message(message("a" * (MAX_CHARACTERS + 1)))
