import pytest

from training.evaluation.aggregate import aggregate
from training.evaluation.report import combinations_to_markdown, percent, to_markdown


def test_heads_stand_side_by_side_in_percent(results):
    text = to_markdown(results)
    assert "| image | 91.2 |" in text
    assert "| af | 80.0 | 95.0 | 85.0 |" in text
    assert "| reliable | 80.0 | 95.0 | 85.0 |" in text
    assert "| noise | af | 99.0 | 97.0 | 2.0 | 7.1 | 3.0 | image+touch+event (image) |" in text
    assert "| af | some broken | 2.5 |" in text
    assert "| image→touch | 50.0 | 60.0 | 70.0 | 80.0 |" in text


def test_a_table_without_rows_is_left_out(results):
    text = to_markdown(results)
    assert "never trained" not in text
    assert "the very same thing" not in text


def test_every_combination_has_a_row(results):
    assert "| image+touch | 95.0 | 95.0 |" in combinations_to_markdown(results["heads"])


def test_several_runs_are_written_with_their_spread(results):
    other = {**results, "single": {"image": 0.892}}
    assert "| image | 90.2 ± 1.4 |" in to_markdown(aggregate([results, other]))


@pytest.mark.parametrize(("share", "text"), [(0.5, "50.0"), (None, "–")])
def test_a_share_in_percent(share, text):
    assert percent(share) == text
