"""The figures of a replay, ready for JSON; the report shows the same."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from omnibind_ros.errors import OmnibindError
from omnibind_ros.fusion.source_state import NANOSECONDS
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.replay.bag import Bag, Topic
from omnibind_ros.replay.run import ReplayRun, SourceTally
from omnibind_ros.replay.witness import Agreement


def summary(
    run: ReplayRun,
    bag: Bag,
    bundle: Bundle,
    *,
    agreement: Agreement | None,
    ignored: Sequence[Topic],
    left_out: Sequence[OmnibindError],
) -> dict[str, Any]:
    """agreement: with the recognitions in the bag. ignored: topics nobody listened to. left_out: sources not used."""
    judged = len(run.judged())
    received_s = [one.received_s for one in run.recognised]
    end_s = run.seconds(bag.end_ns)
    return {
        "bag": bag.path.name,
        "start": bag.start_ns / NANOSECONDS,
        "duration_s": round(end_s, 3),
        "bundle": bundle.name,
        "labels": len(bundle.description.labels.names),
        "recognitions": len(run.recognised),
        "abstentions": run.abstentions(),
        "longest_gap_s": round(max((later - earlier for earlier, later in pairwise(received_s)), default=0.0), 3),
        "accuracy": round(run.accuracy(), 4) if judged else None,
        "judged": judged,
        "as_recorded": None
        if agreement is None
        else {"recorded": agreement.recorded, "matched": agreement.matched, "same_label": agreement.same},
        "sources": {name: _source(run, tally, end_s) for name, tally in run.sources.items()},
        "recognised": _recognised(run),
        "ignored_topics": {topic.name: topic.message_type for topic in ignored},
        "unreadable_messages": dict(sorted(bag.unreadable.items())),
        "left_out": [str(error) for error in left_out],
        "errors": dict(run.errors),
    }


def _source(run: ReplayRun, tally: SourceTally, end_s: float) -> dict[str, Any]:
    spans = run.states[tally.settings.name].spans(end_s)
    live_s = sum(span.end_s - span.start_s for span in spans if span.value.startswith("live"))
    return {
        "modality": str(tally.settings.modality),
        "topic": tally.settings.topic,
        "messages": tally.messages,
        "embeddings": tally.embeddings,
        "live_share": round(live_s / end_s, 4) if end_s > 0 else 0.0,
        "used": tally.used,
        "mean_quality": round(tally.quality / tally.embeddings, 4) if tally.embeddings else None,
        "mean_weight": round(tally.weight / tally.used, 4) if tally.used else None,
    }


def _recognised(run: ReplayRun) -> dict[str, dict[str, Any]]:
    """By label, the most frequent first: how often it was said and how surely, and how often that was right."""
    said = Counter(one.label for one in run.recognised)
    scores: Counter[str] = Counter()
    for one in run.recognised:
        scores[one.label] += one.score  # type: ignore[assignment]  # a sum of floats
    judged = Counter(one.label for one in run.judged())
    right = Counter(one.label for one in run.judged() if one.label == run.truth.at(one.seen_s))
    return {
        label: {
            "times": times,
            "mean_score": round(scores[label] / times, 4),
            "judged": judged[label],
            "right": right[label],
        }
        for label, times in said.most_common()
    }
