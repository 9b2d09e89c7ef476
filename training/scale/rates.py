"""What extraction and training from shards do in a second on this computer, and what they leave on the disk.

Shape legend: I size of an encoder's embeddings, D embedding size.
"""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.simulation.objects import LABELS
from omnibind_ros.simulation.samples import draw_sample
from training.data.entries import Entry
from training.data.recording_files import write_recording
from training.data.sensor_inputs import readings_of
from training.projection.benchmark import projector_throughput
from training.projection.train import ProjectConfig, train_on
from training.scale.embedding_shards import EmbeddingShards, write_shard
from training.scale.extraction import do_job, jobs_of
from training.scale.pack import pack
from training.scale.pair_stream import PairStream
from training.scale.recording_shards import recordings_of
from training.scale.shard_encoder import EncoderSpec, ShardEncoder
from training.teachers.pretrained.backbone import FrozenBackbone, known_backbone
from training.teachers.pretrained.catalogue import BACKBONES

_SHARDS = 8


@dataclass(frozen=True)
class ExtractionRate:
    """One encoder on one core.

    rate: recordings a second, from a tar shard to a shard of embeddings; network: through the network alone.
    recording_bytes, embedding_bytes: of a sample, as stored; size: of an embedding.
    """

    encoder: str
    modality: Modality
    rate: float
    network: float
    recording_bytes: float
    embedding_bytes: float
    size: int


@dataclass(frozen=True)
class TrainingRate:
    """Pairs a second on one core.

    cached: steps on embeddings in memory; streamed: from shards, reading included; read: reading and shuffling shards
    alone. size: of the embeddings on both sides; batch: pairs a step.
    """

    cached: float
    streamed: float
    read: float
    size: int
    batch: int


@contextmanager
def one_core() -> Iterator[None]:
    """All that is started inside runs on one core."""
    before, threads = os.sched_getaffinity(0), torch.get_num_threads()
    os.sched_setaffinity(0, {max(before)})
    torch.set_num_threads(1)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
        torch.set_num_threads(threads)


def extraction_rates(bundle: Bundle, count: int) -> list[ExtractionRate]:
    """Measure every encoder of a bundle, and of the catalogue's backbones those that are on this computer.

    count: recordings, simulated and stored as a recorder would.
    """
    rates = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shards = pack(_recordings(folder / "recordings", count), folder / "shards", samples=count)
        for modality in bundle.modalities:
            encoder = EncoderSpec(modality, bundle=str(bundle.folder)).open()
            rates.append(_extraction_rate(f"{bundle.name}, {modality}", encoder, shards, folder / modality))
        for name, encoder in _backbones():
            rates.append(_extraction_rate(name, encoder, shards, folder / name))
    return rates


def training_rate(bundle: Bundle, *, batch: int, steps: int) -> TrainingRate:
    """Measure the training of a projector on random embeddings of a bundle's size."""
    modality = next(one for one in bundle.modalities if one is not Modality.TEXT)
    cached = projector_throughput(bundle, modality, batch=batch, steps=steps, threads=1).cached
    with tempfile.TemporaryDirectory() as temporary:
        folder, pairs = Path(temporary), batch * steps
        shards = {one: _embeddings(folder / one, pairs, bundle.dimension) for one in (modality, Modality.TEXT)}

        def stream() -> PairStream:
            frozen = {Modality.TEXT: shards[Modality.TEXT]}
            window = max(batch, pairs // 4)  # several of them, as in a real epoch
            return PairStream((modality, shards[modality]), frozen, batch=batch, epochs=1, window=window, seed=0)

        began = time.perf_counter()
        reading = stream()
        for step in range(len(reading)):
            reading.own(step)
        read = time.perf_counter() - began
        began = time.perf_counter()
        train_on(folder, stream(), ProjectConfig(batch=batch, epochs=1))
        trained = time.perf_counter() - began
    return TrainingRate(cached, pairs / trained, pairs / read, bundle.dimension, batch)


def _extraction_rate(name: str, encoder: ShardEncoder, shards: Sequence[Path], output: Path) -> ExtractionRate:
    output.mkdir()
    (job,) = jobs_of(shards[0].parent, output, encoder.digest, "float16")
    recordings = list(recordings_of(job.shard, encoder.modality))
    encoder(islice(recordings, 2))  # allocations, compiled code
    began = time.perf_counter()
    embedded = do_job(encoder, job)
    seconds = time.perf_counter() - began
    inputs = np.stack(encoder.inputs(recordings))
    began = time.perf_counter()
    encoder.network(inputs)
    return ExtractionRate(
        name,
        encoder.modality,
        rate=len(recordings) / seconds,
        network=len(inputs) / (time.perf_counter() - began),
        recording_bytes=sum(len(one.content) for one in recordings) / len(recordings),
        embedding_bytes=job.output.stat().st_size / embedded,
        size=encoder.network.size,
    )


def _recordings(folder: Path, count: int) -> list[Entry]:
    entries = []
    for number, label in enumerate(islice(cycle(LABELS), count)):
        sample = draw_sample(label, number)
        reference = write_recording(Modality.TOUCH, sample.touch_reference, folder / "reference")
        for modality, reading in (readings_of(sample) | {Modality.TEXT: sample.captions[0]}).items():
            file = write_recording(modality, reading, folder / modality / f"{number:06d}")
            untouched = str(reference) if modality is Modality.TOUCH else ""
            entries.append(Entry(f"{number:06d}", modality, str(file), label, reference=untouched))
    return entries


def _backbones() -> Iterator[tuple[str, ShardEncoder]]:
    for name, entry in BACKBONES.items():
        try:
            backbone = known_backbone(name)
        except ConfigurationError as error:
            print(f"{name} is left out: {error.problem}")
            continue
        yield name, ShardEncoder(entry.sees, backbone.settings, _KnownNetwork(name, backbone))


class _KnownNetwork:
    """A backbone of the catalogue as a `Network`."""

    device = "CPU"

    def __init__(self, name: str, backbone: FrozenBackbone) -> None:
        self.identity, self._backbone = name, backbone
        self.size = self(np.zeros((1, *backbone.settings.input_shape), np.float32)).shape[1]

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        return self._backbone(inputs)


def _embeddings(folder: Path, count: int, size: int) -> EmbeddingShards:
    folder.mkdir()
    generator = np.random.default_rng(0)
    each = -(-count // _SHARDS)
    for number, start in enumerate(range(0, count, each)):
        ids = [str(one) for one in range(start, min(start + each, count))]
        vectors = generator.normal(size=(len(ids), size)).astype(np.float16)
        write_shard(folder / f"{number:05d}.parquet", ids, vectors, mark="random")
    return EmbeddingShards(folder)
