"""The audit of a bag: every decision that the robot recorded with its evidence is made again, and compared."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from omnibind_ros.errors import BagError, ConfigurationError, MessageError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker, bundle_folder
from omnibind_ros.recognition.recogniser import Hypothesis
from omnibind_ros.replay.bag import Bag, Recorded, Topic
from omnibind_ros.replay.bag_sources import guessed_configuration, sources_in
from omnibind_ros.replay.configuration import read_configuration, resolved
from omnibind_ros.replay.decisions import Again, Decision, Said, paired
from omnibind_ros.replay.files import write_json, write_json_lines
from omnibind_ros.replay.reencoding import Reencoding
from omnibind_ros.replay.resources import label_bank, messages_with_progress
from omnibind_ros.results.evidence import evidence_from_message

_RECOGNITION = ("recognition", "vision_msgs/msg/Classification")
_EVIDENCE = ("evidence", "sensor_msgs/msg/PointCloud2")


def audit(
    path: Path, output: Path, *, config: Path | None = None, bundle: str | None = None, namespace: str = ""
) -> dict[str, Any]:
    """Audit a bag into a folder; returns the figures. The parameters are those of `replay`.

    Raises BagError, BundleError, BackendError, and ConfigurationError when the bundle is not the robot's.
    """
    chosen = read_configuration(config) if config else guessed_configuration()
    loaded = load_bundle(bundle_folder(bundle or chosen.node["bundle"]))
    make_backend = backend_maker(chosen.node["threads"])
    with Bag(path) as bag:
        pipeline = RecognitionPipeline(
            loaded,
            make_backend,
            most_labels=chosen.node["most_labels"],
            labels=label_bank(chosen.node["labels"], loaded, make_backend),
        )
        reencoding = Reencoding(loaded, sources_in(chosen, bag.topics, namespace), make_backend)
        listener = _Listener(pipeline, reencoding)
        try:
            own = {_topic(bag, *kind, namespace): hear for kind, hear in listener.hears.items()}
            for recorded in messages_with_progress(bag, tuple(own)):
                own[recorded.topic](recorded)
            for recorded in messages_with_progress(bag, tuple(filter(reencoding.takes, bag.topics))):
                reencoding.hear(recorded)
        finally:
            pipeline.close()
            reencoding.close()
    result = paired(listener.said, listener.again)
    if listener.of_other_bundles and not result.decisions:
        raise ConfigurationError(
            f"the robot decided with embeddings of another space than that of the bundle {loaded.name}",
            remedy="name the robot's with --bundle",
            source=str(path),
        )
    figures = {
        "bag": path.name,
        "bundle": loaded.name,
        "recognitions": len(listener.said),
        "decisions": len(result.decisions),
        "same": sum(decision.same for decision in result.decisions),
        "largest_difference": max((decision.difference for decision in result.decisions), default=0.0),
        "recognitions_without_evidence": result.without_evidence,
        "evidence_without_recognition": result.without_recognition,
        "evidence_of_other_bundles": listener.of_other_bundles,
        "unreadable_messages": dict(sorted((bag.unreadable + listener.unreadable).items())),
        "embeddings": {name: asdict(one) for name, one in reencoding.found().items()},
    }
    output.mkdir(parents=True, exist_ok=True)
    write_json_lines(output / "decisions.jsonl", map(_row, result.decisions))
    write_json(output / "decisions.json", figures)
    return figures


def told_of_audit(figures: Mapping[str, Any]) -> str:
    """The figures in a few words."""
    told = [f"{figures['same']} of {figures['decisions']} decisions are the same again"]
    if figures["decisions"]:
        told[0] += f" (largest difference of a score or weight: {figures['largest_difference']:.1g})"
    left_out = ("recognitions_without_evidence", "evidence_without_recognition", "evidence_of_other_bundles")
    told += [f"{key.replace('_', ' ')}: {figures[key]}" for key in left_out if figures[key]]
    told += [
        f"{source}: {one['same']} of {one['in_bag']} embeddings are those of their frames"
        for source, one in figures["embeddings"].items()
    ]
    return "; ".join(told)


def holds(figures: Mapping[str, Any]) -> bool:
    """Whether there are decisions, each is the same again, and every embedding is that of its frame."""
    same_embeddings = all(one["same"] == one["in_bag"] for one in figures["embeddings"].values())
    return bool(0 < figures["same"] == figures["decisions"] and same_embeddings)


class _Listener:
    """Hears what the robot said, and decides again from what it was made of."""

    def __init__(self, pipeline: RecognitionPipeline, reencoding: Reencoding) -> None:
        self.said: list[Said] = []
        self.again: list[Again] = []
        self.of_other_bundles = 0
        self.unreadable: Counter[str] = Counter()
        self.hears = {_RECOGNITION: self._hear_recognition, _EVIDENCE: self._hear_evidence}
        self._pipeline = pipeline
        self._reencoding = reencoding

    def _hear_recognition(self, recorded: Recorded) -> None:
        hypotheses = tuple(Hypothesis(str(one.class_id), float(one.score)) for one in recorded.message.results)
        self.said.append(Said(stamp_ns_of(recorded.message) or 0, recorded.received_ns, hypotheses))

    def _hear_evidence(self, recorded: Recorded) -> None:
        try:
            evidence = evidence_from_message(recorded.message)
        except MessageError:
            self.unreadable[recorded.topic.name] += 1
            return
        if any(member.space != self._pipeline.space for member in evidence.members):
            self.of_other_bundles += 1
            return
        recognition = self._pipeline.answer(evidence.members)
        weights = [one.weight for one in recognition.contributions.values()]
        self.again.append(Again.of(evidence, recognition.answer.hypotheses, weights))
        for member in evidence.members:
            self._reencoding.fused(member)


def _topic(bag: Bag, name: str, message_type: str, namespace: str) -> Topic:
    """The node's topic of that name: the one in the namespace, otherwise the first there is."""
    found = [one for one in bag.topics if one.name.endswith(f"/{name}") and one.message_type == message_type]
    if not found:
        raise BagError(
            f"nobody recorded `{name}`", remedy="record both `recognition` and `evidence`", source=str(bag.path)
        )
    return min(found, key=lambda one: one.name != resolved(name, namespace))


def _row(decision: Decision) -> dict[str, Any]:
    said, again = decision.said.hypotheses, decision.again.hypotheses
    return {
        "stamp_ns": decision.said.stamp_ns,
        "received_ns": decision.said.received_ns,
        "label": said[0].label if said else "",
        "score": said[0].score if said else None,
        "label_again": again[0].label,
        "score_again": again[0].score,
        "same": decision.same,
        "made_of": decision.again.made_of,
    }
