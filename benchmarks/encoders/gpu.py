"""The ways to run an encoder on an NVIDIA GPU: PyTorch, the same as a CUDA graph, and the robot's TensorRT engines."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec

from benchmarks.encoders.runtimes import Input, Run, student_of
from benchmarks.result import UnavailableError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.engines.accelerator import find_accelerator
from omnibind_ros.inference.engines.engine_maker import EngineMaker
from omnibind_ros.inference.engines.network import networks
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.build_engines import ENGINES, background_command
from omnibind_ros.pipeline.resources import cache_folder

_WARM_UP = 5


def has_gpu() -> bool:
    """Whether PyTorch or TensorRT can use one."""
    if find_accelerator("auto", cache_folder() / ENGINES) is not None:
        return True
    if find_spec("torch") is None:
        return False
    import torch  # noqa: PLC0415

    return bool(torch.cuda.is_available())


@contextmanager
def gpu_runtimes(bundle: Bundle) -> Iterator[Mapping[str, Callable[[Bundle, Modality, Input], Run]]]:
    """What can run on this GPU; engines that are missing are built, which takes minutes."""
    with ExitStack() as opened:
        ways: dict[str, Callable[[Bundle, Modality, Input], Run]] = {}
        if find_spec("torch") is not None:
            ways |= {"PyTorch eager, GPU": torch_cuda, "PyTorch CUDA graph": torch_graph}
        accelerator = find_accelerator("auto", cache_folder() / ENGINES)
        if accelerator is not None:
            library = accelerator.library.name
            maker = EngineMaker(
                accelerator,
                networks(bundle, "fp32"),
                lambda network: background_command(bundle, network, library, "fp32"),
                lambda _: None,
            )
            opened.callback(maker.close)

            def engine(bundle: Bundle, modality: Modality, array: Input) -> Run:
                backend = maker.build(bundle.description.encoders[modality].file)
                if backend is None:
                    raise UnavailableError("the engine could not be built: run `build_engines` for the reason")
                opened.callback(backend.close)
                return lambda: backend.run({"input": array})

            ways[f"{library} fp32, with copies"] = engine
        yield ways


def torch_cuda(bundle: Bundle, modality: Modality, array: Input) -> Run:
    """PyTorch without compilation, with the copies to the GPU and back."""
    import torch  # noqa: PLC0415

    if not torch.cuda.is_available():
        raise UnavailableError("PyTorch finds no GPU")
    student, given = student_of(bundle, modality, array).cuda(), torch.from_numpy(array)

    def run() -> object:
        with torch.inference_mode():
            return student(given.cuda()).cpu()

    return run


def torch_graph(bundle: Bundle, modality: Modality, array: Input) -> Run:
    """The same captured once as a CUDA graph and replayed."""
    import torch  # noqa: PLC0415

    if not torch.cuda.is_available():
        raise UnavailableError("PyTorch finds no GPU")
    student, given = student_of(bundle, modality, array).cuda(), torch.from_numpy(array)
    static = given.cuda()
    with torch.inference_mode():
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UP):
                student(static)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            output = student(static)

    def run() -> object:
        with torch.inference_mode():
            static.copy_(given)
            graph.replay()
            return output.cpu()

    return run
