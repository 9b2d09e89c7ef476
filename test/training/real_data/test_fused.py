from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.data.entries import Entry
from training.real_data import fused, recognise
from training.real_data.fused import HEADS, Paired, fusion_accuracy, paired


def entry(modality, label, number, touch=0):
    name = f"{label} {number:02}"
    return Entry(id=f"{name} {touch}", modality=modality, path="", label=label, group=name)


def test_each_touch_meets_the_picture_of_its_object():
    touches = [entry(Modality.TOUCH, "mug", 1, touch) for touch in range(2)] + [entry(Modality.TOUCH, "mug", 9)]
    pictures = [entry(Modality.IMAGE, "bowl", 1), entry(Modality.IMAGE, "mug", 1)]
    found = paired(touches, np.eye(3, dtype=np.float32), pictures, np.eye(2, dtype=np.float32), ["bowl", "mug"])
    assert found.picture_NF.tolist() == [[0, 1], [0, 1]], "the object without a picture is left out"
    assert found.touch_NF.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert found.label_N.tolist() == [1, 1]
    assert found.object_N.tolist() == [1, 1]


def test_a_touch_that_says_nothing_is_measured_beside_a_clear_picture(monkeypatch):
    monkeypatch.setattr(recognise, "STEPS", 20)
    monkeypatch.setattr(fused, "_FUSE", replace(fused._FUSE, steps=20))
    generator = np.random.default_rng(0)
    label, thing = np.repeat(np.arange(3), 8), np.tile(np.repeat(np.arange(4), 2), 3)
    picture = (np.eye(3)[label] * 3 + 0.1 * generator.normal(size=(24, 3))).astype(np.float32)
    rows = Paired(picture, generator.normal(size=(24, 6)).astype(np.float32), label, thing)
    text = np.linalg.qr(generator.normal(size=(16, 3)))[0].T.astype(np.float32)
    found = fusion_accuracy(rows.where(thing < 3), rows.where(thing == 3), text, 0)
    assert found["image alone"] == 1.0
    assert set(found) == {
        "image alone",
        "touch alone",
        "nearest neighbour by both features",
        *(f"fused by {head}" for head in HEADS),
    }
    assert all(0 <= share <= 1 for share in found.values())
