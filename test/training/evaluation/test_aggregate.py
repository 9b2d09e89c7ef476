import pytest

from training.evaluation.aggregate import aggregate, is_measured


def test_numbers_become_mean_and_spread():
    runs = [{"labels": 30, "single": {"image": value}} for value in (0.8, 0.9, 1.0)]
    merged = aggregate(runs)
    assert merged["labels"] == 30
    assert merged["single"]["image"]["mean"] == pytest.approx(0.9)
    assert merged["single"]["image"]["spread"] == pytest.approx(0.1)
    assert merged["single"]["image"]["values"] == [0.8, 0.9, 1.0]
    assert is_measured(merged["single"]["image"])


def test_one_run_has_no_spread():
    assert aggregate([{"accuracy": 0.5}])["accuracy"]["spread"] == 0.0


def test_what_not_every_run_has_is_left_out_and_texts_are_kept():
    merged = aggregate([{"a": 1.0, "b": 2.0, "worst": "image"}, {"a": 2.0, "worst": "touch"}])
    assert set(merged) == {"a", "worst"}
    assert merged["worst"] == ["image", "touch"]


def test_no_runs_are_refused():
    with pytest.raises(ValueError, match="no results"):
        aggregate([])
