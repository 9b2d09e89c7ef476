"""Which sources there are: those the parameters name, and those found by `discover` rules."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rclpy.node import Node

from omnibind_ros.errors import ConfigurationError, OmnibindError
from omnibind_ros.nodes.embedding_publishers import EMBEDDING_TOPIC
from omnibind_ros.nodes.parameters import read_rule, read_source, value
from omnibind_ros.nodes.source_subscription import SourceSubscription
from omnibind_ros.pipeline.discovery import DiscoverRule, Discovery
from omnibind_ros.pipeline.encoding import EncodingPipeline
from omnibind_ros.pipeline.parameters import check_source_name, chosen_modalities, listed
from omnibind_ros.pipeline.source import Source
from omnibind_ros.pipeline.source_settings import SourceSettings, modality_named

_RESULTS = ("/fused_embedding", "/evidence", "/overlay", "/memory/query")


class SourceRoster:
    """Keeps the sources of a pipeline, and their subscriptions, as they should be; runs in the executor's thread.

    A source whose settings change is made anew; one that cannot be made is left out, which is told once.
    """

    def __init__(self, node: Node, pipeline: EncodingPipeline, on_message: Callable[[Source, Any], None]) -> None:
        self._node = node
        self._pipeline = pipeline
        self._on_message = on_message
        self._discovery = Discovery(node.get_namespace())
        self._subscriptions: dict[Source, SourceSubscription] = {}
        self._left_out: dict[str, str] = {}
        self._is_open = False

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources there are now."""
        return self._pipeline.sources

    def check(self, proposed: Mapping[str, Any]) -> None:
        """Raise ConfigurationError for values that would break a source, or name one that cannot be."""
        sources, rules = (listed(proposed.get(name, value(self._node, name))) for name in ("sources", "discover"))
        chosen_modalities(proposed.get("modalities", value(self._node, "modalities")))
        if "sources" in proposed or "discover" in proposed:
            names = [*sources, *rules]
            for name in names:
                check_source_name(name)
                if names.count(name) > 1:
                    raise ConfigurationError(
                        f"{name!r} is named twice", remedy="give every source and every rule its own name", source=name
                    )
        for name in {parameter.partition(".")[0] for parameter in proposed if "." in parameter}:
            works = any(source.name == name for source in self._pipeline.sources)
            if name in sources and (works or self._is_complete(name, proposed)):
                self._pipeline.make_source(read_source(self._node, name, proposed))
            elif name in rules and self._is_complete(name, proposed):
                read_rule(self._node, name, proposed)

    def synchronise(self) -> None:
        """Make the sources what they should be now."""
        wanted = self._wanted()
        for source in self._pipeline.sources:
            settings = wanted.get(source.name)
            if settings is not None and replace(settings, enabled=source.settings.enabled) == source.settings:
                source.enable(settings.enabled)
            else:
                self._pipeline.remove_source(source.name)
        present = {source.name for source in self._pipeline.sources}
        for name, settings in wanted.items():
            if name not in present:
                self._add(settings)
        for source in set(self._subscriptions).difference(self._pipeline.sources):
            self._subscriptions.pop(source).close()
        if self._is_open:
            self._subscribe()

    def poll(self) -> None:
        """Look at the topics there are; follow them."""
        before = self._discovery.sources
        self._discover()
        if self._discovery.sources != before:
            self.synchronise()
        for subscription in self._subscriptions.values():
            subscription.poll()

    def open(self) -> None:
        """Subscribe to every source, from now on."""
        self._is_open = True
        self._subscribe()

    def close(self) -> None:
        """Unsubscribe."""
        self._is_open = False
        for subscription in self._subscriptions.values():
            subscription.close()
        self._subscriptions = {}

    def _subscribe(self) -> None:
        for source in self._pipeline.sources:
            if source not in self._subscriptions:
                self._subscriptions[source] = SourceSubscription(self._node, source, self._on_message)
                self._subscriptions[source].poll()

    def _wanted(self) -> dict[str, SourceSettings]:
        settings: dict[str, SourceSettings] = {}
        for name in value(self._node, "sources"):
            try:
                settings[name] = read_source(self._node, name)
            except OmnibindError as error:
                self._leave_out(name, error)
        settings |= {found.name: found for found in self._discovery.sources}
        modalities = chosen_modalities(value(self._node, "modalities"))
        return {name: one for name, one in settings.items() if one.modality in modalities}

    def _add(self, settings: SourceSettings) -> None:
        try:
            self._pipeline.add_source(settings)
        except OmnibindError as error:
            self._leave_out(settings.name, error)
            return
        if self._left_out.pop(settings.name, None) is not None or self._is_open:
            self._node.get_logger().info(f"{settings.name} ({settings.modality}) listens to {settings.topic}")

    def _leave_out(self, name: str, error: OmnibindError) -> None:
        text = str(error.at(name))
        if self._left_out.get(name) != text:
            self._left_out[name] = text
            self._node.get_logger().error(f"source left out: {text}")

    def _rules(self) -> list[DiscoverRule]:
        rules = []
        for name in value(self._node, "discover"):
            try:
                rules.append(read_rule(self._node, name))
                self._left_out.pop(name, None)
            except OmnibindError as error:
                self._leave_out(name, error)
        return rules

    def _discover(self) -> None:
        rules = self._rules()
        if not rules and not self._discovery.sources:
            return
        names = value(self._node, "sources")
        configured = [value(self._node, f"{name}.topic") for name in names]
        own = {publisher.topic_name for publisher in self._node.publishers}
        topics = {
            topic: types
            for topic, types in self._node.get_topic_names_and_types()
            # By their types tables of embeddings are clouds and `overlay` is a camera, whichever node publishes them.
            if f"/{EMBEDDING_TOPIC}" not in topic and not topic.endswith(_RESULTS)
        }
        self._discovery.update(
            topics,
            lambda topic: self._node.count_publishers(topic) > 0,
            rules,
            taken_topics={*own, *(self._node.resolve_topic_name(topic) for topic in configured if topic)},
            taken_names={*names, *value(self._node, "discover")},
            now_s=time.monotonic(),
        )

    def _is_complete(self, name: str, proposed: Mapping[str, Any]) -> bool:
        """Whether a source or rule has what it needs; raises ConfigurationError for a modality that does not exist.

        One that is added at run time gets its parameters one after the other.
        """
        topic, modality = (
            proposed.get(f"{name}.{key}", value(self._node, f"{name}.{key}")) for key in ("topic", "modality")
        )
        if modality:
            modality_named(modality, source=name)
        return bool(topic and modality)
