from pathlib import Path

import pytest

from omnibind_ros.inference.bundle import Bundle, load_bundle

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")


@pytest.fixture(scope="session")
def shipped() -> Bundle:
    return load_bundle(Path(__file__).resolve().parents[3] / "models" / "omnibind-sim")
