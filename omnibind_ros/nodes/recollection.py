"""What the `memory` node does beside the executor: take in what is seen, answer, save.

The executor's thread hands messages over, the worker calls `step` and owns store, index and text encoder.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import OmnibindError, StoreError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.messages.text import text_from_message
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.worker import IDLE_S
from omnibind_ros.recognition.recogniser import Hypothesis
from omnibind_ros.results.embedding import embedding_from_message
from omnibind_ros.results.evidence import evidence_from_message
from omnibind_ros.results.hits import message_from_hits, message_from_refusal
from omnibind_ros.retrieval.joining import Joiner
from omnibind_ros.retrieval.memory import Memory
from omnibind_ros.retrieval.question import Question, parse_question
from omnibind_ros.retrieval.sighting import Sighting
from omnibind_ros.retrieval.store_file import StoreFile
from omnibind_ros.retrieval.view import View

# Of three topics at 10 Hz: two seconds.
_MOST_RESULTS = 64
_MOST_QUESTIONS = 16
# What sources saw longer ago is no longer what they see.
_FRESH_S = 2.0
# How long a question waits for the sources it names.
PATIENCE_S = 3.0
# After so long without a question the text encoder gives its memory back.
_REST_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class _Open:
    """A question that was asked, and until when it may wait."""

    question: Question
    text: str
    until_s: float


class Recollection:
    """A memory, its file, and the questions that are open.

    publish: an answer. now_ns: ROS time. tell: one line for the log, and whether it is a warning. hits: most in an
    answer.
    """

    def __init__(
        self,
        memory: Memory,
        file: StoreFile,
        journal: Journal,
        *,
        publish: Callable[[Any], None],
        now_ns: Callable[[], int],
        tell: Callable[[str, bool], None],
        hits: int,
        save_period_s: float,
    ) -> None:
        self.remembers = True
        self._memory = memory
        self._file = file
        self._journal = journal
        self._publish = publish
        self._now_ns = now_ns
        self._tell = tell
        self._hits = hits
        self._save_period_s = save_period_s
        self._results: deque[tuple[Callable[[Any], Sighting | None], Any]] = deque(maxlen=_MOST_RESULTS)
        self._questions: deque[Any] = deque(maxlen=_MOST_QUESTIONS)
        self._open: list[_Open] = []
        self._joiner = Joiner()
        self._members: tuple[Embedding, ...] = ()
        self._fused: NDArray[np.float32] | None = None
        self._seen_s = float("-inf")
        self._asked_s = float("-inf")
        self._saved_version = memory.store.version
        self._save_due_s = time.monotonic() + save_period_s
        self._is_saved = True

    @property
    def waits(self) -> bool:
        """Whether a question waits for what the sources see."""
        return bool(self._open)

    def hear_fused(self, message: Any) -> None:
        """A fused embedding came in; the executor's thread."""
        self._results.append((self._take_fused, message))

    def hear_recognition(self, message: Any) -> None:
        """A recognition came in; the executor's thread."""
        self._results.append((self._take_recognition, message))

    def hear_evidence(self, message: Any) -> None:
        """The evidence of a recognition came in; the executor's thread."""
        self._results.append((self._take_evidence, message))

    def ask(self, message: Any) -> None:
        """A question came in; the executor's thread."""
        self._questions.append(message)

    def step(self) -> float:
        """Do what there is to do; returns in how many seconds the next round is due."""
        while self._results:
            take, message = self._results.popleft()
            try:
                sighting = take(message)
                if sighting is not None and self.remembers:
                    self._memory.store.add(sighting)
            except OmnibindError as error:
                self._journal.tell_once(error)
        now_s = time.monotonic()
        while self._questions:
            self._read(self._questions.popleft(), now_s)
        view = self._view(now_s)
        self._open = [one for one in self._open if not self._answered(one, view, now_s)]
        if now_s >= self._save_due_s:
            self._save_due_s = now_s + self._save_period_s
            self.save()
        if now_s - self._asked_s > _REST_AFTER_S:
            self._memory.close()
        return IDLE_S

    def save(self) -> None:
        """Write what has changed."""
        version = self._memory.store.version
        if version == self._saved_version:
            return
        try:
            self._file.write(self._memory.store)
        except StoreError as error:
            if self._is_saved:
                self._tell(f"what is seen from now on may be lost: {error}", True)
            self._is_saved = False
            return
        if not self._is_saved:
            self._tell(f"what was seen is saved again in {self._file.path}", False)
        self._saved_version, self._is_saved = version, True

    def forget(self) -> int:
        """Forget everything, on disk too; returns how much it was. The worker's thread. Raises StoreError."""
        forgotten = len(self._memory.store)
        self._memory.store.clear()
        self._file.discard_damaged()
        self._file.write(self._memory.store)
        self._saved_version, self._is_saved = self._memory.store.version, True
        return forgotten

    def close(self) -> None:
        """Save, and release everything."""
        self.save()
        self._memory.close()
        self._file.close()

    def _take_fused(self, message: Any) -> Sighting | None:
        embedding = embedding_from_message(message, source="fused_embedding")
        self._fused = embedding.vector if embedding.space == self._memory.store.space else None
        return self._joiner.fused(embedding)

    def _take_recognition(self, message: Any) -> Sighting | None:
        if not message.results:
            return None
        best = message.results[0]
        return self._joiner.named(Hypothesis(str(best.class_id), float(best.score)), stamp_ns_of(message) or 0)

    def _take_evidence(self, message: Any) -> Sighting | None:
        evidence = evidence_from_message(message)
        space = self._memory.store.space
        self._members = tuple(member for member in evidence.members if member.space == space)
        self._seen_s = time.monotonic()
        return self._joiner.made_of(evidence.members, evidence.stamp_ns)

    def _view(self, now_s: float) -> View:
        return View(self._members, self._fused) if now_s - self._seen_s <= _FRESH_S else View()

    def _read(self, message: Any, now_s: float) -> None:
        self._asked_s = now_s
        text = ""
        try:
            text = text_from_message(message)
            question = parse_question(text)
        except OmnibindError as error:
            self._publish(message_from_refusal(text, error, stamp_ns=self._now_ns()))
            return
        self._open = [*self._open, _Open(question, text, now_s + PATIENCE_S)][-_MOST_QUESTIONS:]

    def _answered(self, one: _Open, view: View, now_s: float) -> bool:
        if now_s < one.until_s and not view.shows(one.question.sources):
            return False
        try:
            hits = self._memory.ask(one.question, view, self._hits)
        except OmnibindError as error:
            self._publish(message_from_refusal(one.text, error, stamp_ns=self._now_ns()))
            return True
        remembered = len(self._memory.store)
        self._publish(message_from_hits(one.text, hits, remembered=remembered, stamp_ns=self._now_ns()))
        return True
