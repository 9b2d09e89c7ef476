import pytest

from omnibind_ros.demo.record import HEALTHY, LIVE_UNUSED, UNPLUGGED, DemoRecord, Lane, Recognised, Span, summary


@pytest.fixture
def record() -> DemoRecord:
    record = DemoRecord(["camera", "microphone"])
    record.truth.set(0.0, "mug")
    record.truth.set(5.0, "gear")
    for sensor in ("camera", "microphone"):
        record.sensor_set(sensor, HEALTHY, 0.0)
    return record


def recognise(record: DemoRecord, label: str, *times_s: float, delay_s: float = 0.05) -> None:
    record.recognised.extend(Recognised(label, 0.9, time_s, time_s + delay_s) for time_s in times_s)


def test_a_lane_tells_its_value_at_any_time_and_its_spans() -> None:
    lane = Lane()
    for time_s, value in ((1.0, "a"), (2.0, "a"), (3.0, "b")):
        lane.set(time_s, value)
    assert [lane.at(time_s) for time_s in (0.5, 1.0, 2.9, 3.0)] == [None, "a", "a", "b"]
    assert lane.spans(4.0) == [Span("a", 1.0, 3.0), Span("b", 3.0, 4.0)]


def test_spans_end_with_the_run_and_leave_out_where_nothing_was() -> None:
    lane = Lane([(0.0, "a"), (1.0, ""), (2.0, "b"), (9.0, "c")])
    assert lane.spans(4.0) == [Span("a", 0.0, 1.0), Span("b", 2.0, 4.0)]


def test_an_answer_holds_until_the_next_but_not_for_long(record: DemoRecord) -> None:
    recognise(record, "mug", 1.0, 1.5, delay_s=0.0)
    recognise(record, "gear", 2.0, 5.0, delay_s=0.0)
    assert record.answers().spans(9.0) == [Span("mug", 1.0, 2.0), Span("gear", 2.0, 3.0), Span("gear", 5.0, 6.0)]


def test_accuracy_judges_by_what_was_in_front_when_the_sensor_saw_it(record: DemoRecord) -> None:
    recognise(record, "mug", 1.0, 2.0, 4.99, delay_s=0.1)  # the last arrives after the change, but saw the mug
    recognise(record, "mug", 6.0)
    assert record.accuracy() == 0.75


def test_an_abstention_is_no_hit(record: DemoRecord) -> None:
    recognise(record, "unknown", 1.0)
    recognise(record, "mug", 2.0)
    assert record.accuracy() == 0.5
    assert record.abstentions() == 1


def test_moments_without_a_healthy_sensor_do_not_count(record: DemoRecord) -> None:
    recognise(record, "mug", 1.0)
    record.sensor_set("camera", "blind", 1.5)
    record.sensor_set("microphone", UNPLUGGED, 1.5)
    recognise(record, "gear", 2.0)
    assert record.accuracy() == 1.0


def test_the_longest_gap_is_measured_while_a_sensor_is_healthy(record: DemoRecord) -> None:
    recognise(record, "mug", 1.0, 1.5, 2.0, delay_s=0.0)
    record.sensor_set("camera", UNPLUGGED, 2.1)
    record.sensor_set("microphone", "corrupt", 2.1)
    record.sensor_set("camera", HEALTHY, 7.0)
    recognise(record, "gear", 7.4, 7.5, delay_s=0.0)
    assert record.longest_gap_s(8.0) == pytest.approx(0.5)


def test_silence_to_the_end_is_a_gap_too(record: DemoRecord) -> None:
    recognise(record, "mug", 1.0, delay_s=0.0)
    assert record.longest_gap_s(4.0) == pytest.approx(3.0)


def test_plug_to_use_is_the_time_to_the_first_embedding(record: DemoRecord) -> None:
    record.embedded("camera", 0.4)
    record.embedded("camera", 0.5)
    record.sensor_set("camera", UNPLUGGED, 2.0)
    record.sensor_set("camera", HEALTHY, 3.0)
    record.embedded("camera", 3.25)
    assert record.plug_to_use_s == pytest.approx([0.4, 0.25])


def test_a_sensor_unplugged_before_its_first_embedding_is_not_timed(record: DemoRecord) -> None:
    record.sensor_set("camera", UNPLUGGED, 0.1)
    record.embedded("camera", 0.2)
    assert record.plug_to_use_s == []


def test_a_live_source_that_was_not_fused_is_told_apart(record: DemoRecord) -> None:
    record.reported("camera", "live", used=True, time_s=1.0)
    record.reported("camera", "live", used=False, time_s=2.0)
    record.reported("camera", "frozen", used=False, time_s=3.0)
    assert [span.value for span in record.states["camera"].spans(4.0)] == ["absent", "live", LIVE_UNUSED, "frozen"]


def test_the_summary_holds_the_figures_of_the_demo(record: DemoRecord) -> None:
    recognise(record, "mug", 1.0, 1.5, 2.0, delay_s=0.0)
    figures = summary(
        record, labels=30, modalities={"camera": "image", "left": "image"}, end_s=2.25, start_to_first_s=1.23456
    )
    assert figures == {
        "labels": 30,
        "modalities": ["image"],
        "recognitions": 3,
        "accuracy": 1.0,
        "longest_gap_s": 0.5,
        "plug_to_use_s": 0.0,
        "start_to_first_s": 1.235,
    }


def test_a_demo_that_recognised_nothing_has_no_accuracy(record: DemoRecord) -> None:
    assert record.accuracy() == 0.0
    assert record.longest_gap_s(3.0) == 0.0
