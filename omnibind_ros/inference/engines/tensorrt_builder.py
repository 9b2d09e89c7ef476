"""Compiles an ONNX network: all that is asked of TensorRT's builder, which needs no GPU in TensorRT for RTX.

Strongly typed: the types in the ONNX file are those that are computed with. Nothing that TensorRT 11 removed is used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.build_phases import BuildPhases
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import Network

WORKSPACE_BYTES = 1 << 30
# What decides what is built, besides the network, the library and the GPU.
FLAGS = ("strongly typed", "no TF32", f"workspace {WORKSPACE_BYTES}")


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled network, and how long which kernel took: the next build starts with that."""

    content: bytes
    timing_cache: bytes


def compile_network(library: Library, network: Network, timing_cache: bytes, report: Callable[[float], None]) -> Plan:
    """Compile for the GPU of this computer. Raises BackendError when the network is refused or the build fails.

    timing_cache: of an earlier build with the same library and GPU, or empty. report: called with the share that is
    done, in [0, 1], from threads of the library; what it raises ends the build and is raised here.
    """
    trt = library.module
    library.last_problem()  # what came before is not about this network
    builder = trt.Builder(library.logger)
    network_flags = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    definition = builder.create_network(network_flags)
    parser = trt.OnnxParser(definition, library.logger)
    if not parser.parse(network.model):
        problems = [parser.get_error(index).desc() for index in range(parser.num_errors)]
        raise _refused(network, f"{library.name} {library.version} cannot load the network: {'; '.join(problems)}")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE_BYTES)
    config.clear_flag(trt.BuilderFlag.TF32)  # fp32 is fp32; who wants it faster takes fp16
    if library.name == "tensorrt":  # the other chooses kernels when it runs, and warns of timing caches
        known = config.create_timing_cache(timing_cache) or config.create_timing_cache(b"")
        config.set_timing_cache(known, False)
    profile = builder.create_optimization_profile()
    for index in range(definition.num_inputs):
        name = definition.get_input(index).name
        if name not in network.shapes:
            raise _refused(network, f"the network has an input `{name}`, which is not known here")
        shapes = network.shapes[name]
        profile.set_shape(name, shapes.smallest, shapes.usual, shapes.largest)
    config.add_optimization_profile(profile)
    monitor = _monitor(trt, BuildPhases(report))
    config.progress_monitor = monitor
    serialized = builder.build_serialized_network(definition, config)
    if monitor.stopped_by is not None:
        raise monitor.stopped_by
    if serialized is None:
        raise _refused(network, f"{library.name} {library.version} cannot compile it: {library.last_problem()}")
    timings = config.get_timing_cache() if library.name == "tensorrt" else None
    return Plan(bytes(memoryview(serialized)), bytes(memoryview(timings.serialize())) if timings else b"")


def _refused(network: Network, problem: str) -> BackendError:
    return BackendError(
        problem, remedy="choose the backend onnxruntime, or export the bundle again", source=network.file
    )


def _monitor(trt: Any, phases: BuildPhases) -> Any:
    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        """No exception may leave its methods: C++ called them, and the process would end."""

        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self.stopped_by: BaseException | None = None

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            phases.started(phase_name, parent_phase, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            """Whether to go on."""
            try:
                phases.step_done(phase_name, step)
            except BaseException as error:  # Ctrl-C too
                self.stopped_by = error
            return self.stopped_by is None

        def phase_finish(self, phase_name: str) -> None:
            phases.finished(phase_name)

    return Monitor()
