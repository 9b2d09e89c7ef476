from training.evaluation.report import to_markdown

RESULTS = {
    "labels": 30,
    "samples": 60,
    "single": {"image": 0.912, "touch": None},
    "by_number": {"1": 0.8, "all": 0.85},
    "robustness": {},
    "calibration": {"1": {"accuracy": 0.8, "ece": 0.015, "coverage": 0.95, "accuracy_when_answering": 0.9}},
}


def test_tables_show_percent_and_say_where_there_are_too_few_samples():
    text = to_markdown(RESULTS)
    assert "| image | 91.2 |" in text
    assert "| touch | too few |" in text
    assert "| 1 | 80.0 | 1.5 | 95.0 | 90.0 |" in text


def test_a_table_without_rows_is_left_out():
    assert "corrupted" not in to_markdown(RESULTS)
