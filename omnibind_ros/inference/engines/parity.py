"""Whether an engine does what the network it was made of does: compilers have faults, and half precision overflows."""

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import Backend, TensorSpec
from omnibind_ros.inference.engines.network import Network
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend

# Below every precision's own rounding, also for noise, which int8 was not calibrated for; far above chance.
LEAST_COSINE = 0.9


def check_parity(network: Network, engine: Backend) -> None:
    """Compare with the original on ONNX Runtime, with noise of the usual shape. Raises BackendError when not alike."""
    random = np.random.default_rng(0)
    feeds = {spec.name: _noise(spec, network.shapes[spec.name].usual, random) for spec in engine.inputs}
    original = OnnxRuntimeBackend(network.original, name=network.file)
    expected, actual = original.run(feeds), engine.run(feeds)
    for name, vectors in expected.items():
        cosine = _least_cosine(vectors, actual[name])
        if not cosine >= LEAST_COSINE:
            raise BackendError(
                f"the engine's {name} is not that of the network: cosine {cosine:.2f}",
                remedy="choose the precision fp32, or the backend onnxruntime",
                source=network.file,
            )


def _noise(spec: TensorSpec, shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.generic]:
    """Values that mean something to every network: numbers from 0 to 1, small token and modality numbers, all live."""
    if spec.dtype == np.bool_:
        return np.ones(shape, np.bool_)
    if spec.dtype == np.int64:
        return random.integers(0, 7, shape)
    return random.random(shape).astype(spec.dtype)


def _least_cosine(first_BD: NDArray[np.generic], second_BD: NDArray[np.generic]) -> float:
    first_BD, second_BD = (vectors.astype(np.float64) for vectors in (first_BD, second_BD))
    norms_B = np.linalg.norm(first_BD, axis=-1) * np.linalg.norm(second_BD, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):  # no number is not alike either
        return float(((first_BD * second_BD).sum(axis=-1) / norms_B).min())
