from pathlib import Path

import pytest
from recorded_bag import sensors, write_bag
from tiny_bundle import write_tiny_bundle

from omnibind_ros.inference.bundle import Bundle


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="session")
def bundle_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "tiny"
    write_tiny_bundle(folder)
    return folder


@pytest.fixture(scope="session")
def bag_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a camera, a thermal camera and a microphone."""
    return write_bag(tmp_path_factory.mktemp("bags") / "drive", sensors())
