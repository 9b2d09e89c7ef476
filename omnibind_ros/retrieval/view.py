"""What the sources see at this moment, as questions name it."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import QuestionError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.retrieval.arithmetic import unit
from omnibind_ros.retrieval.question import NOW


class View:
    """The embeddings of the last recognition. fused_D: what they show together, None where it is not known."""

    def __init__(self, members: Sequence[Embedding] = (), fused_D: NDArray[np.float32] | None = None) -> None:
        self._by_source = {member.source: member.vector for member in members}
        by_modality: dict[str, list[NDArray[np.float32]]] = {}
        for member in members:
            by_modality.setdefault(str(member.modality), []).append(member.vector)
        # Several cameras may look at several things: then what they show on average.
        self._by_modality = {name: np.mean(vectors, axis=0) for name, vectors in by_modality.items()}
        self._fused_D = fused_D

    def shows(self, names: Iterable[str]) -> bool:
        """Whether each of these sources and modalities is there."""
        return all(self._find(name) is not None for name in names)

    def vector(self, name: str) -> NDArray[np.float32]:
        """The unit vector (D,) of a source, of a modality, or of everything. Raises QuestionError."""
        found = self._find(name)
        if found is None:
            live = ", ".join(f"@{one}" for one in self._by_source)
            raise QuestionError(
                f"@{name} shows nothing now",
                remedy=f"live are {live}" if live else "nothing is live: see `sources`",
            )
        return unit(found)

    def _find(self, name: str) -> NDArray[np.float32] | None:
        found = self._by_source.get(name, self._by_modality.get(name))
        return self._fused_D if found is None and name == NOW else found
