import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from omnibind_ros.errors import ConfigurationError
from training.knowledge.journal import Journal, Tally
from training.knowledge.question import Answer, Question


class Author:
    name = "tiny"
    settings = ""

    def __init__(self, tokens: int | None = 5) -> None:
        self.asked: list[Question] = []
        self.tokens = tokens

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        return Answer(f"of {question.prompt}", tokens_in=self.tokens, tokens_out=self.tokens)


def test_what_was_answered_is_not_asked_again(tmp_path):
    first, second = Author(), Author()
    with Journal(tmp_path / "answers.jsonl") as journal:
        journal.ask(first, Question("a"))
        assert journal.ask(first, Question("a")).text == "of a"
        assert journal.tally() == Tally(1, 0, 5, 5)
    with Journal(tmp_path / "answers.jsonl") as journal:
        assert journal.ask(second, Question("a")).text == "of a"
        journal.ask(second, Question("b"))
        assert journal.tally() == Tally(2, 1, 10, 10)
    assert (len(first.asked), len(second.asked)) == (1, 1)


def test_uncounted_answers_are_told(tmp_path):
    with Journal(tmp_path / "answers.jsonl") as journal:
        journal.ask(Author(None), Question("a"))
        assert journal.tally() == Tally(1, 0, 0, 0, 1)


def test_half_a_line_at_the_end_is_asked_again_and_the_rest_is_kept(tmp_path):
    file = tmp_path / "answers.jsonl"
    with Journal(file) as journal:
        for prompt in "abc":
            journal.ask(Author(), Question(prompt))
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    author = Author()
    with Journal(file) as journal:
        for prompt in "abc":
            assert journal.ask(author, Question(prompt)).text == f"of {prompt}"
    assert [question.prompt for question in author.asked] == ["c"]
    assert file.read_bytes() == whole


def test_a_damaged_line_is_named(tmp_path):
    file = tmp_path / "answers.jsonl"
    file.write_text(json.dumps({"key": "k", "answer": {"text": "t"}}) + '\n{"key": 1}\n{}\n')
    with pytest.raises(ConfigurationError, match="line 2"):
        Journal(file)


def test_two_processes_cannot_write_to_one_file(tmp_path):
    with Journal(tmp_path / "answers.jsonl"), pytest.raises(ConfigurationError, match="another process"):
        Journal(tmp_path / "answers.jsonl")


def test_a_failed_question_can_be_asked_again(tmp_path):
    class Failing(Author):
        def answer(self, question: Question) -> Answer:
            if not self.asked:
                self.asked.append(question)
                raise OSError("no")
            return super().answer(question)

    author = Failing()
    with Journal(tmp_path / "answers.jsonl") as journal:
        with pytest.raises(OSError, match="no"):
            journal.ask(author, Question("a"))
        assert journal.tally() == Tally()
        assert journal.ask(author, Question("a")).text == "of a"


def test_threads_that_ask_the_same_share_one_answer(tmp_path):
    together, author = threading.Barrier(4), Author()

    def ask(journal: Journal) -> str:
        together.wait()
        return journal.ask(author, Question("a")).text

    with Journal(tmp_path / "answers.jsonl") as journal, ThreadPoolExecutor(4) as pool:
        assert [one.result() for one in [pool.submit(ask, journal) for _ in range(4)]] == ["of a"] * 4
    assert len(author.asked) == 1
