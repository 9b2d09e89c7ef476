import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError, OmnibindError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.knowledge.chat_server import ChatServer  # noqa: E402
from training.knowledge.describe import Interview, describe_items, describe_labels  # noqa: E402
from training.knowledge.items import Item  # noqa: E402
from training.knowledge.journal import Journal  # noqa: E402
from training.knowledge.question import Answer, Question  # noqa: E402

LABELS = ["mug", "saw", "bell"]


class Author:
    name = "tiny"
    settings = ""

    def __init__(self, text) -> None:
        self._text = text
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        return Answer(self._text(question))


def interview(author, journal, *, fits=lambda _: True, attributes=None, parallel=1) -> Interview:
    return Interview(author, journal, 20, fits, attributes or {}, parallel)


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "answers.jsonl") as opened:
        yield opened


def test_every_label_gets_as_many_different_sentences(serve, journal):
    server = serve()
    author = ChatServer(server.url, "tiny")
    rows = describe_labels(interview(author, journal, attributes={"saw": ["teeth"]}, parallel=3), LABELS, 50)
    assert Counter(row.category for row in rows) == dict.fromkeys(LABELS, 50)
    assert len({row.description for row in rows}) == 150
    assert len({row.id for row in rows}) == 150
    assert {row.source for row in rows} == {"tiny"}
    assert all(row.category in row.description and row.item is None for row in rows)
    assert len(server.requests) == 9, "20 a question"
    assert all(("teeth" in one["prompt"]) == ("Name the saw" in one["prompt"]) for one in server.requests)


def test_the_poorest_label_sets_the_number_and_is_named(journal, capsys):
    def text(question: Question) -> str:
        count = 3 if "saw" in question.prompt else 20
        return "\n".join(f"Sentence {question.seed if count > 3 else 0} {number} tells." for number in range(count))

    rows = describe_labels(interview(Author(text), journal), LABELS, 30)
    assert Counter(row.category for row in rows) == dict.fromkeys(LABELS, 3)
    assert "3 sentences a label instead of 30" in capsys.readouterr().out


def test_a_label_of_which_nothing_is_written_is_told(journal):
    author = Author(lambda question: "" if "saw" in question.prompt else "It is a thing.")
    with pytest.raises(ConfigurationError, match="nothing usable was written about `saw`"):
        describe_labels(interview(author, journal), LABELS, 5)


def test_sentences_that_fit_are_preferred_and_none_is_too_long(journal):
    def text(question: Question) -> str:
        return f"This very long sentence number {question.seed} does not end.\nShort number {question.seed}."

    rows = describe_labels(interview(Author(text), journal, fits=lambda s: len(s.split()) <= 5), LABELS[:2], 3)
    assert [row.description for row in rows[:3]] == [
        "Short number 0.",
        "Short number 1.",
        "This very long sentence number",
    ]


def item(row: int, picture: bytes | None, label: str = "mug") -> Item:
    return Item(row, label, (f"caption {row}",), None if picture is None else lambda: picture)


def test_items_are_described_through_their_picture(serve, journal, capsys):
    server = serve()
    items = [item(4, b"\xff\xd8a"), item(5, None), item(6, b"\xff\xd8b")]
    rows = describe_items(interview(ChatServer(server.url, "tiny"), journal), items, Modality.EVENT, 2, pictured=True)
    assert [(row.id, row.item) for row in rows] == [
        ("item/4/0", "4"), ("item/4/1", "4"), ("item/6/0", "6"), ("item/6/1", "6"),
    ]  # fmt: skip
    assert len({one["picture"] for one in server.requests}) == 2
    assert all("event camera" in one["prompt"] and "caption" not in one["prompt"] for one in server.requests)
    assert "1 of 3 recordings have no picture" in capsys.readouterr().out


def test_items_are_described_from_what_is_told_of_them(serve, journal):
    server = serve()
    author = ChatServer(server.url, "tiny")
    rows = describe_items(interview(author, journal), [item(4, b"a"), item(5, None)], Modality.AUDIO, 1, pictured=False)
    assert [row.item for row in rows] == ["4", "5"]
    assert [one["picture"] for one in server.requests] == [None, None]
    assert "caption 4" in server.requests[0]["prompt"]


def test_an_item_is_asked_about_twice_and_then_left_out(journal, capsys):
    author = Author(lambda question: "A red mug." if question.seed and question.picture == b"b" else "...")
    rows = describe_items(interview(author, journal), [item(0, b"a"), item(1, b"b")], Modality.IMAGE, 1, pictured=True)
    assert [row.item for row in rows] == ["1"]
    assert len(author.asked) == 4
    assert "1 of 2 recordings got no usable answer" in capsys.readouterr().out


def test_equal_items_share_an_answer(serve, journal):
    server = serve()
    same = [item(row, b"\xff\xd8same") for row in range(5)]
    rows = describe_items(
        interview(ChatServer(server.url, "t"), journal, parallel=5), same, Modality.IMAGE, 1, pictured=True
    )
    assert len({row.description for row in rows}) == len(server.requests) == 1
    assert len(rows) == 5


def test_the_first_error_ends_the_rest(serve, journal):
    server = serve(*[{"status": 400}] * 99)
    author = ChatServer(server.url, "tiny")
    with pytest.raises(OmnibindError, match="it answers 400"):
        describe_labels(interview(author, journal, parallel=2), [f"label {n}" for n in range(30)], 5)
    assert len(server.requests) < 30


CLIENT = """
import sys
from pathlib import Path
from training.knowledge.chat_server import ChatServer
from training.knowledge.describe import Interview, describe_labels
from training.knowledge.journal import Journal
with Journal(Path(sys.argv[2])) as journal:
    interview = Interview(ChatServer(sys.argv[1], "tiny"), journal, 20, lambda _: True, {}, 2)
    describe_labels(interview, ["mug", "saw", "bell"], 60)
"""


def test_what_was_killed_goes_on_and_asks_nothing_twice(serve, tmp_path):
    release = tmp_path / "release"
    server = serve(None, None, None, *[{"hold": str(release)}] * 2)
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENT, server.url, str(tmp_path / "answers.jsonl")],
        cwd=Path(__file__).parents[3], stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while len(server.requests) < 5:  # three are answered, two wait for their answer
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    release.touch()
    with Journal(tmp_path / "answers.jsonl") as journal:
        author = ChatServer(server.url, "tiny")
        rows = describe_labels(interview(author, journal, parallel=2), LABELS, 60)
        assert journal.tally().kept == 3
    assert Counter(row.category for row in rows) == dict.fromkeys(LABELS, 60)
    asked = Counter((one["prompt"], one["seed"]) for one in server.requests)
    assert len(asked) == 9
    assert sum(asked.values()) == 11, "those that were never answered were asked again"
    with Journal(tmp_path / "whole.jsonl") as journal:
        assert describe_labels(interview(ChatServer(serve().url, "tiny"), journal), LABELS, 60) == rows
