"""What an engine was built for: where any of it differs, the engine is another one."""

import hashlib
import json
import platform
import re
from dataclasses import dataclass
from typing import Any

from omnibind_ros.inference.engines.gpu import Gpu
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import Network
from omnibind_ros.inference.engines.tensorrt_builder import FLAGS


@dataclass(frozen=True, slots=True)
class EngineKey:
    """Everything that decides what an engine is, as JSON-able values."""

    network: str
    about: dict[str, Any]

    @property
    def digest(self) -> str:
        """One number for all of it."""
        return _digest({"network": self.network, **self.about})

    @property
    def file(self) -> str:
        """Name of the engine's file, which says what it is for."""
        return f"{re.sub(r'[^A-Za-z0-9_.-]', '-', self.network)}-{self.digest}.plan"

    @property
    def timing_file(self) -> str:
        """Name of the file with the kernel timings, which hold for all networks on this GPU with this library."""
        return f"{self.about['library']}-{_digest(self.machine)}.timing"

    @property
    def machine(self) -> dict[str, Any]:
        """The part that is not about the network."""
        parts = ("library", "version", "gpu", "compute_capability", "cuda_runtime", "system")
        return {part: self.about[part] for part in parts}


def engine_key(network: Network, library: Library, gpu: Gpu) -> EngineKey:
    """The key of a network compiled by this library for this GPU on this computer."""
    return EngineKey(
        network.name,
        {
            "onnx_sha256": network.sha256,
            "precision": network.precision,
            "shapes": {
                name: [list(shapes.smallest), list(shapes.usual), list(shapes.largest)]
                for name, shapes in network.shapes.items()
            },
            "flags": list(FLAGS),
            "library": library.name,
            "version": library.version,
            "gpu": gpu.name,
            "compute_capability": gpu.compute_capability,
            "cuda_runtime": gpu.cuda_runtime,
            "system": f"{platform.system()} {platform.machine()}",
        },
    )


def _digest(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
