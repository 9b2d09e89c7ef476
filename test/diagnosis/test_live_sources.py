from dataclasses import replace
from typing import Any

from omnibind_ros.diagnosis.finding import Finding, Verdict, worst
from omnibind_ros.diagnosis.live_sources import check_live_sources
from omnibind_ros.diagnosis.survey import Endpoint, LiveTopic, Survey
from omnibind_ros.fusion.source_state import LivenessSettings, SourceState
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.discovery import DiscoverRule
from omnibind_ros.pipeline.source import SourceReport
from omnibind_ros.pipeline.source_settings import AUDIO_INFO_TYPE, AudioFormat, SourceSettings

IMAGE, CLOUD = "sensor_msgs/msg/Image", "sensor_msgs/msg/PointCloud2"
CAMERA = SourceSettings("camera", Modality.IMAGE, "/camera", LivenessSettings(0.5, 0.5, 1.0))
DRIVER = Endpoint("/driver", IMAGE, "best effort")


def check(survey: Survey, *sources: SourceSettings, rules: tuple[DiscoverRule, ...] = ()) -> list[Finding]:
    return list(check_live_sources(survey, sources, rules))


def on_camera(*publishers: Endpoint, **topic: Any) -> Survey:
    return Survey({"/camera": LiveTopic(publishers, **topic)})


def test_a_driver_of_the_right_type_is_well() -> None:
    (finding,) = check(on_camera(DRIVER), CAMERA)
    assert finding.verdict is Verdict.OK
    assert finding.message == "/camera: sensor_msgs/msg/Image from /driver, best effort"


def test_a_missing_driver_is_a_warning_that_names_topics_it_might_be_meant_to_be() -> None:
    elsewhere = {"/front/image": LiveTopic((DRIVER,)), "/points": LiveTopic((replace(DRIVER, type_name=CLOUD),))}
    (finding,) = check(Survey(elsewhere), CAMERA)
    assert finding.verdict is Verdict.WARNING
    assert finding.message == "nobody publishes on /camera"
    assert "/front/image" in finding.remedy
    assert "/points" not in finding.remedy


def test_another_type_is_a_problem() -> None:
    (finding,) = check(on_camera(replace(DRIVER, type_name=CLOUD)), CAMERA)
    assert finding.verdict is Verdict.PROBLEM
    assert "carries sensor_msgs/msg/PointCloud2, but image is decoded from sensor_msgs/msg/Image or" in finding.message


def test_ends_that_cannot_hear_each_other_are_a_problem() -> None:
    found = check(on_camera(DRIVER, mismatches=("/viewer hears nothing of /driver (reliability)",)), CAMERA)
    assert worst(found) is Verdict.PROBLEM
    assert "/viewer hears nothing" in found[0].message


def test_two_drivers_on_one_topic_and_two_kinds_of_delivery_are_warnings() -> None:
    found = check(on_camera(DRIVER, replace(DRIVER, node="/other", reliability="reliable")), CAMERA)
    told = [one.message for one in found if one.verdict is Verdict.WARNING]
    assert any("2 nodes publish on /camera: /driver, /other" in one for one in told)
    assert any("both reliable and best effort" in one for one in told)


def test_a_source_that_is_switched_off_is_not_looked_for() -> None:
    (finding,) = check(Survey({}), replace(CAMERA, enabled=False))
    assert finding.verdict is Verdict.OK


def test_the_topic_that_describes_sound_is_looked_at_too() -> None:
    microphone = SourceSettings(
        "mic", Modality.AUDIO, "/sound", CAMERA.liveness, audio=AudioFormat(info_topic="/sound_info")
    )
    sound = LiveTopic((Endpoint("/driver", "audio_common_msgs/msg/AudioData", "reliable"),))
    for topics, verdict in (
        ({}, Verdict.WARNING),
        ({"/sound_info": LiveTopic((Endpoint("/driver", AUDIO_INFO_TYPE, "reliable"),))}, Verdict.OK),
        ({"/sound_info": LiveTopic((DRIVER,))}, Verdict.PROBLEM),
    ):
        assert worst(check(Survey({"/sound": sound, **topics}), microphone)) is verdict


def test_a_rule_tells_what_it_matches() -> None:
    rule = DiscoverRule("cameras", "/cam*", "", CAMERA)
    (finding,) = check(on_camera(DRIVER), rules=(rule,))
    assert (finding.verdict, finding.message) == (Verdict.OK, "/camera")
    (finding,) = check(Survey({}), rules=(rule,))
    assert "nothing is published that matches /cam*" in finding.message


def test_without_any_source_there_is_a_problem() -> None:
    assert worst(check(Survey({}))) is Verdict.PROBLEM


def test_what_the_running_node_says_counts() -> None:
    def report(state: SourceState) -> SourceReport:
        return SourceReport("camera", Modality.IMAGE, "/camera", state, "black", None, 0.0, None, None, 0, 0, 0.5)

    for state, verdict in (
        (SourceState.LIVE, Verdict.OK),
        (SourceState.STALE, Verdict.WARNING),
        (SourceState.FAULTY, Verdict.PROBLEM),
    ):
        found = check(replace(on_camera(DRIVER), reports=(report(state),)), CAMERA)
        assert worst(found) is verdict
        assert found[-1].message == f"{state} says the running node: black"
