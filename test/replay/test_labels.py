from pathlib import Path

import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.replay.labels import read_labels


def test_spans_are_read_with_and_without_a_heading(tmp_path: Path) -> None:
    path = tmp_path / "spans.csv"
    for heading in ("", "start,end,label\n"):
        path.write_text(f'{heading}1.5, 2, mug\n\n2,3.5,"hammer, small"\n5,6,mug\n')
        lane = read_labels(path)
        told = [lane.at(time_s) for time_s in (0.0, 1.5, 2.0, 3.4, 4.0, 5.5, 7.0)]
        assert told == ["", "mug", "hammer, small", "hammer, small", "", "mug", ""]


def test_spans_that_training_cuts_by_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "spans.csv").write_text("start,end,label,caption,group\n0,1,mug,a red mug,first\n1,2,cup\n")
    lane = read_labels(tmp_path / "spans.csv")
    assert [lane.at(time_s) for time_s in (0.5, 1.5)] == ["mug", "cup"]


@pytest.mark.parametrize(
    "content",
    [
        "0,1,mug\n1,2\n",
        "0,1,mug\n1,x,mug",
        "0,2,mug\n1,3,cup",
        "0,1,mug\n3,3,cup",
        "start,end,label\n0,1,hammer, small",
    ],
)
def test_lines_that_make_no_sense_are_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "spans.csv").write_text(content)
    with pytest.raises(ConfigurationError, match=r"spans\.csv.*start,end,label"):
        read_labels(tmp_path / "spans.csv")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"spans\.csv"):
        read_labels(tmp_path / "spans.csv")
