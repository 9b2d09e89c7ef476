from pathlib import Path

import pytest

pytest.importorskip("ament_index_python", reason="needs ROS 2: run `make setup`")

from tiny_bundle import encoder_network

from omnibind_ros.nodes import resources
from omnibind_ros.nodes.resources import backend_maker, bundle_folder


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The share folder of an installed package with one bundle."""
    shipped = tmp_path / "share" / "models" / "shipped"
    shipped.mkdir(parents=True)
    (shipped / "bundle.yaml").write_text("format: 1\n")
    monkeypatch.setattr(resources, "share_folder", lambda: tmp_path / "share")
    return tmp_path / "share"


def test_a_shipped_bundle_is_found_by_its_name(share: Path) -> None:
    assert bundle_folder("shipped") == share / "models" / "shipped"


def test_any_other_is_found_by_its_path(share: Path, tmp_path: Path) -> None:
    assert bundle_folder(str(tmp_path / "mine")) == tmp_path / "mine"
    assert bundle_folder("mine") == Path("mine")
    assert bundle_folder("./shipped") == Path("shipped")
    assert bundle_folder("~/mine") == Path.home() / "mine"


def test_a_path_needs_no_installed_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def not_installed() -> Path:
        raise LookupError("the package is not installed")

    monkeypatch.setattr(resources, "share_folder", not_installed)
    assert bundle_folder(str(tmp_path)) == tmp_path


def test_the_maker_makes_backends() -> None:
    backend = backend_maker(2)(encoder_network((2, 2)), "image.onnx")
    assert backend.inputs[0].shape == (None, 2, 2)
