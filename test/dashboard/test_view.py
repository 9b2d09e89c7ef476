"""What is shown at one moment."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.dashboard.view import SILENT_AFTER_S, RobotView
from omnibind_ros.demo.record import ANSWER_LASTS_S

VALUES = {
    "state": "live", "modality": "image", "topic": "camera/image_raw", "age_s": "0.020", "rate_hz": "30.1",
    "latency_ms": "8.000", "quality": "0.900", "weight": "0.250", "label": "mug", "score": "0.800",
}  # fmt: skip


def report(**changes: str) -> Any:
    values = [SimpleNamespace(key=key, value=value) for key, value in {**VALUES, **changes}.items()]
    return SimpleNamespace(status=[SimpleNamespace(name="camera", message="live: data is arriving", values=values)])


def recognition(*results: tuple[str, float]) -> Any:
    return SimpleNamespace(results=[SimpleNamespace(class_id=label, score=score) for label, score in results])


def test_a_source_is_shown_with_everything_that_is_reported() -> None:
    view = RobotView()
    view.reported(report(), now_s=5.0)
    (source,) = view.snapshot(0, now_s=5.1).sources
    assert (source.name, source.state, source.reason, source.topic) == (
        "camera", "live", "data is arriving", "camera/image_raw",
    )  # fmt: skip
    assert (source.rate_hz, source.age_s, source.latency_ms, source.weight) == (30.1, 0.02, 8.0, 0.25)
    assert (source.label, source.score) == ("mug", 0.8)


@given(st.dictionaries(st.sampled_from(sorted(VALUES)), st.text(max_size=8)))
@settings(deadline=None, max_examples=50)
def test_no_report_breaks_the_view(changes: dict[str, str]) -> None:
    view = RobotView()
    view.reported(report(**changes), now_s=0.0)
    (source,) = view.snapshot(0, now_s=0.0).sources
    for number in (source.rate_hz, source.age_s, source.latency_ms, source.quality, source.weight, source.score):
        assert number is None or abs(number) < float("inf")


def test_a_robot_that_falls_silent_is_not_shown_as_it_was_and_comes_back() -> None:
    view = RobotView()
    assert not view.snapshot(0, now_s=0.0).present
    view.reported(report(), now_s=0.0)
    assert view.snapshot(0, now_s=1.0).present
    silent = view.snapshot(0, now_s=SILENT_AFTER_S)
    assert not silent.present
    assert (silent.sources[0].name, silent.sources[0].state, silent.sources[0].rate_hz) == ("camera", "silent", None)
    view.reported(report(), now_s=20.0)
    assert view.snapshot(0, now_s=20.0).sources[0].state == "live"


def test_an_answer_counts_as_long_as_the_demo_has_it() -> None:
    view = RobotView()
    assert view.snapshot(0, now_s=0.0).answer is None
    view.recognised(recognition(("mug", 0.9), ("cup", 0.05), ("pan", float("nan"))), now_s=0.0)
    snapshot = view.snapshot(0, now_s=0.5)
    assert snapshot.answer is not None
    assert list(snapshot.answer.results) == [("mug", 0.9), ("cup", 0.05)]
    assert snapshot.points[0].scores == {"mug": 0.9, "cup": 0.05}
    assert view.snapshot(0, now_s=ANSWER_LASTS_S).answer is None


def test_of_all_diagnostics_only_those_of_our_nodes_count() -> None:
    def diagnostics(name: str, bundle: str) -> Any:
        values = [SimpleNamespace(key="bundle", value=bundle), SimpleNamespace(key="labels", value="30")]
        return SimpleNamespace(status=[SimpleNamespace(name=name, values=values)])

    view = RobotView()
    view.found(["/front/perception"])
    view.diagnosed(diagnostics("rear/perception: recognition", "other"))
    assert view.snapshot(0, now_s=0.0).bundle == ""
    view.diagnosed(diagnostics("front/perception: recognition", "ours"))
    assert (view.snapshot(0, now_s=0.0).bundle, view.snapshot(0, now_s=0.0).labels) == ("ours", "30")
