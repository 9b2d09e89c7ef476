import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.config import FuseConfig  # noqa: E402
from training.fusion.heads.registry import BUNDLED, HEADS, make_head  # noqa: E402


def test_the_bundled_head_is_one_of_them_and_what_a_run_trains_by_default():
    assert BUNDLED in HEADS
    assert FuseConfig().heads == (BUNDLED,)


def test_it_alone_learns_from_corruption():
    assert [name for name in HEADS if make_head(name).learns_from_corruption] == [BUNDLED]


@pytest.mark.parametrize("name", HEADS)
def test_every_head_is_made_anew(name):
    one, other = make_head(name), make_head(name)
    assert not {id(parameter) for parameter in one.parameters()} & {id(parameter) for parameter in other.parameters()}


def test_each_name_is_another_head():
    assert len({type(make_head(name)) for name in HEADS}) == len(HEADS)


def test_a_name_that_is_none_is_refused():
    with pytest.raises(KeyError, match="median"):
        make_head("median")
