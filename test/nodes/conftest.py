from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tiny_bundle import write_tiny_bundle

if TYPE_CHECKING:
    from ros_bench import Bench


@pytest.fixture(scope="session")
def bundle_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the tiny bundle; a test that changes it must take a copy."""
    folder = tmp_path_factory.mktemp("bundles") / "tiny"
    write_tiny_bundle(folder)
    return folder


@pytest.fixture
def bench() -> Iterator["Bench"]:
    from ros_bench import Bench  # noqa: PLC0415 (only tests that need ROS ask for it)

    bench = Bench()
    yield bench
    bench.close()
