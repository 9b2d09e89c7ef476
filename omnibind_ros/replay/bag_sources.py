"""Which topics of a bag are the sources: those a configuration names, or what the topics themselves tell."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.discovery import Discovery
from omnibind_ros.pipeline.source_settings import SourceSettings
from omnibind_ros.replay.bag import Topic
from omnibind_ros.replay.configuration import Configuration, configuration, resolved

# Without a configuration. Several kinds of pictures share a type, and few texts are hints: the topic's name tells.
_GUESSES = (
    (Modality.THERMAL, ("*thermal*", "*infrared*", "*lwir*")),
    (Modality.TOUCH, ("*touch*", "*tactile*", "*gelsight*", "*digit*")),
    (Modality.IMAGE, ("*",)),
    (Modality.TEXT, ("*prompt*", "*hint*", "*caption*")),
    (Modality.EVENT, ("*",)),
    (Modality.AUDIO, ("*",)),
    (Modality.POINT, ("*",)),
)
# A hint is worth more than a moment.
_PROMPT_TTL_S = 3.0
# Look like sensors, but are made from sensors' data, some of it by this package.
_DERIVED = ("*depth*", "*disparity*", "*mask*", "*/embedding/*", "*/fused_embedding", "*/evidence", "*/overlay")
_COMPRESSED = "/compressed"


def guessed_configuration() -> Configuration:
    """What to make of a bag of which nothing is known."""
    given: dict[str, object] = {}
    for modality, patterns in _GUESSES:
        for number, pattern in enumerate(patterns):
            rule = f"{modality}{number}"
            given |= {f"{rule}.modality": str(modality), f"{rule}.topic": pattern}
            if modality is Modality.TEXT:
                given[f"{rule}.ttl"] = _PROMPT_TTL_S
    rules = [key.removesuffix(".topic") for key in given if key.endswith(".topic")]
    return configuration({"discover": rules, **given})


def sources_in(chosen: Configuration, topics: Sequence[Topic], namespace: str) -> tuple[SourceSettings, ...]:
    """The sources of a perception node in a namespace, with the full names of their topics.

    Those that are configured, whether the bag has their topic or not, and those that rules find in the bag.
    """
    configured = tuple(replace(source, topic=resolved(source.topic, namespace)) for source in chosen.sources)
    names = {topic.name for topic in topics}
    derived = {name for name in names if any(fnmatchcase(name.lower(), one) for one in _DERIVED)}
    twice = {name for name in names if name.endswith(_COMPRESSED) and name.removesuffix(_COMPRESSED) in names}
    types: dict[str, list[str]] = {}
    for topic in topics:
        types.setdefault(topic.name, []).append(topic.message_type)
    discovery = Discovery("/" + namespace.strip("/"))
    discovery.update(
        types,
        lambda _: True,
        [replace(rule, topic=resolved(rule.topic, namespace)) for rule in chosen.rules],
        taken_topics={source.topic for source in configured} | derived | twice,
        taken_names={source.name for source in configured},
        now_s=0.0,
    )
    return (*configured, *discovery.sources)
