import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.knowledge.answers import sentences_of

WORD = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=8)
SENTENCES = st.lists(
    st.lists(WORD, min_size=2, max_size=6).map(lambda words: " ".join(words) + "."), min_size=1, max_size=8
)
FORMS = {
    "lines": "\n".join,
    "spaced": "\n\n".join,
    "numbers": lambda lines: "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)),
    "brackets": lambda lines: "\n".join(f" ({number}) {line}" for number, line in enumerate(lines, 1)),
    "bullets": lambda lines: "\n".join(f"- {line}" for line in lines),
    "bold": lambda lines: "\n".join(f"* **{line}**" for line in lines),
    "quotes": lambda lines: "\n".join(f'{number}) "{line}"' for number, line in enumerate(lines, 1)),
    "talk": lambda lines: "Sure! Here they are.\n\n" + "\n".join(f"- {line}" for line in lines) + "\n\nAnything else?",
    "heading": lambda lines: "# Sentences\nHere they are:\n" + "\n".join(lines),
    "JSON": json.dumps,
    "object": lambda lines: json.dumps({"sentences": lines}),
    "fence": lambda lines: f"```json\n{json.dumps(lines)}\n```",
    "thought": lambda lines: "<think>\n1. What is wanted?\n</think>\n" + "\n".join(lines),
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=30, deadline=None)
@given(sentences=SENTENCES)
def test_sentences_come_back_however_they_are_listed(form, sentences):
    assert sentences_of(FORMS[form](sentences)) == sentences


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=300) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps), is_cut=st.booleans())
def test_whatever_is_answered_gives_clean_lines(text, is_cut):
    for line in sentences_of(text, is_cut=is_cut):
        assert line == " ".join(line.split())
        assert line.isprintable()
        assert any(letter.isalpha() for letter in line)


@settings(max_examples=50, deadline=None)
@given(sentences=SENTENCES)
def test_what_was_parsed_is_parsed_alike_again(sentences):
    once = sentences_of(FORMS["talk"](sentences))
    assert sentences_of("\n".join(once)) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. A mug is round.\n2. It has a han", ["A mug is round."]),
        ("A mug is round. It has a han", ["A mug is round."]),
        ("A mug without end", []),
        ("<think>still think", []),
    ],
)
def test_of_a_cut_answer_what_was_finished_is_kept(text, expected):
    assert sentences_of(text, is_cut=True) == expected


def test_no_answer_has_no_sentences():
    assert sentences_of("") == sentences_of("...\n---\n1.\n") == sentences_of("[1, 2]") == []
