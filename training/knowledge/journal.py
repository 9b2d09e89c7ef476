"""Answers on disk, one JSON object a line: what was answered is not asked again, also after the process was killed."""

import fcntl
import json
import os
import threading
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from typing_extensions import Self

from omnibind_ros.errors import ConfigurationError
from training.knowledge.question import Answer, Author, Question, key_of

_REMEDY = "repair that line, or remove the file and ask everything again"


@dataclass(frozen=True)
class Tally:
    """Of the questions of this run: how many, how many of them were answered before, and their tokens.

    uncounted: answers whose tokens nobody counted.
    """

    questions: int = 0
    kept: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    uncounted: int = 0


class Journal:
    """Asks what has no answer yet, and writes each answer down before anybody uses it. For several threads.

    One process at a time: the file is locked. Raises ConfigurationError when it is open elsewhere or cannot be read.
    """

    def __init__(self, file: Path) -> None:
        self._path = file
        self._lock = threading.Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._before = self._read()
        except BlockingIOError as error:
            self._file.close()
            raise ConfigurationError(
                "another process writes to it", remedy="wait for it, or name another output", source=str(file)
            ) from error
        except ConfigurationError:
            self._file.close()
            raise
        self._answers: dict[str, Future[Answer]] = {}

    def ask(self, author: Author, question: Question) -> Answer:
        """The answer from the file, or the author's; the same question at the same time is asked once.

        Raises what the author raises; then there is no answer, and the question can be asked again.
        """
        key = key_of(author, question)
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                mine = self._answers[key] = Future()
                if key in self._before:
                    mine.set_result(self._before[key])
                    known = mine
        if known is not None:
            return known.result()
        try:
            answer = author.answer(question)
            self._write(key, question, answer)
        except BaseException as error:
            with self._lock:
                del self._answers[key]
            mine.set_exception(error)
            raise
        mine.set_result(answer)
        return answer

    def tally(self) -> Tally:
        """What was asked through this journal since it was opened, answered from the file or not."""
        with self._lock:
            answers = {key: future.result() for key, future in self._answers.items() if future.done()}
        counted = [a for a in answers.values() if a.tokens_in is not None and a.tokens_out is not None]
        return Tally(
            questions=len(answers),
            kept=len(answers.keys() & self._before.keys()),
            tokens_in=sum(answer.tokens_in or 0 for answer in counted),
            tokens_out=sum(answer.tokens_out or 0 for answer in counted),
            uncounted=len(answers) - len(counted),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _read(self) -> dict[str, Answer]:
        self._file.seek(0)
        content = self._file.read()
        # a process that was killed leaves half a line
        whole = content.rfind(b"\n") + 1
        self._file.truncate(whole)
        answers = {}
        for number, line in enumerate(content[:whole].splitlines(), 1):
            try:
                entry = json.loads(line)
                answers[str(entry["key"])] = Answer(**entry["answer"])
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigurationError(
                    f"line {number} is no answer: {error}", remedy=_REMEDY, source=str(self._path)
                ) from error
        return answers

    def _write(self, key: str, question: Question, answer: Answer) -> None:
        line = json.dumps({"key": key, "prompt": question.prompt, "answer": asdict(answer)}, ensure_ascii=False)
        with self._lock:
            self._file.write(line.encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
