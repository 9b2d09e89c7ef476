"""Backends for the networks of a bundle on the GPU: from the cache at once, or when their engines are built."""

import threading
from collections.abc import Callable, Mapping, Sequence

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.accelerator import Accelerator
from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.inference.engines.builder_process import BuilderProcess
from omnibind_ros.inference.engines.engine_builder import Report
from omnibind_ros.inference.engines.network import Network
from omnibind_ros.inference.engines.tensorrt_backend import TensorRtBackend

Command = Callable[[Network], Sequence[str]]


class EngineMaker:
    """`networks` by file, as `network.networks` gives them. Thread-safe.

    command: what builds a network's engine in a process of its own. report: called with what comes of `ready` and how
    builds are going, in the thread that calls these.
    """

    def __init__(
        self, accelerator: Accelerator, networks: Mapping[str, Network], command: Command, report: Report
    ) -> None:
        self._accelerator = accelerator
        self._networks = networks
        self._command = command
        self._report = report
        self._lock = threading.Lock()
        self._closed = False
        self._processes: set[BuilderProcess] = set()
        self._failed: set[str] = set()

    def ready(self, file: str) -> TensorRtBackend | None:
        """The network of this file on the GPU, if its engine is there.

        None where it cannot be loaded either, which is reported as `FAILED`: other backends go on.
        """
        try:
            backend = self._accelerator.backend(self._networks[file])
        except BackendError as error:
            self._fail(file, str(error))
            return None
        if backend is not None:
            self._failed.discard(file)
            self._report(BuildProgress(self._networks[file].name, BuildState.READY, 1.0))
        return backend

    def build(self, file: str) -> TensorRtBackend | None:
        """The same after building the engine, which takes minutes.

        None where the engine cannot be built, which is tried once, or `close` was called.
        """
        if file in self._failed:
            return None
        backend = self.ready(file)
        if backend is None and file not in self._failed:
            if self._built(file):
                return self.ready(file)
            self._failed.add(file)
        return backend

    def close(self) -> None:
        """End what is being built; there is no more."""
        with self._lock:
            self._closed = True
            for process in self._processes:
                process.end()

    def _built(self, file: str) -> bool:
        network = self._networks[file]
        with self._lock:
            if self._closed:
                return False
            try:
                process = BuilderProcess(self._command(network))
            except OSError as error:
                problem = BackendError(f"the builder cannot be started: {error}", remedy="free memory or processes")
                self._fail(file, str(problem))
                return False
            self._processes.add(process)
        built = process.wait(network.name, self._report)
        with self._lock:
            self._processes.discard(process)
        return built

    def _fail(self, file: str, problem: str) -> None:
        self._failed.add(file)
        self._report(BuildProgress(self._networks[file].name, BuildState.FAILED, problem=problem))
