import io

from rich.console import Console

from omnibind_ros.demo.table import Moment, render


def text_of(moment: Moment) -> str:
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(render(moment))
    return console.export_text()


def test_the_table_tells_what_each_sensor_is_and_what_the_robot_makes_of_it() -> None:
    text = text_of(
        Moment(
            title="demo, 12.3 s",
            truth="mug",
            label="gear",
            score=0.42,
            conditions={"camera": "freeze", "lidar": "healthy"},
            sources={"camera": {"state": "frozen", "rate_hz": "29.8", "weight": "0.250", "label": "bowl"}},
            happenings=("10.0 s  camera: freeze",),
        )
    )
    for expected in ("12.3 s", "camera", "freeze", "frozen", "29.8", "0.250", "bowl", "mug", "gear 0.42", "10.0 s"):
        assert expected in text


def test_a_source_nobody_reported_yet_is_absent() -> None:
    text = text_of(Moment("demo", "", 0.0, {}, {"lidar": "unplug"}))
    assert "absent" in text


def test_without_a_demo_the_table_shows_the_sources_and_the_answer_only() -> None:
    text = text_of(Moment("/recognition", "gear", 0.9, {"camera": {"state": "live"}}))
    assert "camera" in text
    assert "gear 0.90" in text
    assert "in front of" not in text
    assert "sensor is" not in text
