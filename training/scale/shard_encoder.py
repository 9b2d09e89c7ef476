"""A frozen encoder over the recordings of a shard: the robot's preprocessing, then its network.

Shape legend: N items, B batch, D embedding size.
"""

import hashlib
import itertools
import json
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

import omnibind_ros
import training.data
from omnibind_ros.errors import ConfigurationError, OmnibindError
from omnibind_ros.fusion.live_set import SMALLEST_QUALITY
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.encoder import OUTPUT_NAME
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.resources import bundle_folder
from omnibind_ros.preprocessing.text import TextSettings, prepare_text
from training.data.recording_inputs import liveliest, recording_input
from training.data.recordings import read_recording
from training.data.sensor_inputs import Input
from training.projection.add_modality import settings_of_modality
from training.projection.encode import encoder_network, run_network
from training.run_folder import source_hash
from training.scale.recording_shards import StoredRecording

_BATCH = 64
_MAKERS = ("recordings.py", "recording_inputs.py", "radiometric.py", "sensor_inputs.py")
_GPU, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


@dataclass(frozen=True)
class EncoderSpec:
    """Which encoder: of a bundle, or an ONNX file with its preprocessing. It can be sent to another process.

    bundle: name or folder. output: of the backbone's outputs, where it has several. preset, preprocessing: as
    `add-modality` takes them. readers: threads that decode and prepare beside the network.
    """

    modality: Modality
    bundle: str | None = None
    backbone: Path | None = None
    output: str | None = None
    preset: str = "compact"
    preprocessing: Path | None = None
    readers: int = 1

    def open(self, *, device: int = 0, threads: int = 1) -> "ShardEncoder":
        """Load it on a GPU where ONNX Runtime has one, else on the CPU. Raises ConfigurationError, BundleError."""
        if self.bundle is not None:
            bundle = load_bundle(bundle_folder(self.bundle))
            file, content = encoder_network(bundle, self.modality)
            told = bundle.description.tokenizer if self.modality is Modality.TEXT else None
            network = OnnxNetwork(content, file, OUTPUT_NAME, device=device, threads=threads)
            tokenizer = None if told is None else bundle.content(told)
            settings = bundle.settings[self.modality]
            return ShardEncoder(self.modality, settings, network, tokenizer=tokenizer, readers=self.readers)
        if self.backbone is None or self.modality is Modality.TEXT:
            raise ConfigurationError(
                f"{self.modality} without a bundle", remedy="name a bundle, or a backbone of another modality than text"
            )
        try:
            content = self.backbone.read_bytes()
        except OSError as error:
            raise ConfigurationError(
                f"it cannot be read: {error}", remedy="correct the path", source=str(self.backbone)
            ) from error
        chosen = settings_of_modality(self.modality, self.preset, self.preprocessing)
        network = OnnxNetwork(content, str(self.backbone), self.output, device=device, threads=threads)
        return ShardEncoder(self.modality, chosen, network, readers=self.readers)


class Network(Protocol):
    """Model inputs (B, *input_shape) to embeddings (B, D). identity: changes with its weights."""

    size: int
    device: str
    identity: str

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """Embed a batch."""


class OnnxNetwork:
    """A network of ONNX Runtime. Raises ConfigurationError for one of other inputs or outputs when it is first run."""

    def __init__(self, content: bytes, name: str, output: str | None, *, device: int = 0, threads: int = 1) -> None:
        gpus = [(_GPU, {"device_id": device})] if _GPU in onnxruntime.get_available_providers() else []
        self._backend = OnnxRuntimeBackend(content, name=name, threads=threads, providers=[*gpus, _CPU])
        self._output = output
        shapes = {spec.name: spec.shape for spec in self._backend.outputs}
        self.size = shapes.get(output or "", next(iter(shapes.values())))[-1] or 1
        self.device = self._backend.device
        self.identity = f"{output} {hashlib.sha256(content).hexdigest()}"

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """Embed a batch."""
        return run_network(self._backend, inputs, self._output)


@dataclass(frozen=True, eq=False)
class Encoded:
    """What became of a shard's recordings. left_out: id and problem of those that gave no embedding."""

    ids: list[str]
    vector_ND: NDArray[np.float32]
    left_out: list[tuple[str, str]]


class ShardEncoder:
    """Embeddings of recordings as they come by; a few batches of inputs are held at a time.

    digest: changes with the network, the preprocessing's constants and the code of both.
    """

    def __init__(
        self,
        modality: Modality,
        settings: Any,
        network: Network,
        *,
        tokenizer: bytes | None = None,
        readers: int = 1,
    ) -> None:
        """settings: of the modality's preprocessing; tokenizer: for texts; readers: as `EncoderSpec`."""
        self.modality = modality
        self.network = network
        self._settings, self._readers = settings, readers
        self._tokenizer = Tokenizer.from_str(tokenizer.decode()) if tokenizer is not None else None
        self._numbers = itertools.count()
        preprocessing = Path(omnibind_ros.__file__).parent / "preprocessing"
        code = source_hash([preprocessing, *(Path(training.data.__file__).parent / name for name in _MAKERS)])
        told = [modality, settings.model_dump(mode="json"), network.identity, code]
        self.digest = hashlib.sha256(json.dumps(told).encode() + (tokenizer or b"")).hexdigest()

    def __call__(self, recordings: Iterable[StoredRecording]) -> Encoded:
        """Embed recordings. Raises ConfigurationError for a network of other inputs or outputs."""
        ids: list[str] = []
        parts: list[NDArray[np.float32]] = []
        left_out: list[tuple[str, str]] = []
        for batch in self._prepared(recordings):
            good = [(name, made) for name, made in batch if not isinstance(made, str)]
            left_out += [(name, made) for name, made in batch if isinstance(made, str)]
            if good:
                ids += [name for name, _ in good]
                parts.append(self.network(np.stack([made for _, made in good])))
        return Encoded(ids, np.concatenate(parts) if parts else np.zeros((0, self.network.size), np.float32), left_out)

    def inputs(self, recordings: Iterable[StoredRecording]) -> list[NDArray[np.generic]]:
        """What the network would be given."""
        return [made for batch in self._prepared(recordings) for _, made in batch if not isinstance(made, str)]

    def _prepared(self, recordings: Iterable[StoredRecording]) -> Iterator[list[tuple[str, NDArray[np.generic] | str]]]:
        """Batches of ids with the model's input or what is wrong; the next one is made while one is used."""
        ahead: deque[list[Future[tuple[str, NDArray[np.generic] | str]]]] = deque()
        with (
            tempfile.TemporaryDirectory() as folder,
            ThreadPoolExecutor(self._readers, thread_name_prefix="reader") as readers,
        ):
            remaining = iter(recordings)
            while batch := list(itertools.islice(remaining, _BATCH)):
                ahead.append([readers.submit(self._prepare, one, Path(folder)) for one in batch])
                if len(ahead) > 1:
                    yield [future.result() for future in ahead.popleft()]
            for last in ahead:
                yield [future.result() for future in last]

    def _prepare(self, recording: StoredRecording, folder: Path) -> tuple[str, NDArray[np.generic] | str]:
        try:
            made = self._input(recording, folder)
        except OmnibindError as error:
            return recording.id, error.problem
        if made is None:
            return recording.id, "the preprocessing refuses it"
        array, quality = made
        return recording.id, array if quality >= SMALLEST_QUALITY else f"its quality is {quality:.2f}"

    def _input(self, recording: StoredRecording, folder: Path) -> Input | None:
        """Raises MessageError and InputError."""
        reading = self._read(recording.content, recording.ending, folder)
        if isinstance(self._settings, TextSettings):
            return prepare_text(reading, self._tokenizer, self._settings), 1.0  # type: ignore[arg-type]
        resources = {}
        if recording.reference:
            resources["reference"] = self._read(recording.reference, ".png", folder)
        lively = liveliest(self.modality, reading, self._settings)
        return recording_input(self.modality, lively, self._settings, **resources)

    def _read(self, content: bytes, ending: str, folder: Path) -> Any:
        """Decode through a file, which is what the readers of recordings take."""
        file = folder / f"{next(self._numbers)}{ending}"  # never one name twice: readers may remember
        file.write_bytes(content)
        try:
            return read_recording(self.modality, str(file))
        finally:
            file.unlink()
