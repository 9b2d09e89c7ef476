"""TensorRT, or TensorRT for RTX: two libraries with one interface, neither of which is there on every robot."""

import re
from collections import deque
from importlib import import_module
from typing import Any

from omnibind_ros.errors import BackendError

LIBRARIES = ("tensorrt", "tensorrt_rtx")
BACKENDS = ("auto", "onnxruntime", *LIBRARIES)  # of the parameter `backend`
_OLDEST = {"tensorrt": (10, 3), "tensorrt_rtx": (1, 0)}
_INSTALL = {
    "tensorrt": "install JetPack 6 or later on a Jetson, or TensorRT 10.3 or later from NVIDIA's apt repository",
    "tensorrt_rtx": "pip install tensorrt-rtx-cu13",
}


class Library:
    """The imported library with its one logger; TensorRT complains about a second one in a process."""

    def __init__(self, name: str) -> None:
        """name: one of `LIBRARIES`. Raises BackendError when it is not installed, does not start or is too old."""
        try:
            self.module: Any = import_module(name)
        except (ImportError, OSError, RuntimeError) as error:
            raise BackendError(f"{name} cannot be imported: {error}", remedy=_INSTALL[name]) from error
        self.name = name
        self.version = str(self.module.__version__)
        if tuple(int(part) for part in re.findall(r"\d+", self.version)[:2]) < _OLDEST[name]:
            raise BackendError(f"{name} {self.version} is too old", remedy=_INSTALL[name])
        self._problems: deque[str] = deque(maxlen=3)
        self.logger: Any = _logger(self.module, self._problems)

    def last_problem(self) -> str:
        """What the library complained about since this was asked last."""
        told = "; ".join(self._problems) or f"{self.name} does not say why"
        self._problems.clear()
        return told


def _logger(trt: Any, problems: deque[str]) -> Any:
    severe = (trt.ILogger.Severity.INTERNAL_ERROR, trt.ILogger.Severity.ERROR)

    class Logger(trt.ILogger):  # type: ignore[misc]
        """Keeps errors for the exception that follows them."""

        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, message: str) -> None:
            """Called by the library, from any of its threads."""
            if severity in severe:
                problems.append(message)

    return Logger()
