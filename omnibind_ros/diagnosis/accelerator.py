"""Whether a GPU runs the networks, or why not."""

from collections.abc import Callable, Iterator
from pathlib import Path

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning
from omnibind_ros.diagnosis.gpu_probe import Probe

_SUBJECT = "GPU"
# Signs that there is one: the driver of a PC, and the release file of a Jetson.
_SIGNS = (Path("/dev/nvidiactl"), Path("/proc/driver/nvidia/version"), Path("/etc/nv_tegra_release"))


def nvidia_is_here() -> bool:
    """Whether this computer has an NVIDIA GPU with a driver."""
    return any(sign.exists() for sign in _SIGNS)


def check_accelerator(backend: str, bundle: str, probe: Callable[[], Probe], has_gpu: bool) -> Iterator[Finding]:
    """backend: as configured. bundle: as configured, for the command that builds its engines."""
    if backend == "onnxruntime":
        yield ok(_SUBJECT, "not asked for: `backend` is onnxruntime")
        return
    found = probe()
    if found.problem and backend != "auto":
        yield problem(_SUBJECT, f"`backend` is {backend}, but {found.problem}", found.remedy)
    elif found.problem and has_gpu:
        yield warning(_SUBJECT, f"there is one, but {found.problem}: the networks run on the CPU", found.remedy)
    elif found.problem:
        yield ok(_SUBJECT, f"the networks run on the CPU: {found.problem}")
    else:
        yield ok(_SUBJECT, f"{found.gpu}; {found.library}")
        missing = [part for part, ready in found.engines.items() if not ready]
        if missing:
            yield warning(
                "engines",
                f"not built for this GPU: {', '.join(missing)}; until they are, ONNX Runtime does their work",
                f"`ros2 run omnibind_ros build_engines --bundle {bundle}`",
            )
        else:
            yield ok("engines", f"all {len(found.engines)} are built")
