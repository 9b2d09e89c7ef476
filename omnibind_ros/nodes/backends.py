"""What runs the networks of a node: ONNX Runtime at once, and TensorRT as soon as its engines are there."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor

from rclpy.node import Node

from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.engines.accelerator import Accelerator, find_accelerator
from omnibind_ros.inference.engines.engine_maker import EngineMaker
from omnibind_ros.inference.engines.network import networks
from omnibind_ros.inference.engines.tensorrt_backend import TensorRtBackend
from omnibind_ros.nodes.build_engines import ENGINES, background_command
from omnibind_ros.nodes.build_status import BuildStatus
from omnibind_ros.nodes.parameters import value
from omnibind_ros.pipeline.background import Lanes
from omnibind_ros.pipeline.encoders import MakeBackend, Upgrade
from omnibind_ros.pipeline.resources import cache_folder, precise_backend_maker


class BundleBackends:
    """Those of one bundle's networks. `make` and `upgrade` are what `Encoders` and `RecognitionPipeline` take."""

    def __init__(self, bundle: Bundle, precision: str, on_cpu: MakeBackend, builds: BuildStatus) -> None:
        self.builds = builds
        self.upgrade: Upgrade | None = None
        self._bundle = bundle
        self._precision = precision
        self._on_cpu = on_cpu
        self._engines: EngineMaker | None = None

    def accelerate(self, accelerator: Accelerator, lane: Executor) -> None:
        """Run on the GPU what is built for it, and build the rest in the lane."""
        library, precision = accelerator.library.name, self._precision
        engines = self._engines = EngineMaker(
            accelerator,
            networks(self._bundle, precision),
            lambda network: background_command(self._bundle, network, library, precision),
            self.builds.report,
        )
        self.upgrade = Upgrade(lambda _, file: engines.build(file), lane, _is_no_engine)

    def make(self, model: bytes, file: str) -> Backend:
        """A backend for a network, at once. Raises BackendError."""
        engine = None if self._engines is None else self._engines.ready(file)
        return self._on_cpu(model, file) if engine is None else engine

    def close(self) -> None:
        """End what is being built for the bundle. Its backends belong to those who had them made."""
        if self._engines is not None:
            self._engines.close()


class Backends:
    """Shared by the two halves of a node; any thread may call it. `wake`: wakes the worker."""

    def __init__(self, node: Node, wake: Callable[[], None]) -> None:
        self._node = node
        # Of its own: an encoder that has to be loaded must not wait for a build of minutes.
        self._lane = Lanes("omnibind engines", 1, wake)
        self._accelerator: Accelerator | None = None
        self._lock = threading.Lock()
        self._of: dict[Bundle, BundleBackends] = {}

    def find(self) -> None:
        """Look for what the parameter `backend` asks for.

        Raises BackendError when it is asked for by name and missing.
        """
        logger, backend = self._node.get_logger(), value(self._node, "backend")
        self._accelerator = find_accelerator(backend, cache_folder() / ENGINES)
        if self._accelerator is not None:
            logger.info(f"{self._name} runs every network whose engine is built, ONNX Runtime the others")
        elif backend == "auto":
            logger.info("ONNX Runtime runs the networks; for a GPU `ros2 run omnibind_ros doctor` says what is missing")

    def of(self, bundle: Bundle) -> BundleBackends:
        """The backends of a bundle, the same at every call until it is dropped."""
        with self._lock:
            if bundle not in self._of:
                precision = value(self._node, "precision")
                on_cpu = precise_backend_maker(bundle, precision, value(self._node, "threads"))
                made = BundleBackends(bundle, precision, on_cpu, BuildStatus(self._node.get_logger()))
                if self._accelerator is not None:
                    made.accelerate(self._accelerator, self._lane)
                self._of[bundle] = made
            return self._of[bundle]

    def drop(self, bundle: Bundle) -> None:
        """The bundle is not used any more, or was not used after all."""
        with self._lock:
            dropped = self._of.pop(bundle, None)
        if dropped is not None:
            dropped.close()

    def close(self) -> None:
        """Drop every bundle, and wait until nothing is built any more."""
        for bundle in list(self._of):
            self.drop(bundle)
        self._lane.shutdown()
        self._accelerator = None

    @property
    def failed(self) -> tuple[str, ...]:
        """The parts of the bundle in use whose engine could not be built or loaded."""
        in_use = self._in_use()
        return in_use.builds.failed if in_use else ()

    def details(self) -> dict[str, str]:
        """For the diagnostics: what runs networks here, and how its engines are going."""
        in_use = self._in_use()
        return {"backend": self._name, **(in_use.builds.details() if in_use else {})}

    @property
    def _name(self) -> str:
        found = self._accelerator
        return f"{found.library.name} {found.library.version} on {found.gpu.name}" if found else "onnxruntime"

    def _in_use(self) -> BundleBackends | None:
        """The oldest: what comes after it is only being prepared."""
        with self._lock:
            return next(iter(self._of.values()), None)


def _is_no_engine(backend: Backend) -> bool:
    return not isinstance(backend, TensorRtBackend)
