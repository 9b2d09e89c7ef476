"""Whether ONNX Runtime runs every network of the bundle on this computer, and how long that takes."""

import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning
from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.engines.network import Network, networks
from omnibind_ros.pipeline.encoders import MakeBackend

_SUBJECT = "ONNX Runtime"


def check_networks(
    bundle: Bundle, make_backend: MakeBackend, max_rate_hz: float, clock: Callable[[], float] = time.perf_counter
) -> Iterator[Finding]:
    """Run each network once, after a first run that does not count. clock: in seconds."""
    took_ms: dict[str, float] = {}
    for network in networks(bundle, "fp32").values():
        try:
            backend = make_backend(network.model, network.name)
            feeds = _nothing(network)
            backend.run(feeds)
            took_ms[network.part] = _milliseconds(backend, feeds, clock)
            backend.close()
        except BackendError as error:
            yield problem(_SUBJECT, f"{network.part}: {error.problem}", error.remedy)
    told = ", ".join(f"{part} {took:.1f}" for part, took in took_ms.items())
    total_ms = sum(took_ms.values())
    if total_ms > 1000 / max_rate_hz:
        yield warning(
            _SUBJECT,
            f"one of each needs {total_ms:.0f} ms ({told}): {max_rate_hz:g} recognitions a second are too many for it",
            "lower `max_rate`, raise `threads`, or use a GPU (docs/tensorrt.md)",
        )
    elif took_ms:
        yield ok(_SUBJECT, f"{onnxruntime.__version__} runs all {len(took_ms)} networks; ms for each: {told}")


def _nothing(network: Network) -> Mapping[str, NDArray[np.generic]]:
    """One input of zeros, of which the fusion head uses as many as usual."""
    types: dict[str, type[np.generic]] = {"modality": np.int64, "live": np.bool_}
    inputs = {
        name: np.zeros(shapes.usual, np.int64 if network.part == "text" else types.get(name, np.float32))
        for name, shapes in network.shapes.items()
    }
    if "live" in inputs:
        inputs["live"][:] = True
    return inputs


def _milliseconds(backend: Backend, feeds: Mapping[str, NDArray[np.generic]], clock: Callable[[], float]) -> float:
    started_s = clock()
    backend.run(feeds)
    return (clock() - started_s) * 1000
