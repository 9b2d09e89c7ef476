"""What the memory does with what it hears, without waiting for DDS."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
pytest.importorskip("faiss", reason="needs requirements/memory.txt")

from fabricated import SECOND, header
from std_msgs.msg import String
from tiny_bundle import LABELS, write_tiny_bundle

from omnibind_ros.errors import StoreError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.nodes import recollection
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.recollection import Recollection
from omnibind_ros.results.embedding import message_from_embedding
from omnibind_ros.results.evidence import Evidence, message_from_evidence
from omnibind_ros.retrieval.memory import Memory
from omnibind_ros.retrieval.store import Store, StoreSettings
from omnibind_ros.retrieval.store_file import StoreFile
from omnibind_ros.retrieval.words import Words


class Place:
    """A recollection of the tiny bundle, what it answered and what it told."""

    def __init__(self, folder: Path) -> None:
        self.bundle: Bundle = write_tiny_bundle(folder / "tiny")
        self.file = StoreFile(folder / "memory.safetensors")
        self.store = Store(self.bundle.space, self.bundle.dimension, StoreSettings())
        self.words = Words(
            self.bundle.folder, self.bundle.space, lambda model, name: OnnxRuntimeBackend(model, name=name)
        )
        self.answers: list[Any] = []
        self.told: list[tuple[str, bool]] = []
        self.errors: list[str] = []
        self.recollection = Recollection(
            Memory(self.store, self.words),
            self.file,
            Journal(SimpleNamespace(error=self.errors.append)),
            publish=self.answers.append,
            now_ns=lambda: 9 * SECOND,
            tell=lambda text, warning: self.told.append((text, warning)),
            hits=5,
            save_period_s=1000.0,
        )

    def see(self, label: str, at_s: float, space: int | None = None) -> None:
        """All that is published for one recognition."""
        stamp_ns = round(at_s * SECOND)
        vector = self.bundle.centres_KkD[LABELS.index(label), 0]
        number = self.bundle.space if space is None else space
        member = Embedding("camera", Modality.IMAGE, vector, 1.0, stamp_ns, "camera", number)
        fused = Embedding("fused", None, vector, 1.0, stamp_ns, "camera", number)
        self.recollection.hear_fused(message_from_embedding(fused))
        self.recollection.hear_evidence(message_from_evidence(Evidence(stamp_ns, "camera", (member,), (1.0,))))
        named = SimpleNamespace(header=header(stamp_ns), results=[SimpleNamespace(class_id=label, score=0.9)])
        self.recollection.hear_recognition(named)
        self.recollection.step()

    def ask(self, text: str) -> None:
        self.recollection.ask(String(data=text))
        self.recollection.step()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.recollection.close()


def test_what_is_heard_is_remembered_and_found(place: Place) -> None:
    for at_s, label in ((1.0, "mug"), (2.0, "hammer"), (3.0, "hammer")):
        place.see(label, at_s)
    assert [(entry.label, entry.count) for entry in place.store.entries] == [("mug", 1), ("hammer", 2)]
    place.ask("mug")
    place.ask("@camera")
    place.ask("@now")
    assert [answer.status[1].name for answer in place.answers] == ["mug", "hammer", "hammer"]
    assert place.answers[0].header.stamp.sec == 9
    assert place.errors == []


def test_nothing_is_remembered_when_told_so_but_what_is_seen_can_be_asked_with(place: Place) -> None:
    place.see("mug", 1.0)
    place.recollection.remembers = False
    place.see("hammer", 2.0)
    assert [entry.label for entry in place.store.entries] == ["mug"]
    place.ask("@camera - hammer")
    assert "cancel each other" in place.answers[-1].status[0].message
    place.ask("@camera + mug")
    assert place.answers[-1].status[1].name == "mug"


def test_a_question_waits_for_the_sources_it_names_but_not_for_ever(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.see("mug", 1.0)
    steady_s = recollection.time.monotonic() + 100.0
    monkeypatch.setattr(recollection.time, "monotonic", lambda: steady_s)
    place.ask("@camera")  # what the camera saw is too old
    place.ask("@touch")
    assert place.recollection.waits
    assert place.answers == []
    place.see("mug", 101.0)
    assert [answer.status[0].name for answer in place.answers] == ["@camera"]
    steady_s += recollection.PATIENCE_S + 0.1
    place.recollection.step()
    assert place.answers[-1].status[0].message.startswith("@touch shows nothing now")
    assert not place.recollection.waits


def test_what_waits_is_bounded(place: Place) -> None:
    for number in range(200):
        place.recollection.ask(String(data=f"@touch + {number} * mug"))
        place.recollection.hear_recognition(SimpleNamespace(header=header(number), results=[]))
    place.recollection.step()
    place.ask("@touch")
    assert len(place.recollection._open) <= 16
    assert place.recollection._open[-1].text == "@touch"


def test_broken_and_foreign_messages_are_told_once(place: Place) -> None:
    for at_s in (1.0, 2.0):
        place.see("mug", at_s, space=1)
        broken = message_from_embedding(Embedding("x", None, place.bundle.centres_KkD[0, 0], 1.0, 0, "", 1))
        broken.width = 7
        place.recollection.hear_fused(broken)
        place.recollection.hear_evidence(broken)
        place.recollection.step()
    assert len(place.store) == 0
    assert len(place.errors) == 3
    assert any("run `memory` with the bundle of the node that recognises" in error for error in place.errors)
    place.ask("@camera")
    assert place.recollection.waits


def test_what_cannot_be_saved_is_told_once_and_when_it_can_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Store) -> None:
        raise StoreError("cannot be written: No space left on device", remedy="free space")

    place.see("mug", 1.0)
    with monkeypatch.context() as patch:
        patch.setattr(place.file, "write", full)
        place.recollection.save()
        place.recollection.save()
    assert [warning for _, warning in place.told] == [True]
    place.recollection.save()
    place.recollection.save()
    assert [warning for _, warning in place.told] == [True, False]
    assert len(place.file.read(place.bundle.space, place.bundle.dimension, StoreSettings())) == 1


def test_it_saves_now_and_then_only_what_is_new(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[int] = []
    monkeypatch.setattr(place.file, "write", lambda store: writes.append(len(store)))
    steady_s = recollection.time.monotonic()
    monkeypatch.setattr(recollection.time, "monotonic", lambda: steady_s)
    place.see("mug", 1.0)
    assert writes == []
    for _ in range(3):
        steady_s += 1001.0
        place.recollection.step()
    assert writes == [1]


def test_the_text_encoder_rests_after_a_minute_without_questions(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    steady_s = recollection.time.monotonic()
    monkeypatch.setattr(recollection.time, "monotonic", lambda: steady_s)
    place.ask("mug")
    assert place.words._is_loaded
    steady_s += 61.0
    place.recollection.step()
    assert not place.words._is_loaded


def test_a_question_that_is_no_text_is_refused(place: Place) -> None:
    place.ask("x" * 20_000)
    place.ask("mug +")
    assert [answer.status[0].level for answer in place.answers] == [b"\x02", b"\x02"]


def test_everything_is_forgotten(place: Place) -> None:
    place.see("mug", 1.0)
    place.recollection.save()
    assert place.recollection.forget() == 1
    assert len(place.file.read(place.bundle.space, place.bundle.dimension, StoreSettings())) == 0
    place.ask("mug")
    assert [one.name for one in place.answers[-1].status] == ["mug"]
