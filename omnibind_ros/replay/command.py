"""Recognise from a recorded bag, without ROS: results as JSON lines, figures, and a report to open in a browser."""

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from omnibind_ros.demo.record import Lane
from omnibind_ros.errors import ConfigurationError, OmnibindError
from omnibind_ros.fusion.source_state import NANOSECONDS
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.pipeline.resources import backend_maker, bundle_folder
from omnibind_ros.pipeline.source_settings import SourceSettings
from omnibind_ros.replay.audit import audit, holds, told_of_audit
from omnibind_ros.replay.bag import Bag, Topic
from omnibind_ros.replay.bag_sources import guessed_configuration, sources_in
from omnibind_ros.replay.configuration import Configuration, read_configuration
from omnibind_ros.replay.files import write_json, write_json_lines, write_parquet
from omnibind_ros.replay.labels import read_labels
from omnibind_ros.replay.player import Player
from omnibind_ros.replay.report import report
from omnibind_ros.replay.resources import label_bank, messages_with_progress
from omnibind_ros.replay.run import ReplayRun
from omnibind_ros.replay.summary import summary
from omnibind_ros.replay.witness import Witness


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `replay` and `python -m omnibind_ros.replay`; exits with 1 and one line when it cannot be done."""
    options = _parse(arguments)
    output = options.output or Path("build/replay") / options.bag.resolve().stem
    given = {"config": options.config, "bundle": options.bundle, "namespace": options.namespace}
    started_s = time.monotonic()
    try:
        if options.decisions:
            figures = audit(options.bag, output, **given)
        else:
            figures = replay(options.bag, output, labels=options.labels, **given)
    except OmnibindError as error:
        sys.exit(f"replay: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if options.decisions:
        print(told_of_audit(figures))
        print(f"decisions: {output / 'decisions.jsonl'}")
        if not holds(figures):
            sys.exit(1)
        return
    print(_told(figures, time.monotonic() - started_s))
    print(f"report: {output / 'report.html'}")


def replay(
    path: Path,
    output: Path,
    *,
    config: Path | None = None,
    bundle: str | None = None,
    labels: Path | None = None,
    namespace: str = "",
) -> dict[str, Any]:
    """Replay a bag into a folder; returns the figures.

    config: a perception node's parameter file; without one the topics tell what the sensors are. bundle: instead of the
    one the configuration names. labels: what was in front of the sensors. namespace: the perception node's.
    Raises BagError, BundleError, BackendError, ConfigurationError.
    """
    chosen = read_configuration(config) if config else guessed_configuration()
    given_truth = read_labels(labels) if labels else None
    loaded = load_bundle(bundle_folder(bundle or chosen.node["bundle"]))
    with Bag(path) as bag:
        sources = sources_in(chosen, bag.topics, namespace)
        usable = tuple(source for source in sources if source.modality in loaded.modalities)
        run = ReplayRun(usable, bag.start_ns)
        witness = Witness(bag.topics)
        ignored = _play(bag, loaded, chosen, run, witness)
        run.truth = given_truth or _truth(witness, run)
        said = sorted((row["stamp_ns"], row["label"]) for row in run.recognitions)
        agreement = witness.agreement(said, round(NANOSECONDS / chosen.node["max_rate"]))
        figures = summary(
            run, bag, loaded, agreement=agreement, ignored=ignored,
            left_out=[*chosen.left_out, *_without_encoder(sources, loaded)],
        )  # fmt: skip
    output.mkdir(parents=True, exist_ok=True)
    write_json_lines(output / "recognitions.jsonl", run.recognitions)
    write_json_lines(output / "transitions.jsonl", run.transitions)
    write_json(output / "summary.json", figures)
    write_parquet(output / "recognitions.parquet", run.recognitions)
    (output / "report.html").write_text(report(run, figures), encoding="utf-8")
    return figures


def _play(bag: Bag, bundle: Bundle, chosen: Configuration, run: ReplayRun, witness: Witness) -> tuple[Topic, ...]:
    """Play the bag into the run; returns the topics that nobody listened to."""
    make_backend = backend_maker(chosen.node["threads"])
    player = Player(
        bundle,
        [tally.settings for tally in run.sources.values()],
        make_backend,
        max_rate_hz=chosen.node["max_rate"],
        most_labels=chosen.node["most_labels"],
        labels=label_bank(chosen.node["labels"], bundle, make_backend),
    )
    witness.follow(player.sources)
    heard = tuple(topic for topic in bag.topics if topic in witness.listeners or player.takes(topic))
    for topic in heard:
        for tally in run.sources.values():
            if tally.settings.topic == topic.name:
                tally.messages += topic.messages
    try:
        for round_ in player.play(messages_with_progress(bag, heard), witness.listeners):
            run.note(round_)
    finally:
        player.close()
    return tuple(topic for topic in bag.topics if topic not in heard)


def _truth(witness: Witness, run: ReplayRun) -> Lane:
    """The recorded truth; what was told before the recording began counts from its start."""
    lane = Lane()
    for time_ns, label in witness.truth:
        lane.set(run.seconds(time_ns), label)
    return lane


def _without_encoder(sources: Iterable[SourceSettings], bundle: Bundle) -> list[ConfigurationError]:
    return [
        ConfigurationError(
            f"the bundle {bundle.name} has no encoder for {source.modality}",
            remedy="use a bundle with that encoder",
            source=source.name,
        )
        for source in sources
        if source.modality not in bundle.modalities
    ]


def _told(figures: dict[str, Any], took_s: float) -> str:
    told = [
        f"{figures['recognitions']} recognitions in {figures['duration_s']:g} s of {figures['bag']}, "
        f"replayed in {took_s:.1f} s ({figures['duration_s'] / took_s:.1f} × real time)"
    ]
    if figures["judged"]:
        told.append(f"accuracy {figures['accuracy']:.1%}")
    recorded = figures["as_recorded"]
    if recorded is not None:
        told.append(
            f"as the robot said in {recorded['same_label']} of {recorded['matched']} recognitions of the same moment"
        )
    return "; ".join(told)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="replay",
        description=__doc__,
        epilog="exit status: 0 when it is done; 1 when it cannot be, or a decision differs; 2 for a wrong argument",
    )
    parser.add_argument("bag", type=Path, help="rosbag2 folder, or one of its .mcap or .db3 files")
    parser.add_argument(
        "--config", type=Path, help="parameter file of the perception node (default: sources by type and name of topic)"
    )
    parser.add_argument("--bundle", help="name of a shipped bundle, or a folder (default: the configuration's)")
    task = parser.add_mutually_exclusive_group()
    task.add_argument(
        "--decisions",
        action="store_true",
        help="make the robot's decisions again from the evidence in the bag, and compare; exit status 1 if one differs",
    )
    task.add_argument(
        "--labels", type=Path, help="what was to be seen: lines of start,end,label in seconds since the bag's start"
    )
    parser.add_argument("--namespace", default="", help="namespace of the perception node, for relative topics")
    parser.add_argument("--output", type=Path, help="folder for the results (default build/replay/<bag>)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
