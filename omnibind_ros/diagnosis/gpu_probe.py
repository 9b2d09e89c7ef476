"""Looks at the GPU, TensorRT and the engines of a bundle: `python -m omnibind_ros.diagnosis.gpu_probe`.

In a process of its own, because TensorRT ends the process that imports it where it does not get along with the driver.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.engines.accelerator import accelerator
from omnibind_ros.inference.engines.engine_key import engine_key
from omnibind_ros.inference.engines.network import networks

_LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Probe:
    """problem, remedy: why there is nothing; empty otherwise. engines: whether it is built, by network."""

    gpu: str = ""
    library: str = ""
    engines: dict[str, bool] = field(default_factory=dict)
    problem: str = ""
    remedy: str = ""


def look(backend: str, precision: str, bundle: Path, cache: Path) -> Probe:
    """What is there for a backend (`auto`, `tensorrt`, `tensorrt_rtx`) and precision. cache: folder of the engines."""
    try:
        found = accelerator(backend, cache)
        ready = {
            network.part: found.cache.plan(engine_key(network, found.library, found.gpu)) is not None
            for network in networks(load_bundle(bundle), precision).values()
        }
    except BackendError as error:
        return Probe(problem=error.problem, remedy=error.remedy)
    runtime = f"CUDA {found.gpu.cuda_runtime // 1000}.{found.gpu.cuda_runtime % 1000 // 10}"
    gpu = f"{found.gpu.name}, compute capability {found.gpu.compute_capability}, {runtime}"
    return Probe(gpu=gpu, library=f"{found.library.name} {found.library.version}", engines=ready)


def look_safely(backend: str, precision: str, bundle: Path, cache: Path) -> Probe:
    """The same in another process; how that ended, where it did not survive."""
    command = [sys.executable, "-m", __name__, backend, precision, str(bundle), str(cache)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_S)  # noqa: S603
        if done.returncode == 0:
            return Probe(**json.loads(done.stdout.splitlines()[-1]))
        how = f"with status {done.returncode}" if done.returncode > 0 else f"by signal {-done.returncode}"
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    except subprocess.TimeoutExpired:
        how, last = f"because it did not answer for {_LIMIT_S:g} s", "it said nothing"
    except (ValueError, TypeError, IndexError) as error:
        how, last = "without an answer", str(error)
    return Probe(
        problem=f"TensorRT or CUDA ended the process that looked at the GPU {how}: {last}",
        remedy="install a driver and a TensorRT that belong together (docs/tensorrt.md), or set `backend: onnxruntime`",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a `Probe` as a line of JSON. Arguments: backend, precision, folder of the bundle, folder of the engines."""
    backend, precision, bundle, cache = sys.argv[1:] if arguments is None else arguments
    print(json.dumps(asdict(look(backend, precision, Path(bundle), Path(cache)))))


if __name__ == "__main__":
    main()
