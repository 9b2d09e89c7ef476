import sys

import pytest
from simulated_gpu import SimulatedCuda, SimulatedTensorRt, simulated_library

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.library import Library


def test_a_library_that_is_not_installed_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(BackendError, match=r"tensorrt cannot be imported.*JetPack"):
        Library("tensorrt")


@pytest.mark.parametrize(
    ("version", "taken"), [("8.6.1", False), ("10.2.0", False), ("10.3.0", True), ("11.4.0.106", True)]
)
def test_versions_from_10_3_on_are_taken(version: str, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimulatedTensorRt, "__version__", version)
    if taken:
        assert simulated_library(monkeypatch, SimulatedCuda()).version == version
    else:
        with pytest.raises(BackendError, match=f"tensorrt {version} is too old"):
            simulated_library(monkeypatch, SimulatedCuda())


def test_errors_are_kept_until_they_are_asked_for(compiler: Library) -> None:
    severity = compiler.module.ILogger.Severity
    compiler.logger.log(severity.WARNING, "int64 bindings")
    compiler.logger.log(severity.ERROR, "out of memory")
    assert compiler.last_problem() == "out of memory"
    assert compiler.last_problem() == "tensorrt_rtx does not say why"
