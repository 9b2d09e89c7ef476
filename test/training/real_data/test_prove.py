import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.data.entries import Entry
from training.real_data import prove as module
from training.real_data import recognise
from training.real_data.prove import prove, to_markdown
from training.real_data.real_sets import REAL_SETS

TOUCHES, PICTURES = REAL_SETS[1:3]


@pytest.fixture
def recordings(monkeypatch):
    """Two of the sets, fabricated: features are the label's direction in noise, two objects learnt, one tested."""
    generator = np.random.default_rng(0)
    labels = sorted(TOUCHES.name_of)

    def entries_of(real, _):
        return [
            Entry(f"{label} {number}", real.modality, "", label, split="test" if number == 2 else "train",
                  group=f"{label} {number:02}")
            for label in labels for number in range(3)
        ]  # fmt: skip

    def features_of(_, entries, __):
        directions = np.eye(len(labels))[[labels.index(entry.label) for entry in entries]]
        return (directions + 0.05 * generator.normal(size=directions.shape)).astype(np.float32)

    texts = np.linalg.qr(generator.normal(size=(16, 16)))[0][: len(labels)].astype(np.float32)
    monkeypatch.setattr(recognise, "STEPS", 30)
    monkeypatch.setattr(module, "REAL_SETS", (TOUCHES, PICTURES))
    monkeypatch.setattr(module, "entries_of", entries_of)
    monkeypatch.setattr(module, "features_of", features_of)
    monkeypatch.setattr(module, "label_vectors", lambda *_: texts)
    monkeypatch.setattr(module, "fusion_accuracy", lambda *_: {"image alone": 0.6, "fused by mean": 0.5})


@pytest.mark.usefixtures("recordings")
def test_each_set_is_compared_with_chance_and_with_neighbours():
    results = prove(None, [0, 1])
    found = results["sets"][TOUCHES.name]
    assert (found["learnt"], found["test"], found["chance"]) == (20, 10, 0.1)
    assert found["nearest"] == 1.0
    assert found["projector"]["mean"] > 0.5
    assert len(found["projector"]["values"]) == 2
    text = to_markdown(results)
    assert "| VT-60 touch | 10 | 20 / 10 | object | 10.0 | 100.0 |" in text
    assert "| fused by mean | 50.0 ± 0.0 |" in text
    assert "Behind the better sensor alone: fused by mean." in text
    assert "softtoy: teddy_bear" in text


def test_what_is_below_the_neighbours_is_named():
    found = {
        "split": "object", "labels": 2, "learnt": 4, "test": 2, "chance": 0.5, "nearest": 0.9, "nearest_of_more": 0.8,
        "projector": {"mean": 0.85, "spread": 0.0, "values": [0.85]},
    }  # fmt: skip
    text = to_markdown({"seeds": [0], "sets": {TOUCHES.name: found}, "left_out": {}, "fusion": {}})
    assert "| -5.0 |" in text
    assert f"Below the better of the two neighbours: {TOUCHES.name}." in text


def test_what_is_not_there_is_told_with_the_reason(tmp_path):
    results = prove(tmp_path, [0])
    assert results["sets"] == {}
    assert set(results["left_out"]) == {*(real.name for real in REAL_SETS), "VT-60 touch and pictures"}
    assert "Not measured: ESC-10 sounds. " in to_markdown(results)
