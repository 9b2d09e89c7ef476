import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("webdataset", reason="needs requirements/training.txt")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.embedding_table import load_table  # noqa: E402
from training.scale.extraction import extract_shards  # noqa: E402
from training.scale.ray_extraction import extract_with_ray  # noqa: E402
from training.scale.shard_encoder import EncoderSpec  # noqa: E402

ROOT = Path(__file__).parents[3]
PATIENCE_S = 200


def test_without_ray_it_is_told_what_to_install(tiny, shards, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    spec = EncoderSpec(Modality.IMAGE, bundle=str(tiny.folder))
    with pytest.raises(ConfigurationError, match="requirements/ray.txt"):
        extract_with_ray(spec, shards, tmp_path, precision="float16", threads=1, workers=2)


@pytest.mark.slow
def test_a_cluster_leaves_what_one_process_would_even_when_a_worker_is_killed(tiny, shards, tmp_path):
    pytest.importorskip("ray", reason="needs requirements/ray.txt, 80 MB that the other tests do without")
    psutil = pytest.importorskip("psutil", reason="comes with requirements/training.txt")
    spec = EncoderSpec(Modality.IMAGE, bundle=str(tiny.folder))
    extract_shards(spec, shards, tmp_path / "alone", precision="float16", threads=1)
    command = ["cache-embeddings", shards, tmp_path / "ray", "--modality", "image", "--bundle", tiny.folder]
    run = subprocess.Popen(
        [sys.executable, "-m", "training", *map(str, command), "--ray", "2"],
        cwd=ROOT,
        # Ray keeps its token in the home
        env={**os.environ, "HOME": str(tmp_path), "RAY_USAGE_STATS_ENABLED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    killed = kill_a_worker(psutil.Process(run.pid), psutil)
    said, _ = run.communicate(timeout=PATIENCE_S)
    assert killed, said
    assert run.returncode == 0, said
    alone, together = load_table(tmp_path / "alone"), load_table(tmp_path / "ray")
    assert together.ids == alone.ids
    np.testing.assert_array_equal(together.vector_ND, alone.vector_ND)


def kill_a_worker(run, psutil) -> bool:
    """As soon as one is there; False when the run ended before."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and run.is_running() and run.status() != "zombie":
        for process in run.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # some end while they are looked at
                if "MapWorker" in " ".join(process.cmdline()):
                    process.send_signal(signal.SIGKILL)
                    return True
        time.sleep(0.05)
    return False
