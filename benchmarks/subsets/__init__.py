"""Every subset of the seven modalities: how accurate the robot is with these sensors alone, and how long it takes.

Accuracy: of simulated objects that no training step has seen, each sensed once by every sensor. Latency: from decoded
readings of all sensors of the subset to the answer, on one thread, in this process.
"""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from benchmarks.conditions import settle
from benchmarks.report import rounded
from benchmarks.result import Cell, Curves, Result, Table
from benchmarks.robot import default_bundle
from benchmarks.timing import in_turns
from omnibind_ros.errors import InputError
from omnibind_ros.fusion.live_set import SMALLEST_QUALITY
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.preprocessing.registry import make_preprocessor
from omnibind_ros.recognition.label_bank import LabelBank
from omnibind_ros.simulation.captions import hint
from omnibind_ros.simulation.objects import HELD_OUT_SEED
from omnibind_ros.simulation.samples import SimulatedSample, draw_sample
from training.data.sensor_inputs import readings_of

Subset = tuple[Modality, ...]
Readings = Mapping[Modality, Any]
_STAMP_NS = 1_000_000_000
# Beyond those that the evaluation of the bundle has drawn.
_FIRST_SEED = HELD_OUT_SEED + 500_000


def measure(_: Path, *, quick: bool) -> Result:
    """Accuracy first, then the latencies in turns."""
    settle()
    bundle = default_bundle()
    labels = bundle.description.labels.names
    labels, instances, seconds = (labels[:3], 1, 0.0) if quick else (labels, 8, 25.0)
    robot = _Robot(bundle)
    samples = [
        draw_sample(label, _FIRST_SEED + 100 * index + instance)
        for index, label in enumerate(labels)
        for instance in range(instances)
    ]
    sensed = [robot.sense(decoded(sample), sample.touch_reference) for sample in samples]
    truth = [bundle.description.labels.names.index(sample.label) for sample in samples]
    subsets = every_subset(bundle.modalities)
    accuracies = {subset: robot.accuracy(subset, sensed, truth) for subset in subsets}
    readings, reference = decoded(samples[0]), samples[0].touch_reference
    answers = [partial(robot.answer, subset, readings, reference) for subset in subsets]
    times_s = in_turns(answers, seconds, time.perf_counter)
    latencies_ms = {subset: 1e3 * median(times) for subset, times in zip(subsets, times_s, strict=True)}
    columns = ("subset", "sensors", "accuracy, %", "latency, ms")
    details = [
        ("+".join(map(str, one)), len(one), rounded(100 * accuracies[one]), rounded(latencies_ms[one]))
        for one in subsets
    ]
    return Result(
        (
            Table(
                f"Subsets by their size, {len(samples)} objects",
                ("sensors", "subsets", "accuracy mean, %", "worst, %", "worst subset", "latency median, ms", "longest"),
                tuple(by_size(accuracies, latencies_ms)),
            ),
            Table("Each sensor alone, and all", columns, (*details[: len(robot.all)], details[-1])),
        ),
        plots=(
            Curves(
                "subsets", f"Every subset of {len(robot.all)} modalities", "latency, ms", "accuracy, %",
                {
                    f"{size} sensor{'s' if size > 1 else ''}": tuple(
                        (latencies_ms[one], 100 * accuracies[one]) for one in subsets if len(one) == size
                    )
                    for size in range(1, len(robot.all) + 1)
                },
                joined=False,
            ),
        ),
        notes=(
            "All subsets are in `build/bench/subsets.json`. A subset that senses nothing of an object (text without a "
            "hint, a touch without contact) counts as wrong there.",
        ),
        details=(Table("Every subset", columns, tuple(details)),),
    )  # fmt: skip


def decoded(sample: SimulatedSample) -> Readings:
    """What decoding the messages of all sensors gives, a person's hint included."""
    return {**readings_of(sample), Modality.TEXT: hint(sample.object)}


def every_subset(modalities: Sequence[Modality]) -> list[Subset]:
    """All subsets but the empty one, the small ones first."""
    return [one for size in range(1, len(modalities) + 1) for one in combinations(modalities, size)]


def by_size(accuracies: Mapping[Subset, float], latencies_ms: Mapping[Subset, float]) -> list[tuple[Cell, ...]]:
    """A row for each size of subsets: accuracy, mean and worst, and latency, median and longest."""
    rows: list[tuple[Cell, ...]] = []
    for size in sorted({len(subset) for subset in accuracies}):
        of_size = [subset for subset in accuracies if len(subset) == size]
        worst = min(of_size, key=accuracies.__getitem__)
        rows.append((
            size,
            len(of_size),
            rounded(100 * mean(accuracies[one] for one in of_size)),
            rounded(100 * accuracies[worst]),
            "+".join(map(str, worst)),
            rounded(median(latencies_ms[one] for one in of_size)),
            rounded(max(latencies_ms[one] for one in of_size)),
        ))  # fmt: skip
    return rows


class _Robot:
    """The way from decoded readings to answers, with the networks of a bundle on one thread."""

    def __init__(self, bundle: Bundle) -> None:
        make = backend_maker(1)
        self.all = bundle.modalities
        self._bundle = bundle
        self._recognition = RecognitionPipeline(bundle, make, most_labels=5)
        self._bank = LabelBank(bundle.description.labels.names, bundle.centres_KkD)
        self._encoders = {
            modality: Encoder(bundle, modality, make(bundle.content(encoder), encoder.file))
            for modality, encoder in bundle.description.encoders.items()
        }
        tokenizer = bundle.description.tokenizer
        self._tokenizer = Tokenizer.from_str(bundle.content(tokenizer).decode()) if tokenizer else None

    def sense(self, readings: Readings, reference: NDArray[np.uint8]) -> dict[Modality, Embedding]:
        """The embeddings of all sensors that have something to say. reference: of the touch sensor, untouched."""
        embeddings = {modality: self._embed(modality, readings, reference) for modality in self.all}
        return {
            modality: one for modality, one in embeddings.items() if one is not None and one.quality >= SMALLEST_QUALITY
        }

    def accuracy(self, subset: Subset, sensed: Sequence[Mapping[Modality, Embedding]], truth: Sequence[int]) -> float:
        """Share of objects whose nearest label is the true one, from what these sensors have to say."""
        right = 0
        for embeddings, label in zip(sensed, truth, strict=True):
            members = [embeddings[modality] for modality in subset if modality in embeddings]
            if members:
                vector_D = self._recognition.answer(members).vector
                right += int(self._bank.similarity(vector_D[None])[0].argmax()) == label
        return right / len(truth)

    def answer(self, subset: Subset, readings: Readings, reference: NDArray[np.uint8]) -> object:
        """The whole way once, for an object that all of these sensors can sense."""
        embeddings = [self._embed(modality, readings, reference) for modality in subset]
        return self._recognition.answer([one for one in embeddings if one is not None])

    def _embed(self, modality: Modality, readings: Readings, reference: NDArray[np.uint8]) -> Embedding | None:
        resources: dict[str, Any] = {}
        if modality is Modality.TOUCH:
            resources = {"reference": reference}
        elif modality is Modality.TEXT:
            resources = {"tokenizer": self._tokenizer}
        preprocessor = make_preprocessor(modality, self._bundle.settings[modality], **resources)
        try:
            preprocessor.add(readings[modality], _STAMP_NS)
            taken = preprocessor.take()
        except InputError:
            return None
        if taken is None:
            return None
        vector_D: NDArray[np.float32] = self._encoders[modality].encode([taken])[0]
        return Embedding(str(modality), modality, vector_D, taken.quality, _STAMP_NS, "", self._bundle.space)
