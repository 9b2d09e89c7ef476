"""The ways to run an encoder, each made ready once; one that is not installed gives the reason instead."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import UnavailableError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality

Run = Callable[[], object]
Input = NDArray[np.generic]


def onnx_runtime(bundle: Bundle, modality: Modality, array: Input) -> Run:
    """As the robot runs it: float32, one thread that sleeps while it waits."""
    encoder = bundle.description.encoders[modality]
    backend = OnnxRuntimeBackend(bundle.content(encoder), name=encoder.file)
    return lambda: backend.run({"input": array})


def onnx_runtime_int8(bundle: Bundle, modality: Modality, array: Input) -> Run:
    """The same with matrix products in int8; convolutions stay float32, whose int8 is slower in ONNX Runtime."""
    from training.precision.convert import to_cpu_int8  # noqa: PLC0415 (needs onnx)

    encoder = bundle.description.encoders[modality]
    backend = OnnxRuntimeBackend(to_cpu_int8(bundle.content(encoder)), name=encoder.file)
    return lambda: backend.run({"input": array})


def openvino(bundle: Bundle, modality: Modality, array: Input) -> Run:
    """OpenVINO on one core, tuned for latency."""
    if find_spec("openvino") is None:
        raise UnavailableError("OpenVINO is not installed: `pip install -r requirements/bench.txt`")
    import openvino  # noqa: PLC0415

    core = openvino.Core()
    network = core.read_model(bundle.content(bundle.description.encoders[modality]))
    # float32 as the others; on some processors it would choose bfloat16.
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    network.reshape([1, *array.shape[1:]])
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    return lambda: request.infer({"input": array})


def torch_eager(bundle: Bundle, modality: Modality, array: Input) -> Run:
    """PyTorch without compilation: the student built from its source, with other weights of the same shapes."""
    if find_spec("torch") is None:
        raise UnavailableError("PyTorch is not installed: `make setup-training`")
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    student = student_of(bundle, modality, array)
    given = torch.from_numpy(array)

    def run() -> object:
        with torch.inference_mode():
            return student(given)

    return run


def student_of(bundle: Bundle, modality: Modality, array: Input) -> Any:
    """The student whose size is that of the bundle's encoder."""
    import onnx  # noqa: PLC0415

    from training.config import StudentSize  # noqa: PLC0415
    from training.students.students import make_student, parameter_count  # noqa: PLC0415

    proto = onnx.load_from_string(bundle.content(bundle.description.encoders[modality]))
    numbers = sum(int(np.prod(one.dims)) for one in proto.graph.initializer)
    students = [make_student(modality, tuple(array.shape[1:]), size) for size in get_args(StudentSize)]
    return min(students, key=lambda student: abs(parameter_count(student) - numbers)).eval()


BASE = "ONNX Runtime fp32"
RUNTIMES: Mapping[str, Callable[[Bundle, Modality, Input], Run]] = {
    BASE: onnx_runtime,
    "ONNX Runtime int8": onnx_runtime_int8,
    "OpenVINO fp32": openvino,
    "PyTorch eager": torch_eager,
}
