import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import ConfigurationError
from training.scale.epoch_plan import EpochPlan, plan_epoch

SIZES = st.dictionaries(st.integers(0, 99).map(str), st.integers(1, 50), min_size=4, max_size=20)


def plans(sizes: dict[str, int], processes: int, epoch: int = 0, **changes: int) -> list[EpochPlan]:
    settings = {"seed": 0, "batch": 8, "window": 60} | changes
    return [plan_epoch(sizes, epoch, process=one, processes=processes, **settings) for one in range(processes)]


def order(plan: EpochPlan) -> list[str]:
    return [name for window in plan.windows for name in window.shards]


@settings(max_examples=60, deadline=None)
@given(sizes=SIZES, processes=st.integers(1, 4), epoch=st.integers(0, 3), window=st.integers(1, 200))
def test_every_shard_is_read_by_one_process_and_all_have_as_many_equal_steps(sizes, processes, epoch, window):
    found = plans(sizes, processes, epoch, window=window)
    assert sorted(name for plan in found for name in order(plan)) == sorted(sizes)
    assert len({(plan.share, plan.steps) for plan in found}) == 1
    for plan in found:
        held = sum(sizes[name] for name in order(plan))
        assert plan.steps >= 1
        assert plan.steps * plan.share <= held
        assert [one.start for one in plan.windows[1:]] == [one.start + one.pairs for one in plan.windows[:-1]]
        assert all(one.pairs == sum(sizes[name] for name in one.shards) for one in plan.windows)
        assert all(one.pairs <= window or len(one.shards) == 1 for one in plan.windows)


def test_each_epoch_has_its_order_and_the_same_seed_the_same():
    sizes = {str(number): 10 for number in range(12)}
    assert plans(sizes, 2, 0) == plans(sizes, 2, 0)
    assert plans(sizes, 2, 0) != plans(sizes, 2, 1)
    assert plans(sizes, 2, 0) != plans(sizes, 2, 0, seed=1)


def test_a_shard_without_pairs_is_not_read():
    (plan,) = plans({"a": 3, "b": 0}, 1)
    assert order(plan) == ["a"]


def test_shards_are_dealt_so_that_none_waits_long_for_another():
    sizes = {str(number): 1 + number % 5 for number in range(50)}
    shares = [sum(window.pairs for window in plan.windows) for plan in plans(sizes, 4)]
    assert max(shares) - min(shares) <= 5


def test_fewer_shards_than_processes_are_refused():
    with pytest.raises(ConfigurationError, match="2 shards for 3 processes"):
        plans({"a": 3, "b": 3}, 3)
