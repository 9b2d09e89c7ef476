import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.inference.engines.build_phases import BuildPhases


def test_inner_phases_are_parts_of_the_step_around_them() -> None:
    shares: list[float] = []
    phases = BuildPhases(shares.append)
    phases.started("engine", None, 2)
    phases.started("tactics", "engine", 4)
    for step in range(4):
        phases.step_done("tactics", step)
    phases.finished("tactics")
    phases.step_done("engine", 0)
    phases.step_done("engine", 1)
    assert shares == [0.125, 0.25, 0.375, 0.5, 1.0]


def test_a_build_is_ended_by_what_the_report_raises() -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    phases = BuildPhases(stop)
    phases.started("engine", None, 1)
    with pytest.raises(KeyboardInterrupt):
        phases.step_done("engine", 0)


steps = st.tuples(
    st.sampled_from(["start", "step", "finish"]), st.sampled_from("abc"), st.sampled_from("abc"), st.integers(0, 5)
)


@settings(deadline=None, max_examples=100)
@given(st.lists(steps, max_size=30))
def test_whatever_is_told_the_share_only_grows_and_never_beyond_one(told: list[tuple[str, str, str, int]]) -> None:
    shares: list[float] = []
    phases = BuildPhases(shares.append)
    for what, name, parent, number in told:
        if what == "start":
            phases.started(name, parent if parent < name else None, number)
        elif what == "step":
            phases.step_done(name, number)
        else:
            phases.finished(name)
    assert shares == sorted(set(shares))
    assert all(0 < share <= 1 for share in shares)
