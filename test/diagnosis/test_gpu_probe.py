import json
from pathlib import Path

import pytest
from simulated_gpu import GPU

from omnibind_ros.diagnosis import gpu_probe
from omnibind_ros.diagnosis.gpu_probe import Probe, look, look_safely, main
from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.engines.accelerator import Accelerator
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.engine_key import engine_key
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import networks
from omnibind_ros.pipeline.resources import bundle_folder

SHIPPED = bundle_folder("omnibind-sim")


def test_it_tells_which_engines_are_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    try:
        library = Library("tensorrt_rtx")
    except BackendError as missing:
        pytest.skip(str(missing))
    cache = EngineCache(tmp_path / "engines")
    network = networks(load_bundle(SHIPPED))["point.onnx"]
    cache.keep_plan(engine_key(network, library, GPU), b"a plan")
    monkeypatch.setattr(gpu_probe, "accelerator", lambda backend, folder: Accelerator(library, GPU, cache))
    found = look("auto", "auto", SHIPPED, tmp_path / "engines")
    assert found.gpu.startswith(f"{GPU.name}, compute capability {GPU.compute_capability}, CUDA ")
    assert found.library == f"tensorrt_rtx {library.version}"
    assert [part for part, ready in found.engines.items() if ready] == ["point"]
    assert len(found.engines) == 8


def test_without_a_gpu_it_tells_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(backend: str, cache: Path) -> Accelerator:
        raise BackendError("no GPU can be used", remedy="install the driver")

    monkeypatch.setattr(gpu_probe, "accelerator", none)
    main(["auto", "auto", str(SHIPPED), str(tmp_path)])
    assert Probe(**json.loads(capsys.readouterr().out)) == Probe(
        problem="no GPU can be used", remedy="install the driver"
    )


@pytest.mark.parametrize(
    ("program", "how"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGABRT)", "by signal 6"),
        ("import sys; sys.exit('out of memory')", "with status 1: out of memory"),
        ("print('hello')", "without an answer"),
    ],
)
def test_a_library_that_ends_the_process_does_not_end_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, how: str
) -> None:
    module = tmp_path / "deadly.py"
    module.write_text(program)
    monkeypatch.setattr(gpu_probe, "__name__", "deadly")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = look_safely("auto", "auto", SHIPPED, tmp_path)
    assert how in found.problem
    assert "backend: onnxruntime" in found.remedy
    assert not found.gpu
