from argparse import ArgumentTypeError

import pytest

from training.arguments import labels_given, positive, positive_number


def test_whole_numbers_above_zero_are_taken():
    assert positive("12") == 12
    for wrong in ("0", "-1", "1.5", "x", ""):
        with pytest.raises(ArgumentTypeError, match="whole number above 0"):
            positive(wrong)


def test_numbers_above_zero_are_taken():
    assert positive_number("0.5") == 0.5
    for wrong in ("0", "-1", "inf", "nan", "x"):
        with pytest.raises(ArgumentTypeError, match="number above 0"):
            positive_number(wrong)


def test_labels_are_given_by_name_or_in_a_file(tmp_path):
    (tmp_path / "labels.txt").write_text("mug\n\n wine glass \n")
    assert labels_given([str(tmp_path / "labels.txt")]) == ["mug", "wine glass"]
    assert labels_given(["mug", "saw"]) == ["mug", "saw"]
    assert labels_given(["mug"]) == ["mug"]
