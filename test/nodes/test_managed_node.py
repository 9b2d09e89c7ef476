import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from lifecycle_msgs.srv import ChangeState
from ros_bench import Bench

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.nodes.managed_node import ManagedNode

pytestmark = pytest.mark.ros


class Diary(ManagedNode):
    """Notes what it was asked to do, and fails where a test wants it to."""

    def __init__(self, **node_arguments: object) -> None:
        self.done: list[str] = []
        self.failures: dict[str, Exception] = {}
        super().__init__("diary", **node_arguments)

    def note(self, what: str) -> None:
        self.done.append(what)
        if what in self.failures:
            raise self.failures[what]

    def configure(self) -> None:
        self.note("configure")

    def activate(self) -> None:
        self.note("activate")

    def deactivate(self) -> None:
        self.note("deactivate")

    def cleanup(self) -> None:
        self.note("cleanup")


@pytest.fixture
def diary(bench: Bench) -> Diary:
    node: Diary = bench.make(Diary)
    return node


def test_starting_goes_all_the_way_to_active(bench: Bench, diary: Diary) -> None:
    diary.start()
    assert diary.done == ["configure", "activate"]
    assert bench.lifecycle_state("diary") == "active"


def test_a_lifecycle_manager_can_walk_every_transition(bench: Bench, diary: Diary) -> None:
    for transition in ("configure", "activate", "deactivate", "cleanup"):
        assert bench.transition("diary", transition)
    assert diary.done == ["configure", "activate", "deactivate", "cleanup"]
    assert bench.lifecycle_state("diary") == "unconfigured"


def test_an_error_of_the_user_is_logged_and_fails_the_transition(
    bench: Bench, diary: Diary, capfd: pytest.CaptureFixture[str]
) -> None:
    diary.failures["configure"] = ConfigurationError("no such bundle", remedy="name another")
    assert not bench.transition("diary", "configure")
    assert bench.lifecycle_state("diary") == "unconfigured"
    assert "cannot configure: no such bundle (name another)" in capfd.readouterr().err
    diary.failures.clear()
    assert bench.transition("diary", "configure")


def test_a_node_that_cannot_be_configured_is_not_activated(diary: Diary) -> None:
    diary.failures["configure"] = ConfigurationError("no such bundle", remedy="name another")
    diary.start()
    assert diary.done == ["configure"]


def test_a_mistake_of_ours_is_logged_and_leaves_it_unconfigured_and_clean(
    bench: Bench, diary: Diary, capfd: pytest.CaptureFixture[str]
) -> None:
    diary.failures["configure"] = ZeroDivisionError("oops")
    assert not bench.transition("diary", "configure")
    assert "cannot configure: ZeroDivisionError: oops" in capfd.readouterr().err
    assert bench.lifecycle_state("diary") == "unconfigured"
    assert diary.done == ["configure", "deactivate", "cleanup"]


def test_half_an_activation_is_undone(bench: Bench, diary: Diary) -> None:
    bench.transition("diary", "configure")
    diary.failures["activate"] = ConfigurationError("no such topic", remedy="name another")
    assert not bench.transition("diary", "activate")
    assert diary.done == ["configure", "activate", "deactivate"]
    assert bench.lifecycle_state("diary") == "inactive"


@pytest.mark.parametrize("number", [3, 99])
def test_a_transition_that_is_not_possible_now_is_refused_and_the_node_lives_on(
    bench: Bench, diary: Diary, number: int
) -> None:
    request = ChangeState.Request()
    request.transition.id = number  # 3 is activate
    assert not bench.call(ChangeState, "diary/change_state", request).success
    assert bench.lifecycle_state("diary") == "unconfigured"
    assert diary.done == []


def test_destroying_it_releases_everything(bench: Bench, diary: Diary) -> None:
    diary.start()
    bench.remove(diary)
    assert diary.done[-2:] == ["deactivate", "cleanup"]
