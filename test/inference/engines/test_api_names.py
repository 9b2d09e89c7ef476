"""Every name of TensorRT and CUDA that the sources use is in the libraries that are installed here.

No method is called and no GPU needed; that they do what is expected of them is another question.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from omnibind_ros.inference.engines import cuda_stream, gpu, library, tensorrt_builder, tensorrt_engine

# The libraries' objects, by how the sources name them or get them
CLASSES = {
    "builder": "Builder",
    "definition": "INetworkDefinition",
    "parser": "OnnxParser",
    "profile": "IOptimizationProfile",
    "_runtime": "Runtime",
    "engine": "ICudaEngine",
    "_engine": "ICudaEngine",
    "context": "IExecutionContext",
    "_context": "IExecutionContext",
    "get_input": "ITensor",
    "get_error": "ParserError",
    "timings": "ITimingCache",
    "get_tensor_dtype": "DataType",
}
CONFIGURATIONS = {tensorrt_builder: "IBuilderConfig", tensorrt_engine: "IRuntimeConfig"}
BUILDING, RUNNING = (library, tensorrt_builder), (library, tensorrt_engine)
# Used only where the library is TensorRT for RTX
OF_RTX = {"IRuntimeConfig", "DynamicShapesKernelSpecializationStrategy", "ICudaEngine.create_runtime_config"}


def names_in(module: ModuleType, roots: set[str]) -> Iterator[str]:
    """Dotted names of the library behind `roots`, and `Class.attribute` for what is done with its objects."""
    classes = {**CLASSES, "config": CONFIGURATIONS.get(module, "")}
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Attribute):
            continue
        chain = [node.attr]
        base = node.value
        while isinstance(base, ast.Attribute) and base.attr not in roots | classes.keys():
            chain.insert(0, base.attr)
            base = base.value
        if isinstance(base, ast.Call) and isinstance(base.func, ast.Attribute):
            base = base.func
        name = base.id if isinstance(base, ast.Name) else base.attr if isinstance(base, ast.Attribute) else ""
        if name in roots:
            yield ".".join(chain)
        elif name in classes:
            yield ".".join([classes[name], chain[0]])


def has(library: ModuleType, dotted: str) -> bool:
    value = library
    for part in dotted.split("."):
        if not hasattr(value, part):
            return False
        value = getattr(value, part)
    return True


def installed(name: str) -> ModuleType:
    return pytest.importorskip(name, reason=f"{name} is not installed here", exc_type=ImportError)


@pytest.mark.parametrize(
    ("name", "modules"),
    [("tensorrt", {*BUILDING, *RUNNING}), ("tensorrt_rtx", {*BUILDING, *RUNNING}), ("tensorrt_lean", {*RUNNING})],
)
def test_every_name_of_tensorrt_is_there(name: str, modules: set[ModuleType]) -> None:
    trt = installed(name)
    used = {used for module in modules for used in names_in(module, {"trt", "_trt"})}
    if name != "tensorrt_rtx":
        used = {one for one in used if not any(one.startswith(prefix) for prefix in OF_RTX)}
    assert {one for one in used if not has(trt, one)} == set()


def test_every_name_of_cuda_is_there() -> None:
    cuda = installed("cuda.bindings.runtime")
    used = {used for module in (gpu, cuda_stream) for used in names_in(module, {"cuda", "_cuda"})}
    assert {one for one in used if not has(cuda, one)} == set()


def test_the_names_are_found_in_the_sources() -> None:
    of_tensorrt = {used for module in (*BUILDING, *RUNNING) for used in names_in(module, {"trt", "_trt"})}
    assert of_tensorrt >= {
        "Builder",
        "NetworkDefinitionCreationFlag.STRONGLY_TYPED",
        "IBuilderConfig.set_memory_pool_limit",
        "ITensor.name",
        "ParserError.desc",
        "ITimingCache.serialize",
        "IProgressMonitor",
        "Runtime.deserialize_cuda_engine",
        "ICudaEngine.device_memory_size_v2",
        "IExecutionContext.execute_async_v3",
        "IRuntimeConfig.dynamic_shapes_kernel_specialization_strategy",
        "DataType.name",
    }
    of_cuda = {used for module in (gpu, cuda_stream) for used in names_in(module, {"cuda", "_cuda"})}
    assert of_cuda >= {
        "cudaGetDeviceCount",
        "cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal",
        "cudaGraphLaunch",
    }
