"""What each further source costs: the fusion head with the naming of its result, and the `fusion` node as a whole.

Sources are embeddings near the centres of labels, of all modalities in turns.
"""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.report import rounded
from benchmarks.result import Curves, Result, Table, Target, UnavailableError
from benchmarks.robot import default_bundle, make_rig
from benchmarks.timing import in_turns
from omnibind_ros.fusion.fusion_head import FusionHead
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker
from rig.proc import figures_of

SOURCES = (1, 2, 4, 8, 16, 32)
TARGET_RATIO = 2.0
_NOISE = 0.05
_RATE_HZ = 10.0


def measure(folder: Path, *, quick: bool) -> Result:
    """The head in turns with different numbers of sources, then the node, if ROS is here."""
    rounds, seconds = (1, 0.0) if quick else (5, 2.0)
    bundle = default_bundle()
    make = backend_maker(1)
    fusion = bundle.description.fusion
    head = FusionHead(make(bundle.content(fusion), fusion.file), dimension=bundle.dimension, file=fusion.file)
    pipeline = RecognitionPipeline(bundle, make, most_labels=5)
    members = {count: embeddings(bundle, count) for count in SOURCES}
    fuse = [partial(head.fuse, members[count]) for count in SOURCES]
    answer = [partial(pipeline.answer, members[count]) for count in SOURCES]
    head_ms, answer_ms = [], []
    for _ in range(rounds):
        taken_ms = [1e3 * median(times_s) for times_s in in_turns([*fuse, *answer], seconds, time.perf_counter)]
        head_ms.append(taken_ms[: len(SOURCES)])
        answer_ms.append(taken_ms[len(SOURCES) :])
    head_median, answer_median = np.median(head_ms, axis=0), np.median(answer_ms, axis=0)
    ratio = float(np.median([taken[-1] / taken[0] for taken in answer_ms]))
    notes: tuple[str, ...] = ()
    percent: Sequence[float | None] = [None] * len(SOURCES)
    try:
        percent = _node_percent(folder, bundle, seconds=1.0 if quick else 10.0)
    except UnavailableError as missing:
        notes = (f"The node was not measured: {missing}.",)
    rows = [
        (
            count,
            rounded(float(head_median[index])),
            rounded(float(answer_median[index])),
            rounded(float(answer_median[index] / answer_median[0])),
            used if used is None else rounded(used),
        )
        for index, (count, used) in enumerate(zip(SOURCES, percent, strict=True))
    ]
    columns = (
        "sources", "head, ms", "head and recognition, ms", "ratio to one source",
        f"`fusion` node at {_RATE_HZ:g} Hz a source, % of a core",
    )  # fmt: skip
    return Result(
        (Table("One fusion by the number of live sources, medians", columns, tuple(rows)),),
        (Target(f"head and recognition: {SOURCES[-1]} sources over one", ratio, TARGET_RATIO),),
        (
            Curves(
                "fusion_cost", "A fusion and its recognition by the number of sources", "sources", "ms",
                {
                    "head": tuple(zip(SOURCES, map(float, head_median), strict=True)),
                    "head and recognition": tuple(zip(SOURCES, map(float, answer_median), strict=True)),
                },
            ),
        ),
        notes,
    )  # fmt: skip


def embeddings(bundle: Bundle, count: int, stamp_ns: int = 0) -> list[Embedding]:
    """So many sources that see the first label."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(count):
        vector_D = bundle.centres_KkD[0, 0] + rng.normal(0, _NOISE, bundle.dimension).astype(np.float32)
        modality = bundle.modalities[number % len(bundle.modalities)]
        unit_D = vector_D / np.linalg.norm(vector_D)
        found.append(Embedding(f"source_{number}", modality, unit_D, 1.0, stamp_ns, "", bundle.space))
    return found


def _node_percent(folder: Path, bundle: Bundle, *, seconds: float) -> list[float]:
    """Processor time of the `fusion` node, in percent of a core, by the number of sources."""
    return [_node_percent_of(folder / f"{count}_sources", bundle, count, seconds=seconds) for count in SOURCES]


def _node_percent_of(folder: Path, bundle: Bundle, count: int, *, seconds: float) -> float:
    with make_rig(folder) as rig:
        from sensor_msgs.msg import PointCloud2  # noqa: PLC0415

        from omnibind_ros.nodes.embedding_publishers import EMBEDDING_TOPIC, QOS  # noqa: PLC0415
        from omnibind_ros.results.embedding import message_from_embedding  # noqa: PLC0415

        node = rig.observer.node
        names = [one.source for one in embeddings(bundle, count)]
        publishers = [node.create_publisher(PointCloud2, EMBEDDING_TOPIC + name, QOS) for name in names]
        process = rig.start_node("fusion", {})

        def send_for(duration_s: float) -> None:
            begin_s = time.monotonic()
            for beat in range(round(duration_s * _RATE_HZ)):
                for publisher, one in zip(publishers, embeddings(bundle, count, time.time_ns()), strict=True):
                    publisher.publish(message_from_embedding(one))
                time.sleep(max(0.0, begin_s + (beat + 1) / _RATE_HZ - time.monotonic()))

        def all_are_live() -> bool:
            send_for(1 / _RATE_HZ)
            return rig.observer.is_live(*names)

        rig.wait(all_are_live, 30.0, f"{count} sources are live")
        send_for(1.0)
        pid = process.pid
        assert pid is not None, "it runs: its sources are live"  # noqa: S101
        before_s, begin_s = figures_of(pid).cpu_s, time.monotonic()
        send_for(seconds)
        return 100 * (figures_of(pid).cpu_s - before_s) / (time.monotonic() - begin_s)
