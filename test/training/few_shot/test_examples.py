import csv

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tiny_bundle import write_tiny_bundle

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.few_shot.examples import embed_examples, read_entries


@pytest.fixture
def bundle(tmp_path):
    return write_tiny_bundle(tmp_path / "tiny")


def test_what_was_recorded_together_is_one_example(record, bundle):
    examples, problems = embed_examples(read_entries(record(2, thermal=True)), bundle, 1)
    assert not problems
    assert {(one.label, len(one.embeddings)) for one in examples} == {("lamp", 2), ("key", 2), ("cup", 2)}
    assert {one.modality for one in examples[0].embeddings} == {Modality.IMAGE, Modality.THERMAL}
    for embedding in examples[0].embeddings:
        assert np.linalg.norm(embedding.vector) == pytest.approx(1.0, abs=1e-5)
        assert embedding.space == bundle.space


def test_what_the_robot_would_not_use_is_left_out_with_the_reason(record, bundle):
    folder = record(3)
    cv2.imwrite(str(folder / "image" / "lamp" / "dark.png"), np.zeros((48, 64, 3), np.uint8))
    (folder / "image" / "lamp" / "torn.png").write_bytes(b"no picture")
    (folder / "text" / "lamp").mkdir(parents=True)
    (folder / "text" / "lamp" / "said.txt").write_text("a lamp")
    (folder / "point" / "lamp").mkdir(parents=True)
    np.save(folder / "point" / "lamp" / "cloud.npy", np.zeros((4, 3)))
    examples, problems = embed_examples(read_entries(folder), bundle, 1)
    assert len(examples) == 9
    told = "\n".join(problems)
    for expected in ("a sentence is no example", "no encoder for it", "dark.png left out", "torn.png left out"):
        assert expected in told


def test_the_table_that_extract_writes_is_read_in_its_folder(record, bundle):
    folder = record(2)
    files = sorted(folder.rglob("*.png"))
    with (folder / "index.csv").open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["id", "modality", "path", "label", "caption", "split", "group", "reference"])
        writer.writerows(
            [f"drive/{n}", "image", f.relative_to(folder), f.parent.name, "", "", f"walk {n}", ""]
            for n, f in enumerate(files)
        )
    examples, _ = embed_examples(read_entries(folder), bundle, 1)
    assert {one.group for one in examples} == {f"walk {number}" for number in range(6)}


def test_too_few_examples_are_refused_with_what_to_do(record, bundle):
    with pytest.raises(ConfigurationError, match=r"fewer than 2 usable examples of 'cup', 'key', 'lamp'.*ten of each"):
        embed_examples(read_entries(record(1)), bundle, 1)


def test_what_is_no_recording_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"neither a folder nor a table.*few_shot"):
        read_entries(tmp_path / "nowhere")
