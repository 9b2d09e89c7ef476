import os
import random
from importlib.util import find_spec
from pathlib import Path

import pytest

TRAINING_TESTS = Path(__file__).parent / "training"
TORCH_IS_MISSING = find_spec("torch") is None

# The tests talk to nobody but themselves, whatever robot shares this machine's network.
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
os.environ["ROS_DOMAIN_ID"] = str(random.SystemRandom().randint(1, 101))


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if TORCH_IS_MISSING and collection_path == TRAINING_TESTS else None


def pytest_report_header() -> str:
    left_out = ", test/training left out: no torch, `make setup-training` installs it" if TORCH_IS_MISSING else ""
    return f"ROS_DOMAIN_ID={os.environ['ROS_DOMAIN_ID']}{left_out}"


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Folder of real recordings, `../shared/data` beside the checkout or `OMNIBIND_TEST_DATA`; skips without it."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("OMNIBIND_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no real recordings at {folder}; set OMNIBIND_TEST_DATA to their folder")
    return folder
