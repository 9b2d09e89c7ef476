"""Every state and transition, with time as an argument: nothing here waits."""

import pytest

from omnibind_ros.errors import BackendError, MessageError
from omnibind_ros.fusion.source_state import (
    FAILURES_UNTIL_FAULTY,
    RETRY_S,
    LivenessSettings,
    SourceMonitor,
    SourceState,
    Transition,
)

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
PERIOD_S = 0.1
BAD = MessageError("step 3 is too short", remedy="fix the driver")


class Robot:
    """A monitor with a clock, and a sensor that sends a message every `PERIOD_S`."""

    def __init__(self, *, ttl_s: float = 0.5, frozen_after_s: float = 1.0, max_clock_offset_s: float = 1.0) -> None:
        self.monitor = SourceMonitor("camera", LivenessSettings(ttl_s, frozen_after_s, max_clock_offset_s))
        self.now_ns = START
        self.content = 0

    def passes(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND)

    def message(self, *, stamp_offset_s: float | None = 0.0, content: int | None = None, good: bool = True) -> None:
        stamp_ns = None if stamp_offset_s is None else self.now_ns + round(stamp_offset_s * SECOND)
        self.monitor.received(stamp_ns, self.now_ns)
        if good:
            self.content += 1
            self.monitor.decoded(self.content if content is None else content, self.now_ns)
        else:
            self.monitor.failed(BAD)

    def sends(self, count: int, **message: object) -> None:
        for _ in range(count):
            self.passes(PERIOD_S)
            self.message(**message)
            self.settle()

    def settle(self) -> Transition | None:
        return self.monitor.update(self.now_ns)

    @property
    def state(self) -> SourceState:
        self.settle()
        return self.monitor.state


@pytest.fixture
def robot() -> Robot:
    return Robot()


@pytest.fixture
def live(robot: Robot) -> Robot:
    robot.monitor.publishers_changed(1)
    robot.sends(3)
    assert robot.state is SourceState.LIVE
    return robot


def test_without_a_publisher_it_is_absent(robot: Robot) -> None:
    assert robot.state is SourceState.ABSENT
    assert robot.settle() is None


def test_a_publisher_that_sends_nothing_is_waited_for(robot: Robot) -> None:
    robot.monitor.publishers_changed(1)
    assert robot.settle() == Transition(
        "camera", SourceState.ABSENT, SourceState.WAITING, "a publisher is there but sent nothing yet"
    )
    robot.passes(3600)
    assert robot.state is SourceState.WAITING


def test_it_is_live_with_its_first_usable_message(robot: Robot) -> None:
    robot.monitor.publishers_changed(1)
    robot.settle()
    robot.message()
    transition = robot.settle()
    assert transition is not None
    assert (transition.before, transition.after) == (SourceState.WAITING, SourceState.LIVE)


def test_a_message_proves_its_publisher_before_the_graph_does(robot: Robot) -> None:
    robot.message()
    assert robot.state is SourceState.LIVE
    robot.monitor.publishers_changed(1)
    assert robot.state is SourceState.LIVE


def test_messages_that_are_not_yet_a_window_are_waited_for(robot: Robot) -> None:
    robot.monitor.received(robot.now_ns, robot.now_ns)
    assert robot.state is SourceState.WAITING
    assert "no complete window" in robot.monitor.reason


def test_a_transition_is_told_once(live: Robot) -> None:
    live.passes(1)
    assert live.settle() is not None
    assert live.settle() is None


def test_silence_beyond_its_ttl_makes_it_stale_and_a_message_live_again(live: Robot) -> None:
    live.passes(0.5)
    assert live.state is SourceState.LIVE
    live.passes(0.001)
    assert live.state is SourceState.STALE
    assert "0.5 s" in live.monitor.reason
    live.message()
    assert live.state is SourceState.LIVE


def test_the_last_publisher_that_goes_makes_it_absent(live: Robot) -> None:
    live.monitor.publishers_changed(0)
    assert live.state is SourceState.ABSENT


def test_one_of_two_publishers_that_goes_changes_nothing(live: Robot) -> None:
    live.monitor.publishers_changed(2)
    live.monitor.publishers_changed(1)
    assert live.state is SourceState.LIVE


def test_a_publisher_that_was_replaced_starts_with_a_clean_slate(live: Robot) -> None:
    live.sends(FAILURES_UNTIL_FAULTY, good=False)
    assert live.state is SourceState.FAULTY
    live.monitor.publishers_changed(0)
    live.monitor.publishers_changed(1)
    assert live.state is SourceState.WAITING
    live.message()
    assert live.state is SourceState.LIVE


def test_a_repeated_stamp_freezes_it_and_a_new_one_frees_it(live: Robot) -> None:
    stamp_ns = live.now_ns
    for _ in range(10):
        assert live.state is SourceState.LIVE
        live.passes(PERIOD_S)
        live.message(stamp_offset_s=(stamp_ns - live.now_ns) / SECOND)
    assert live.state is SourceState.FROZEN
    assert live.monitor.reason == "the same stamp for more than 1 s"
    live.passes(PERIOD_S)
    live.message()
    assert live.state is SourceState.LIVE


def test_a_stamp_that_repeats_for_long_is_frozen_and_no_wrong_clock(live: Robot) -> None:
    stamp_ns = live.now_ns
    for _ in range(50):
        live.passes(PERIOD_S)
        live.message(stamp_offset_s=(stamp_ns - live.now_ns) / SECOND)
    assert live.state is SourceState.FROZEN


def test_repeated_content_under_new_stamps_freezes_it_too(live: Robot) -> None:
    live.sends(10, content=42)
    assert live.state is SourceState.LIVE
    live.sends(1, content=42)
    assert live.state is SourceState.FROZEN
    assert live.monitor.reason == "the same content for more than 1 s"
    live.sends(1)
    assert live.state is SourceState.LIVE


def test_frozen_and_then_silent_is_stale(live: Robot) -> None:
    live.sends(12, content=42)
    live.passes(0.6)
    assert live.state is SourceState.STALE


def test_the_frozen_check_can_be_switched_off() -> None:
    robot = Robot(frozen_after_s=0)
    robot.sends(100, content=42)
    assert robot.state is SourceState.LIVE


def test_content_that_may_repeat_never_freezes(robot: Robot) -> None:
    for _ in range(100):
        robot.passes(PERIOD_S)
        robot.monitor.received(robot.now_ns, robot.now_ns)
        robot.monitor.decoded(None, robot.now_ns)
    assert robot.state is SourceState.LIVE


def test_a_slow_sensor_is_not_frozen_by_silence_alone() -> None:
    robot = Robot(ttl_s=5.0)
    robot.message()
    robot.passes(4)
    assert robot.state is SourceState.LIVE


def test_a_single_malformed_message_among_good_ones_is_no_fault(live: Robot) -> None:
    for _ in range(20):
        live.sends(3)
        live.sends(FAILURES_UNTIL_FAULTY - 1, good=False)
        assert live.state is SourceState.LIVE


def test_malformed_messages_in_a_row_are_a_fault_that_names_problem_and_remedy(live: Robot) -> None:
    live.sends(FAILURES_UNTIL_FAULTY, good=False)
    assert live.state is SourceState.FAULTY
    assert live.monitor.reason == "step 3 is too short (fix the driver)"
    live.sends(1)
    assert live.state is SourceState.LIVE


def test_a_malformed_first_message_is_a_fault_at_once(robot: Robot) -> None:
    robot.message(good=False)
    assert robot.state is SourceState.FAULTY


def test_a_malformed_message_after_the_last_good_one_is_too_old_is_a_fault(live: Robot) -> None:
    live.passes(0.4)
    live.message(good=False)
    assert live.state is SourceState.LIVE
    live.passes(0.2)
    assert live.state is SourceState.FAULTY


def test_a_topic_that_cannot_be_received_is_a_fault_until_it_can(robot: Robot) -> None:
    robot.monitor.mismatched("/camera carries std_msgs/msg/String (remap the topic)")
    assert robot.state is SourceState.ABSENT
    robot.monitor.publishers_changed(1)
    assert robot.state is SourceState.FAULTY
    assert "remap" in robot.monitor.reason
    robot.monitor.mismatched("")
    assert robot.state is SourceState.WAITING


@pytest.mark.parametrize("offset_s", [-1.5, 1.5, -3600.0])
def test_a_clock_that_is_off_is_a_fault_that_tells_by_how_much(live: Robot, offset_s: float) -> None:
    live.sends(1, stamp_offset_s=offset_s)
    assert live.state is SourceState.FAULTY
    assert f"{offset_s:+.1f} s off" in live.monitor.reason
    assert "max_clock_offset" in live.monitor.reason
    live.sends(1, stamp_offset_s=-0.05)
    assert live.state is SourceState.LIVE


def test_messages_without_a_stamp_have_no_clock_to_judge(robot: Robot) -> None:
    robot.sends(20, stamp_offset_s=None)
    assert robot.state is SourceState.LIVE


def test_a_failing_encoder_is_a_fault_and_tried_again_later(live: Robot) -> None:
    error = BackendError("out of memory", remedy="close something", source="image.onnx")
    live.monitor.encoder_failed(error, live.now_ns)
    assert live.state is SourceState.FAULTY
    assert "out of memory" in live.monitor.reason
    live.sends(5)
    assert not live.monitor.may_encode(live.now_ns)
    live.sends(round(RETRY_S / PERIOD_S))
    assert live.monitor.may_encode(live.now_ns)
    live.monitor.encoder_failed(error, live.now_ns)
    assert not live.monitor.may_encode(live.now_ns)
    live.sends(round(RETRY_S / PERIOD_S))
    live.monitor.encoded()
    assert live.state is SourceState.LIVE


def test_only_a_live_source_is_encoded(live: Robot) -> None:
    assert live.monitor.may_encode(live.now_ns)
    live.sends(FAILURES_UNTIL_FAULTY, good=False)
    assert not live.monitor.may_encode(live.now_ns)
    live.monitor.enable(False)
    live.settle()
    assert not live.monitor.may_encode(live.now_ns)


def test_while_its_encoder_is_built_it_is_building(live: Robot) -> None:
    live.monitor.encoder_is(building=True, problem="")
    assert live.state is SourceState.BUILDING
    assert live.monitor.may_encode(live.now_ns), "it would be, were its encoder there"
    live.sends(3)
    live.monitor.encoder_is(building=False, problem="")
    assert live.state is SourceState.LIVE


def test_the_operator_has_the_last_word(live: Robot) -> None:
    live.monitor.enable(False)
    assert live.state is SourceState.DISABLED
    live.sends(3)
    assert live.state is SourceState.DISABLED
    live.monitor.publishers_changed(0)
    assert live.state is SourceState.DISABLED


def test_a_source_that_is_enabled_again_starts_with_its_next_message(live: Robot) -> None:
    live.monitor.enable(False)
    live.sends(3)
    live.monitor.enable(True)
    assert live.state is SourceState.WAITING
    live.sends(1)
    assert live.state is SourceState.LIVE


def test_enabling_what_is_enabled_changes_nothing(live: Robot) -> None:
    live.monitor.enable(True)
    assert live.state is SourceState.LIVE


def test_a_bag_that_begins_again_is_live_with_its_first_message(live: Robot) -> None:
    live.passes(-60)
    assert not live.monitor.may_encode(live.now_ns)
    assert live.state is SourceState.WAITING
    live.message()
    assert live.state is SourceState.LIVE
    live.sends(30)
    assert live.state is SourceState.LIVE


def test_a_bag_that_begins_again_is_noticed_though_its_first_message_came_before_the_next_round(live: Robot) -> None:
    live.passes(-60)
    live.message()
    assert live.settle() is None
    assert live.state is SourceState.LIVE


def test_a_clock_that_jumps_ahead_costs_one_message(live: Robot) -> None:
    live.passes(3600)
    assert live.state is SourceState.STALE
    live.message()
    assert live.state is SourceState.LIVE


@pytest.mark.parametrize("round_s", [0.02, 2.0])
def test_a_message_that_came_in_after_the_time_was_read_changes_nothing(live: Robot, round_s: float) -> None:
    read_ns = live.now_ns
    live.passes(round_s)
    live.message()
    assert live.monitor.update(read_ns) is None
    assert live.monitor.state is SourceState.LIVE
    assert live.monitor.age_s(read_ns) == 0


def test_a_small_correction_of_the_clock_changes_nothing(live: Robot) -> None:
    live.passes(-0.05)
    live.message()
    assert live.settle() is None


def test_simulated_time_may_start_at_zero() -> None:
    robot = Robot()
    robot.now_ns = 0
    robot.monitor.received(None, 0)
    robot.monitor.decoded(1, 0)
    assert robot.state is SourceState.LIVE
    assert robot.monitor.age_s(0) == 0


def test_age_counts_from_the_last_usable_message(live: Robot) -> None:
    live.sends(1)
    live.passes(0.1)
    live.message(good=False)
    live.passes(0.1)
    assert live.monitor.age_s(live.now_ns) == pytest.approx(0.2)


def test_there_is_no_age_before_the_first_message(robot: Robot) -> None:
    assert robot.monitor.age_s(robot.now_ns) is None


def test_an_encoder_that_cannot_be_loaded_is_a_fault_until_it_is(live: Robot) -> None:
    live.monitor.encoder_is(building=False, problem="image.onnx: no memory (free some)")
    assert live.state is SourceState.FAULTY
    assert live.monitor.reason == "image.onnx: no memory (free some)"
    live.sends(5)
    assert live.state is SourceState.FAULTY
    live.monitor.encoder_is(building=True, problem="image.onnx: no memory (free some)")
    assert live.state is SourceState.FAULTY, "a further try is no news"
    live.monitor.encoder_is(building=False, problem="")
    assert live.state is SourceState.LIVE


def test_a_message_that_waits_keeps_a_source_live_for_longer_than_its_ttl(live: Robot) -> None:
    for _ in range(20):
        live.passes(PERIOD_S)
        live.monitor.received(live.now_ns, live.now_ns)
        live.monitor.postponed(live.now_ns)
        assert live.state is SourceState.LIVE


def test_a_message_that_waits_does_not_hide_that_the_one_before_it_was_bad(live: Robot) -> None:
    live.message(good=False)
    for _ in range(6):
        live.passes(PERIOD_S)
        live.monitor.received(live.now_ns, live.now_ns)
        live.monitor.postponed(live.now_ns)
    assert live.state is SourceState.FAULTY
    live.message()
    assert live.state is SourceState.LIVE


def test_a_message_that_waits_does_not_free_a_frozen_source(live: Robot) -> None:
    live.sends(12, content=42)
    for _ in range(10):
        live.passes(PERIOD_S)
        live.monitor.received(live.now_ns, live.now_ns)
        live.monitor.postponed(live.now_ns)
        assert live.state is SourceState.FROZEN


def discards(robot: Robot, count: int) -> None:
    for _ in range(count):
        robot.passes(PERIOD_S)
        robot.monitor.received(robot.now_ns, robot.now_ns)
        robot.monitor.discarded(robot.now_ns)
        robot.settle()


def test_frozen_is_not_claimed_of_what_nobody_reads_and_judged_with_the_next_that_is_read(live: Robot) -> None:
    live.sends(12, content=42)
    assert live.state is SourceState.FROZEN
    discards(live, 1)
    assert live.state is SourceState.LIVE, "as far as can be told"
    discards(live, 30)
    live.sends(1, content=42)
    assert live.state is SourceState.FROZEN, "it still is"
    discards(live, 30)
    live.sends(1)
    assert live.state is SourceState.LIVE, "it no longer is"


def test_what_was_not_frozen_before_nobody_read_it_is_not_at_once_after_that(live: Robot) -> None:
    live.sends(5, content=42)
    discards(live, 30)
    live.sends(5, content=42)
    assert live.state is SourceState.LIVE
    live.sends(10, content=42)
    assert live.state is SourceState.FROZEN


def test_a_repeated_stamp_freezes_it_even_while_nobody_reads(live: Robot) -> None:
    for _ in range(15):
        live.passes(PERIOD_S)
        live.monitor.received(START, live.now_ns)
        live.monitor.discarded(live.now_ns)
    assert live.state is SourceState.FROZEN


def test_a_fault_is_not_claimed_of_what_nobody_reads_and_is_back_with_the_next_that_is_bad(live: Robot) -> None:
    live.sends(FAILURES_UNTIL_FAULTY, good=False)
    assert live.state is SourceState.FAULTY
    discards(live, 3)
    assert live.state is SourceState.LIVE
    live.sends(1, good=False)
    assert live.state is SourceState.FAULTY
