from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from every_modality import write_bundle_of_every_modality
from tiny_bundle import LABELS, write_tiny_bundle

from training.few_shot.examples import embed_examples, read_entries
from training.few_shot.heads import HEADS
from training.few_shot.teach import learn


@pytest.mark.parametrize("head", HEADS)
def test_left_out_examples_are_recognised_among_old_and_new_labels(record, tmp_path, head):
    bundle = write_tiny_bundle(tmp_path / "tiny")
    examples, _ = embed_examples(read_entries(record(6, thermal=True)), bundle, 1)
    lesson = learn(examples, bundle, head, coverage=None, threads=1)
    assert lesson.taught.names == (*LABELS, "cup", "key", "lamp")
    assert set(lesson.left_out) == {"image", "thermal", "2 sensors"}
    for measured in lesson.left_out.values():
        assert measured.zero_shot is None, "the bundle has no text encoder"
        assert measured.views == 18
        assert measured.accuracy >= 0.9
        assert measured.right >= measured.accuracy - 0.1
    assert len(lesson.calibration.temperatures) == len(lesson.calibration.thresholds) == 2
    assert all(0 <= threshold <= 0.5 for threshold in lesson.calibration.thresholds)
    assert lesson.calibration.coverage == 0.9, "the bundle's own"
    assert lesson.own_after >= 0.75


def test_with_a_text_encoder_the_labels_texts_are_the_comparison(record, tmp_path):
    bundle = write_bundle_of_every_modality(tmp_path / "every")
    examples, _ = embed_examples(read_entries(record(4)), bundle, 1)
    lesson = learn(examples, bundle, "linear", coverage=0.8, threads=1)
    assert lesson.left_out["image"].zero_shot is not None
    assert lesson.left_out["image"].accuracy >= lesson.left_out["image"].zero_shot
    assert lesson.calibration.coverage == 0.8


def test_what_is_of_the_split_test_is_only_measured(record, tmp_path):
    bundle = write_tiny_bundle(tmp_path / "tiny")
    examples, _ = embed_examples(read_entries(record(6)), bundle, 1)
    kept = [one if number % 3 else _tested(one) for number, one in enumerate(examples)]
    lesson = learn(kept, bundle, "cache", coverage=None, threads=1)
    assert lesson.left_out["image"].views == 12
    assert lesson.test["image"].views == 6
    assert lesson.taught.examples is not None
    assert len(lesson.taught.examples.label_M) == 12


def _tested(example):
    return replace(example, test=True)
