# What imports PyTorch is imported where it is used: the tests are skipped where it is missing.
# ruff: noqa: PLC0415
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_bundle import write_tiny_bundle

from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.modality import Modality

ROOT = Path(__file__).parents[3]
ALONE = {
    "CUDA_VISIBLE_DEVICES": "",
    "GLOO_SOCKET_IFNAME": "lo",
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT),
    "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",  # see docs/scale.md
}
PATIENCE_S = 300
LAUNCH = ("torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", "2")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny")


@pytest.fixture(scope="session")
def entries(tmp_path_factory):
    """Twenty things, each with a picture and a sound; the fourth's sound is silence, the seventh's no sound file."""
    pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    from training.data.entries import Entry
    from training.data.recording_files import write_recording

    folder = tmp_path_factory.mktemp("recordings")
    random = np.random.default_rng(0)
    listed = []
    for number in range(20):
        sound = random.normal(scale=0.1, size=(16000, 1)).astype(np.float32) * (number != 4)
        readings = {
            Modality.IMAGE: random.integers(0, 255, (48, 64, 3), np.uint8),
            Modality.AUDIO: AudioChunk(sound, 16000),
        }
        for modality, reading in readings.items():
            file = write_recording(modality, reading, folder / modality.value / f"{number:02d}")
            if number == 7 and modality is Modality.AUDIO:
                file.write_bytes(b"no sound")
            listed.append(Entry(f"thing/{number:02d}", modality, str(file), "thing", caption=f"thing number {number}"))
    return listed


@pytest.fixture(scope="session")
def shards(entries, tmp_path_factory) -> Path:
    """The same in five tar shards of four samples."""
    pytest.importorskip("webdataset", reason="needs requirements/training.txt")
    from training.scale.pack import pack

    folder = tmp_path_factory.mktemp("shards")
    pack(entries, folder, samples=4)
    return folder


@pytest.fixture
def pairs(tmp_path):
    """Five shards each of sounds and of most of their texts, whose embeddings are a turned form of each other."""
    pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    return write_pairs(tmp_path / "pairs")


def write_pairs(folder: Path):
    from training.scale.embedding_shards import EmbeddingShards, write_shard

    random = np.random.default_rng(0)
    turned = random.normal(size=(8, 12))
    for number in range(5):
        count = 40 + 3 * number
        ids = [f"{number}-{row}" for row in range(count)]
        text = random.normal(size=(count, 8))
        audio = 20 * text @ turned + random.normal(size=(count, 12))
        with_text = [row for row in range(count) if row % 7]
        contents = {"audio": (ids, audio), "text": ([ids[row] for row in with_text], text[with_text])}
        for modality, (names, vectors) in contents.items():
            (folder / modality).mkdir(parents=True, exist_ok=True)
            write_shard(folder / modality / f"{number}.parquet", names, vectors.astype(np.float16), mark="made up")
    return EmbeddingShards(folder / "audio"), EmbeddingShards(folder / "text")


@pytest.fixture
def two_processes(tmp_path):
    """Runs a script, or a module with -m, in two processes that torchrun starts, anew when one of them ends badly."""

    def run(*arguments: object, restarts: int = 0) -> str:
        launched = subprocess.Popen(
            [sys.executable, "-m", *LAUNCH, "--max-restarts", str(restarts), *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, **ALONE},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            said, _ = launched.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            launched.terminate()  # it ends its processes, which a kill would leave behind
            said, _ = launched.communicate()
        assert launched.returncode == 0, said[-3000:]
        return said

    return run
