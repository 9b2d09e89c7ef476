"""The topics of the configured sources against who publishes on them, and what running nodes say of their sources."""

from collections.abc import Iterator, Sequence

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning
from omnibind_ros.diagnosis.survey import LiveTopic, Survey
from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.pipeline.discovery import DiscoverRule
from omnibind_ros.pipeline.source_settings import AUDIO_INFO_TYPE, MESSAGE_TYPES, SourceSettings, supported_type

_MOST_CANDIDATES = 4
_FINE = (SourceState.LIVE, SourceState.DISABLED, SourceState.BUILDING)
_BROKEN = (SourceState.FAULTY, SourceState.FROZEN)


def check_live_sources(
    survey: Survey, sources: Sequence[SourceSettings], rules: Sequence[DiscoverRule]
) -> Iterator[Finding]:
    """Topics of the settings are full names."""
    for source in sources:
        if not source.enabled:
            yield ok(source.name, "disabled by the configuration")
            continue
        yield from _topic_of(source, survey)
        if source.audio.info_topic:
            yield from _info_of(source, survey)
    for rule in rules:
        matched = [
            name
            for name, topic in survey.topics.items()
            if rule.matches(name, [one.type_name for one in topic.publishers])
        ]
        what = f"{', '.join(matched)}" if matched else f"nothing is published that matches {rule.topic} now"
        yield ok(f"rule {rule.name}", what)
    if not sources and not rules:
        yield problem(
            "sources", "none is configured", "name some in the parameter `sources`, as config/perception.yaml"
        )
    for report in survey.reports:
        told = f"{report.state} says the running node: {report.reason}"
        if report.state in _FINE:
            yield ok(report.source, told)
        elif report.state in _BROKEN:
            yield problem(report.source, told, "see the reason; docs/reliability.md tells what leads to each state")
        else:
            yield warning(report.source, told, "start its driver, or look why it publishes nothing: `ros2 topic hz`")


def _topic_of(source: SourceSettings, survey: Survey) -> Iterator[Finding]:
    publishers = survey.publishers(source.topic)
    expected = MESSAGE_TYPES[source.modality]
    if not publishers:
        yield warning(
            source.name,
            f"nobody publishes on {source.topic}",
            f"start the driver, or set `{source.name}.topic` to what it publishes on{_candidates(source, survey)}",
        )
        return
    types = [one.type_name for one in publishers]
    if supported_type(source.modality, types) is None:
        yield problem(
            source.name,
            f"{source.topic} carries {', '.join(sorted(set(types)))}, but {source.modality} is decoded from "
            f"{' or '.join(expected)}",
            f"set `{source.name}.topic` or `{source.name}.modality`{_candidates(source, survey)}",
        )
        return
    yield from _ends(source, survey.topics[source.topic])


def _ends(source: SourceSettings, topic: LiveTopic) -> Iterator[Finding]:
    for mismatch in topic.mismatches:
        yield problem(
            source.name,
            f"{source.topic}: {mismatch}",
            "let the subscriber ask for no more than the publisher offers: best effort, volatile, no deadline",
        )
    offered = {one.reliability for one in topic.publishers}
    if len(topic.publishers) > 1:
        yield warning(
            source.name,
            f"{len(topic.publishers)} nodes publish on {source.topic}: "
            f"{', '.join(sorted(one.node for one in topic.publishers))}",
            "give every sensor a topic and a source of its own; a driver that was killed is listed for 20 s more",
        )
    if len(offered) > 1:
        yield warning(
            source.name,
            f"{source.topic} is offered both reliable and best effort, so that best effort is what all of it gets",
            "let all publishers of a topic offer the same",
        )
    if not topic.mismatches:
        one = topic.publishers[0]
        yield ok(source.name, f"{source.topic}: {one.type_name} from {one.node}, {one.reliability}")


def _info_of(source: SourceSettings, survey: Survey) -> Iterator[Finding]:
    topic = source.audio.info_topic
    types = {one.type_name for one in survey.publishers(topic)}
    if not types:
        yield warning(
            source.name, f"nobody publishes on {topic}", f"start its driver, or clear `{source.name}.info_topic`"
        )
    elif AUDIO_INFO_TYPE not in types:
        yield problem(
            source.name,
            f"{topic} carries {', '.join(sorted(types))}, not {AUDIO_INFO_TYPE}",
            f"correct `{source.name}.info_topic`",
        )
    else:
        yield ok(source.name, f"{topic} tells how the sound is to be read")


def _candidates(source: SourceSettings, survey: Survey) -> str:
    """Topics it might be meant to be."""
    fitting = [
        name
        for name, topic in sorted(survey.topics.items())
        if supported_type(source.modality, [one.type_name for one in topic.publishers]) and name != source.topic
    ]
    return f" (of its type are: {', '.join(fitting[:_MOST_CANDIDATES])})" if fitting else ""
