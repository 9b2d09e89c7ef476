import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from training.data.spans import read_spans
from training.data.splits import SPLITS

START_NS = 1_700_000_000_000_000_000


def spans(tmp_path, text, name="spans.csv"):
    (tmp_path / name).write_text(text)
    return read_spans(tmp_path / name, START_NS, SPLITS)


def test_a_table_and_a_list_say_the_same_and_are_put_in_order(tmp_path):
    table = spans(tmp_path, "start,end,label,group\n4, 6.5, spoon,\n0,4,mug,mug 3\n")
    listed = spans(
        tmp_path, "- {start: 4, end: 6.5, label: spoon}\n- {start: 0, end: 4, label: mug, group: mug 3}\n", "a.yaml"
    )
    assert table == listed
    mug, spoon = table
    assert (mug.label, mug.group, mug.start_ns) == ("mug", "mug 3", START_NS)
    assert spoon.end_ns == START_NS + 6_500_000_000


def test_times_may_be_ros_time(tmp_path):
    (span,) = spans(tmp_path, "start,end,label\n1700000002,1700000003.5,mug\n")
    assert (span.start_ns - START_NS, span.end_ns - START_NS) == (2_000_000_000, 3_500_000_000)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2,1,mug", "row 3: it ends at 1 s"),
        ("x,1,mug", "row 3: .start. 'x' and .end. '1' are not both numbers"),
        ("4,5,", "row 3: .label. is empty"),
        ("0.5,5,mug", "row 3: the span of .mug. begins before that of .cup. ends"),
    ],
)
def test_an_error_names_the_row(tmp_path, row, problem):
    with pytest.raises(ConfigurationError, match=problem):
        spans(tmp_path, f"start,end,label\n0,1,cup\n{row}\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("start,end,label,split\n0,1,cup,dev\n", "'dev' is none of"),
        ("start,end,label,colour\n0,1,cup,red\n", "unknown column .colour."),
        ("start,end\n0,1\n", ".label. is empty"),
    ],
)
def test_columns_are_checked(tmp_path, text, problem):
    with pytest.raises(ConfigurationError, match=problem):
        spans(tmp_path, text)
