import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.reproduce.report import targets_to_markdown


def test_a_missed_target_says_by_how_much():
    found = [
        {"statement": "one", "needed": 4.0, "measured": 5.25, "at_least": True, "margin": 1.25, "met": True},
        {"statement": "other", "needed": 10.0, "measured": 12.0, "at_least": False, "margin": -2.0, "met": False},
    ]
    text = targets_to_markdown(found)
    assert "| one | ≥ 4.0 | 5.2 | yes |" in text
    assert "| other | ≤ 10.0 | 12.0 | **no**, by 2.0 |" in text
