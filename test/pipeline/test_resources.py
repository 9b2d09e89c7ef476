import sys
from pathlib import Path

import pytest
from tiny_bundle import encoder_network, tiny_description

from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from omnibind_ros.pipeline import resources
from omnibind_ros.pipeline.resources import (
    backend_maker,
    bundle_folder,
    cache_folder,
    precise_backend_maker,
    share_folder,
    state_folder,
)


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


@pytest.mark.parametrize(
    ("precision", "used"), [("auto", "fp32"), ("fp32", "fp32"), ("fp16", "fp32"), ("int8", "int8")]
)
def test_a_cpu_runs_encoders_in_the_precision_that_pays_there(precision: str, used: str, tmp_path: Path) -> None:
    description, contents = tiny_description()
    contents["image.int8_cpu.onnx"] = contents["image.onnx"]
    description["encoders"]["image"]["reduced"] = {
        "int8_cpu": {
            **file_reference("image.int8_cpu.onnx", contents["image.int8_cpu.onnx"]),
            "cosine": 0.999,
            "top_1_change": 0.0,
            "accuracy_loss": 0.0,
        }
    }
    bundle = write_bundle(tmp_path / "reduced", description, contents)
    make = precise_backend_maker(bundle, precision, 1)
    assert make(contents["image.onnx"], "image.onnx").precision == used
    assert make(contents["thermal.onnx"], "thermal.onnx").precision == "fp32"
    assert make(contents["fusion.onnx"], "fusion.onnx").precision == "fp32"


def test_a_checkout_finds_its_own_files_without_ros(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ament_index_python.packages", None)
    assert (share_folder() / "models" / "omnibind-sim" / "bundle.yaml").is_file()


def test_the_cache_is_where_the_user_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "omnibind_ros"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_folder() == Path.home() / ".cache" / "omnibind_ros"


def test_what_is_kept_is_this_users_own_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "omnibind_ros"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert state_folder() == Path.home() / ".local" / "state" / "omnibind_ros"


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(OSError, match="Not a directory"):
        cache_folder().mkdir(parents=True)
