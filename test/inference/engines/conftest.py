from pathlib import Path

import pytest

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.inference.engines.library import Library

MODELS = Path(__file__).resolve().parents[3] / "models"


@pytest.fixture(scope="session")
def compiler() -> Library:
    """TensorRT for RTX, which compiles on computers without a GPU."""
    try:
        return Library("tensorrt_rtx")
    except BackendError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def shipped() -> Bundle:
    return load_bundle(MODELS / "omnibind-sim")
