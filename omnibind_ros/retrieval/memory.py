"""The memory itself: what was seen, and answers to questions about it."""

from dataclasses import dataclass

from omnibind_ros.retrieval.arithmetic import combined
from omnibind_ros.retrieval.nearest import Nearest
from omnibind_ros.retrieval.question import Question
from omnibind_ros.retrieval.store import Entry, Store
from omnibind_ros.retrieval.view import View
from omnibind_ros.retrieval.words import Words


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """Something that was seen, and how similar it is to what was asked for: a cosine."""

    entry: Entry
    similarity: float


class Memory:
    """A store that can be asked. Raises ConfigurationError when FAISS is not installed."""

    def __init__(self, store: Store, words: Words) -> None:
        self.store = store
        self.words = words
        self._nearest = Nearest()

    def ask(self, question: Question, view: View, most: int) -> list[Hit]:
        """What is most similar to the sum of the question's terms, best first; view: what the sources see now.

        Raises QuestionError for what means nothing, cancels out or is not live; BundleError and BackendError.
        """
        parts = [
            (term.weight, self.words.vector(term.words) if term.words else view.vector(term.source))
            for term in question.terms
        ]
        return [Hit(*found) for found in self._nearest.search(self.store, combined(parts), most)]

    def close(self) -> None:
        """Release the text encoder."""
        self.words.close()
