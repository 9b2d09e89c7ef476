import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.pairs import (  # noqa: E402
    ABSENT,
    PairLabel,
    joined,
    matches,
    pairs_of_shared_ids,
    read_pairs,
    write_pairs,
)

AUDIO = (Modality.AUDIO, {"a0": 0, "a1": 1, "a2": 2})
FROZEN = {Modality.TEXT: {"t0": 0, "t1": 1}, Modality.IMAGE: {"i0": 0}}


def written(tmp_path, text: str):
    file = tmp_path / "pairs.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_labels_become_the_probabilities_of_the_paper(tmp_path):
    file = written(tmp_path, "audio,text,label\na0,t0,match\na1,t0,partial\na2,t1,none\na2,t0,\n")
    pairs = read_pairs(file, AUDIO, FROZEN)
    assert pairs.target_P.tolist() == [1.0, 0.5, 0.0, 1.0]
    assert pairs.projected_P.tolist() == [0, 1, 2, 2]
    assert pairs.frozen[Modality.TEXT].tolist() == [0, 0, 1, 0]
    assert set(pairs.frozen) == {Modality.TEXT}


def test_a_pair_may_lack_some_frozen_modalities_but_not_all(tmp_path):
    file = written(tmp_path, "audio,image,text,category\na0,,t0,dog\na1,i0,,\n")
    pairs = read_pairs(file, AUDIO, FROZEN)
    assert pairs.frozen[Modality.IMAGE].tolist() == [ABSENT, 0]
    assert pairs.categories == ("dog", "")
    with pytest.raises(ConfigurationError, match="row 2, column .*is empty"):
        read_pairs(written(tmp_path, "audio,image,text\na0,,\n"), AUDIO, FROZEN)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "audio,text,label\na0,t0,match\na1,t1,maybe\n",
            "row 3, column `label`: `maybe` is none of match, partial, none",
        ),
        ("audio,text\na9,t0\n", "row 2, column `audio`: there is no embedding of `a9`"),
        ("audio,text\n,t0\n", "row 2, column `audio`: it is empty"),
        ("audio,text\na0,t9\n", "row 2, column `text`: there is no embedding of `t9`"),
        ("audio,text,mood\na0,t0,good\n", "column `mood`: it is none of"),
        ("text\nt0\n", "column `audio`: it is missing"),
        ("audio\na0\n", "one of text, image is needed"),
        ("audio,text\na0\n", "row 2 has not as many cells"),
        ("audio,text\n", "no rows"),
        ("audio,text\n" + "a9,t0\n" * 9, "and 4 more"),
    ],
)
def test_what_is_wrong_is_told_with_row_and_column(tmp_path, text, problem):
    with pytest.raises(ConfigurationError) as told:
        read_pairs(written(tmp_path, text), AUDIO, FROZEN)
    assert problem in str(told.value)
    assert "pairs.csv" in str(told.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="absent.csv"):
        read_pairs(tmp_path / "absent.csv", AUDIO, FROZEN)


def test_what_was_written_is_read_again(tmp_path):
    write_pairs(tmp_path / "new" / "p.csv", ("text", "audio", "similarity"), [("t1", "a2", "0.5")])
    assert read_pairs(tmp_path / "new" / "p.csv", AUDIO, FROZEN).projected_P.tolist() == [2]


def test_one_id_in_two_tables_is_a_match():
    pairs = pairs_of_shared_ids((Modality.AUDIO, {"x": 0, "y": 1}), {Modality.TEXT: {"y": 5}})
    assert (pairs.projected_P.tolist(), pairs.frozen[Modality.TEXT].tolist()) == ([1], [5])
    with pytest.raises(ConfigurationError, match="no id of the audio"):
        pairs_of_shared_ids(AUDIO, FROZEN)


def test_rows_given_as_they_are_all_match():
    pairs = matches([2, 0], {Modality.TEXT: [1, ABSENT]})
    assert pairs.target_P.tolist() == [1.0, 1.0]
    assert pairs.frozen[Modality.TEXT].tolist() == [1, ABSENT]


def test_joined_pairs_keep_their_order_and_lack_what_they_lacked(tmp_path):
    first = read_pairs(written(tmp_path, "audio,text\na0,t1\n"), AUDIO, FROZEN)
    second = read_pairs(written(tmp_path, "audio,image,label\na1,i0,none\n"), AUDIO, FROZEN)
    both = joined([first, second])
    assert both.frozen[Modality.TEXT].tolist() == [1, ABSENT]
    assert both.frozen[Modality.IMAGE].tolist() == [ABSENT, 0]
    assert both.target_P.tolist() == [1.0, PairLabel.NONE.target]
    assert len({first.digest, second.digest, both.digest}) == 3
