"""What was seen, from a split, from labelled recordings, or from a bag: as the robot's own sensors had seen it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.fusion.fusion_head import FusionHead
from omnibind_ros.fusion.live_set import SMALLEST_QUALITY
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.replay.bag import Bag
from omnibind_ros.replay.bag_sources import guessed_configuration, sources_in
from omnibind_ros.replay.configuration import read_configuration
from omnibind_ros.replay.player import Player
from omnibind_ros.replay.resources import label_bank, messages_with_progress
from omnibind_ros.retrieval.sighting import Sighting, modalities_of, short
from training.data.entries import Entry, file_of
from training.data.inputs import InputSettings
from training.data.recording_inputs import liveliest, recording_input
from training.data.recordings import read_picture, read_recording
from training.data.sample_set import SampleSet
from training.data.sensor_inputs import Input

_THREADS = 1


class _Perceiver:
    """The encoders of a bundle, each loaded when it is first needed, and its fusion head."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._make_backend = backend_maker(_THREADS)
        self._encoders: dict[Modality, Encoder] = {}
        fusion = bundle.description.fusion
        backend = self._make_backend(bundle.content(fusion), fusion.file)
        self._head = FusionHead(backend, dimension=bundle.dimension, file=fusion.file)

    def see(self, inputs: Mapping[Modality, Input], label: str, stamp_ns: int, name: str) -> Sighting | None:
        """What sensors saw together; None where no input is good enough for the robot."""
        members = [
            Embedding(str(modality), modality, self._encode(modality, one), one[1], stamp_ns, name, self._bundle.space)
            for modality, one in inputs.items()
            if one[1] >= SMALLEST_QUALITY
        ]
        if not members:
            return None
        vector = self._head.fuse(members).vector
        # That somebody has said what it is leaves no doubt.
        return Sighting(vector, self._bundle.space, stamp_ns, short(name), short(label), 1.0, modalities_of(members))

    def _encode(self, modality: Modality, one: Input) -> NDArray[np.float32]:
        if modality not in self._encoders:
            description = self._bundle.description.encoders[modality]
            backend = self._make_backend(self._bundle.content(description), description.file)
            self._encoders[modality] = Encoder(self._bundle, modality, backend)
        vector: NDArray[np.float32] = self._encoders[modality].encode([ModelInput(one[0], one[1], 0)])[0]
        return vector


def sightings_of_split(folder: Path, bundle: Bundle) -> Iterator[Sighting]:
    """The rows of a split, as `simulate` or `cache` wrote it, by number; nobody knows when they were seen.

    Raises ConfigurationError when its inputs are not those of the bundle.
    """
    samples = SampleSet(folder)
    modalities = [modality for modality in samples.modalities if modality in bundle.modalities]
    items = {modality: samples.inputs(modality).numpy() for modality in modalities}
    quality = {modality: samples.quality(modality).tolist() for modality in modalities}
    for modality in modalities:
        expected = bundle.settings[modality].input_shape
        if items[modality].shape[1:] != expected:
            raise ConfigurationError(
                f"its {modality} inputs are {items[modality].shape[1:]}, the bundle {bundle.name} takes {expected}",
                remedy="name a split that was made for the bundle, or the recordings themselves",
                source=str(folder),
            )
    perceiver = _Perceiver(bundle)
    for row, label in enumerate(samples.label_N.tolist()):
        inputs = {modality: (items[modality][row], quality[modality][row]) for modality in modalities}
        seen = perceiver.see(inputs, samples.labels[label], 0, f"row {row}")
        if seen is not None:
            yield seen


def sightings_of_recordings(entries: Iterable[Entry], bundle: Bundle) -> Iterator[Sighting]:
    """Recordings of one id were seen together, when the first of their files was written.

    Texts are no sensors, and what the bundle has no encoder for is left out. Raises MessageError for a file that cannot
    be read.
    """
    usable = [one for one in entries if one.modality in bundle.modalities and one.modality is not Modality.TEXT]
    perceiver = _Perceiver(bundle)
    for name, group in groupby(sorted(usable, key=lambda one: (one.label, one.id)), key=lambda one: one.id):
        together = list(group)
        inputs = {one.modality: made for one in together if (made := _input(one, bundle)) is not None}
        stamp_ns = min(file_of(one.path).stat().st_mtime_ns for one in together)
        seen = perceiver.see(inputs, together[0].label, stamp_ns, name)
        if seen is not None:
            yield seen


def sightings_of_bag(path: Path, bundle: Bundle, config: Path | None, namespace: str) -> Iterator[Sighting]:
    """What a perception node would have recognised. config: its parameter file; without one the topics tell.

    Raises BagError, BackendError, ConfigurationError.
    """
    chosen = read_configuration(config) if config else guessed_configuration()
    make_backend = backend_maker(_THREADS)
    with Bag(path) as bag:
        sources = sources_in(chosen, bag.topics, namespace)
        player = Player(
            bundle,
            [source for source in sources if source.modality in bundle.modalities],
            make_backend,
            max_rate_hz=chosen.node["max_rate"],
            most_labels=1,
            labels=label_bank(chosen.node["labels"], bundle, make_backend),
        )
        heard = tuple(topic for topic in bag.topics if player.takes(topic))
        try:
            for moment in player.play(messages_with_progress(bag, heard), {}):
                if moment.recognition is not None:
                    yield Sighting.of(moment.recognition, bundle.space)
        finally:
            player.close()


def _input(entry: Entry, bundle: Bundle) -> Input | None:
    settings = cast(InputSettings, bundle.settings[entry.modality])
    reading = liveliest(entry.modality, read_recording(entry.modality, entry.path), settings)
    reference = {"reference": read_picture(Path(entry.reference))} if entry.reference else {}
    return recording_input(entry.modality, reading, settings, **reference)
