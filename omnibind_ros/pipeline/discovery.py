"""Topics that nobody configured become sources while they are published; time is an argument."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from omnibind_ros.pipeline.source_settings import MESSAGE_TYPES, SourceSettings

# A driver that is started again is back within seconds; its source should not lose its counts and windows for that.
FORGET_AFTER_S = 5.0
# A pattern that is too wide must not take the computer down.
MOST_SOURCES = 32


@dataclass(frozen=True, slots=True)
class DiscoverRule:
    """Which topics become sources, and of what kind.

    topic: glob over the whole topic name: `*` is any text (slashes too), `?` one character, `[12]` one of these.
    type_name: the message type; empty for any the modality is decoded from. template: the settings of every source the
    rule makes, but for name and topic.
    """

    name: str
    topic: str
    type_name: str
    template: SourceSettings

    def matches(self, topic: str, types: Sequence[str]) -> bool:
        """Whether a topic with these types becomes a source."""
        wanted = (self.type_name,) if self.type_name else MESSAGE_TYPES[self.template.modality]
        return fnmatchcase(topic, self.topic) and any(one in wanted for one in types)


@dataclass(slots=True)
class _Found:
    settings: SourceSettings
    seen_s: float


class Discovery:
    """Follows the topics there are. `namespace`: the node's own, left out of the sources' names."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace.rstrip("/") + "/"
        self._found: dict[str, _Found] = {}

    @property
    def sources(self) -> tuple[SourceSettings, ...]:
        """The sources there are now, in the order of their appearance."""
        return tuple(found.settings for found in self._found.values())

    def update(
        self,
        topics: Mapping[str, Sequence[str]],
        is_published: Callable[[str], bool],
        rules: Sequence[DiscoverRule],
        *,
        taken_topics: Collection[str],
        taken_names: Collection[str],
        now_s: float,
    ) -> None:
        """Look at the topics of this moment, by name with their types.

        is_published: whether a topic has a publisher; only asked for topics a rule matches. taken_topics, taken_names:
        those of configured sources and of our own results, which no rule may claim. The first rule that matches counts.
        now_s: any clock that does not jump.
        """
        for topic, types in sorted(topics.items()):
            rule = next((one for one in rules if one.matches(topic, types)), None)
            if rule is None or topic in taken_topics or not is_published(topic):
                continue
            if topic not in self._found and len(self._found) >= MOST_SOURCES:
                continue
            name = self._name(topic, taken_names)
            self._found[topic] = _Found(replace(rule.template, name=name, topic=topic), now_s)
        self._found = {
            topic: found
            for topic, found in self._found.items()
            if now_s - found.seen_s <= FORGET_AFTER_S
            and topic not in taken_topics
            and any(fnmatchcase(topic, rule.topic) for rule in rules)
        }

    def _name(self, topic: str, taken_names: Collection[str]) -> str:
        """The topic without the node's namespace, slashes as underscores; with a number where that name is taken."""
        known = self._found.get(topic)
        if known is not None and known.settings.name not in taken_names:
            return known.settings.name
        stem = re.sub("[^A-Za-z0-9]+", "_", topic.removeprefix(self._namespace)).strip("_")
        if not stem[:1].isalpha():
            stem = f"topic_{stem}"
        taken = {*taken_names, *(found.settings.name for other, found in self._found.items() if other != topic)}
        candidates = (stem, *(f"{stem}_{number}" for number in range(2, len(taken) + 3)))
        return next(name for name in candidates if name not in taken)
