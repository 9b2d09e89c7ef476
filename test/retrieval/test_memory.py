from pathlib import Path

import pytest
from tiny_bundle import LABELS, write_tiny_bundle

from omnibind_ros.errors import QuestionError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.retrieval.arithmetic import unit
from omnibind_ros.retrieval.memory import Memory
from omnibind_ros.retrieval.question import parse_question
from omnibind_ros.retrieval.sighting import Sighting
from omnibind_ros.retrieval.store import Store, StoreSettings
from omnibind_ros.retrieval.view import View
from omnibind_ros.retrieval.words import Words

pytest.importorskip("faiss", reason="needs requirements/memory.txt")


def test_it_finds_what_is_nearest_to_a_sum_of_words_and_of_what_is_seen(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "tiny")
    centres = dict(zip(LABELS, bundle.centres_KkD[:, 0], strict=True))
    mixed = unit(centres["mug"] + centres["hammer"])
    store = Store(bundle.space, bundle.dimension, StoreSettings())
    for number, (label, vector) in enumerate({**centres, "mug with a hammer": mixed}.items()):
        store.add(Sighting(vector, bundle.space, number, "camera", label, 1.0, frozenset({Modality.IMAGE})))
    words = Words(bundle.folder, bundle.space, lambda model, name: OnnxRuntimeBackend(model, name=name))
    memory = Memory(store, words)
    view = View([Embedding("camera", Modality.IMAGE, centres["hammer"], 1.0, 0, "camera", bundle.space)])

    def labels(text: str, most: int = 1) -> list[str]:
        return [hit.entry.label for hit in memory.ask(parse_question(text), view, most)]

    assert labels("mug") == ["mug"]
    assert labels("mug + hammer") == ["mug with a hammer"]
    assert labels("mug + @camera") == ["mug with a hammer"]
    assert labels("@image") == ["hammer"]
    assert labels("mug + hammer - @camera") == ["mug"]
    everything = memory.ask(parse_question("bottle"), view, 100)
    assert len(everything) == 5
    assert [hit.similarity for hit in everything] == sorted((hit.similarity for hit in everything), reverse=True)
    assert everything[0].similarity == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(QuestionError, match="@touch shows nothing now"):
        labels("@touch")
    memory.close()
