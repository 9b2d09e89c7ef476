"""Frozen networks without a text side: an ONNX or TFLite file in, unit vectors out.

Shape legend: B batch, F features.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing import audio, image
from training.data.real_data import real_data_folder
from training.teachers.pretrained.catalogue import BACKBONES
from training.teachers.pretrained.weights import sha256_of

Settings: TypeAlias = image.ImageSettings | audio.AudioSettings
Run: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]


class FrozenBackbone:
    """Model inputs (B, *settings.input_shape) float32, as the robot prepares them, to unit vectors (B, F) float32."""

    def __init__(self, run: Run, settings: Settings) -> None:
        self._run = run
        self.settings = settings

    def __call__(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit vectors (B, F); all zeros stay zeros."""
        feature_BF = self._run(inputs).reshape(len(inputs), -1)
        length_B1 = np.linalg.norm(feature_BF, axis=1, keepdims=True)
        return np.asarray(feature_BF / np.maximum(length_B1, 1e-12), np.float32)


def known_backbone(name: str, folder: Path | None = None) -> FrozenBackbone:
    """A backbone of the catalogue, its file compared with the catalogue's hash. Raises ConfigurationError.

    folder: of the real data; None: as `real_data_folder` finds it.
    """
    if name not in BACKBONES:
        raise ConfigurationError("no such backbone", remedy=f"take one of {', '.join(BACKBONES)}", source=name)
    entry = BACKBONES[name]
    path = real_data_folder("networks are", [entry.path], folder) / entry.path
    if sha256_of(path) != entry.sha256:
        raise ConfigurationError("not the file that is known", remedy="copy it again", source=str(path))
    presets: Mapping[str, Settings] = image.PRESETS if entry.sees is Modality.IMAGE else audio.PRESETS
    preset = presets[entry.preset]
    settings = preset.model_validate({**preset.model_dump(), **entry.changes, "name": name})
    return open_backbone(path, settings, entry.feature)


def open_backbone(path: Path, settings: Settings, feature: str | None = None) -> FrozenBackbone:
    """A backbone of a file, by its ending `.onnx` or `.tflite`.

    settings: of the preprocessing that it expects. feature: name of the tensor that is the embedding; None: the first
    output. Channels may come first or last in the file. Raises ConfigurationError.
    """
    makers = {".onnx": _onnx, ".tflite": _tflite}
    if path.suffix not in makers:
        raise ConfigurationError("no network that is known", remedy="give an .onnx or .tflite file", source=str(path))
    if not path.is_file():
        raise ConfigurationError("there is no such file", remedy="correct the path", source=str(path))
    return FrozenBackbone(makers[path.suffix](path, settings.input_shape, feature), settings)


def _onnx(path: Path, shape: tuple[int, ...], feature: str | None) -> Run:
    model = onnx.load(path)
    made = {name for node in model.graph.node for name in node.output}
    if feature is not None and feature not in {value.name for value in model.graph.output}:
        if feature not in made:
            raise _no_feature(path, feature)
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(feature))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    axes = _axes(path, tuple(given.shape[1:]), shape)
    wanted = feature or session.get_outputs()[0].name

    def run(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        (features,) = session.run([wanted], {given.name: np.ascontiguousarray(inputs.transpose(axes))})
        return np.asarray(features, np.float32)

    return run


def _tflite(path: Path, shape: tuple[int, ...], feature: str | None) -> Run:
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: PLC0415 an extra
    except ImportError as error:
        raise ConfigurationError(
            "a TFLite network needs ai-edge-litert, which is not installed",
            remedy="run `make setup-teachers`, or pip install -r requirements/teachers.txt",
            source=str(path),
        ) from error
    interpreter = Interpreter(
        str(path),
        num_threads=1,
        experimental_preserve_all_tensors=feature is not None,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    axes = _axes(path, tuple(int(size) for size in given["shape"][1:]), shape)
    tensors = interpreter.get_tensor_details()
    found = next((tensor for tensor in tensors if tensor["name"] == feature), None)
    if feature is not None and found is None:
        raise _no_feature(path, feature)
    wanted = found or interpreter.get_output_details()[0]

    def run(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        features = []
        for one in np.ascontiguousarray(inputs.transpose(axes)):  # the file's batch is one
            interpreter.set_tensor(given["index"], _quantised(one[None], given["dtype"], *given["quantization"]))
            interpreter.invoke()
            features.append(_real(interpreter.get_tensor(wanted["index"]), *wanted["quantization"]))
        return np.concatenate(features)

    return run


def _quantised(array: NDArray[np.float32], dtype: type, scale: float, zero: int) -> NDArray[Any]:
    if np.issubdtype(dtype, np.floating):
        return array.astype(dtype)
    limits = np.iinfo(dtype)
    return np.asarray(np.clip(np.rint(array / scale) + zero, limits.min, limits.max), dtype)


def _real(array: NDArray[Any], scale: float, zero: int) -> NDArray[np.float32]:
    if np.issubdtype(array.dtype, np.floating):
        return array.astype(np.float32)
    return np.asarray((array.astype(np.float32) - zero) * scale, np.float32)


def _axes(path: Path, file_shape: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The order in which the file takes the axes of (B, *shape). Raises ConfigurationError."""
    channels_last = (0, *range(2, len(shape) + 1), 1)
    for axes in (tuple(range(len(shape) + 1)), channels_last):
        if tuple(shape[axis - 1] for axis in axes[1:]) == file_shape:
            return axes
    raise ConfigurationError(
        f"the network takes {file_shape}, and its preprocessing makes {shape}",
        remedy="give the settings that the network was trained with",
        source=str(path),
    )


def _no_feature(path: Path, feature: str) -> ConfigurationError:
    return ConfigurationError(
        f"the network has no tensor {feature}", remedy="look the name up with Netron", source=str(path)
    )
