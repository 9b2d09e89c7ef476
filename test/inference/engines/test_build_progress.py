import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState

progresses = st.builds(BuildProgress, st.text(), st.sampled_from(BuildState), st.floats(0, 1), st.text())


@settings(deadline=None, max_examples=50)
@given(progresses)
def test_it_goes_through_a_line_of_text(progress: BuildProgress) -> None:
    line = progress.to_line()
    assert "\n" not in line
    assert BuildProgress.from_line(line) == progress


@settings(deadline=None, max_examples=50)
@given(st.one_of(st.text(), st.sampled_from(["[]", "1", "null", "{}", '{"network": 1, "state": "on fire"}'])))
def test_other_lines_are_no_progress(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own among others
        BuildProgress.from_line(line)
