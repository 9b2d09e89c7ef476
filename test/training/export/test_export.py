import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

import onnx  # noqa: E402

import training  # noqa: E402
from omnibind_ros.errors import BackendError  # noqa: E402
from omnibind_ros.inference.engines.library import Library  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.config import StudentSize  # noqa: E402
from training.data.inputs import input_settings  # noqa: E402
from training.export.export import OPSET, TOLERANCE, export_encoder, export_fusion_head  # noqa: E402
from training.fusion.heads.registry import BUNDLED, make_head  # noqa: E402
from training.students.students import make_student  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
QUICK = ((Modality.THERMAL, "small"), (Modality.POINT, "small"), (Modality.TEXT, "small"))
ALL = tuple((modality, size) for modality in Modality for size in get_args(StudentSize))
EVERY_KIND = [
    pytest.param(*case, marks=() if case in QUICK else pytest.mark.slow, id=f"{case[0]}-{case[1]}") for case in ALL
]
# What a path into somebody's checkout or environment would bring along.
OF_A_MACHINE = (str(ROOT).encode(), b"site-packages", b"/training/", b".py")


def exported(modality: Modality, size: StudentSize, path: Path) -> float:
    shape = input_settings(modality).input_shape
    return export_encoder(make_student(modality, shape, size).eval(), shape, path, tokens=modality is Modality.TEXT)


def require_portable(path: Path) -> onnx.ModelProto:
    """A network that ONNX's own checker takes, in one file that tells nothing of where it was made."""
    onnx.checker.check_model(path, full_check=True)
    content = path.read_bytes()
    assert not [trace for trace in (*OF_A_MACHINE, str(path.parent).encode()) if trace in content]
    model = onnx.load_from_string(content)
    assert [opset.version for opset in model.opset_import if not opset.domain] == [OPSET]
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert list(path.parent.iterdir()) == [path]
    return model


def require_parsed(content: bytes) -> None:
    try:
        library = Library("tensorrt_rtx")
    except BackendError as missing:
        pytest.skip(str(missing))
    trt = library.module
    builder = trt.Builder(library.logger)
    definition = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(definition, library.logger)
    assert parser.parse(content), [parser.get_error(index).desc() for index in range(parser.num_errors)]


@pytest.mark.parametrize(("modality", "size"), EVERY_KIND)
def test_exported_students_equal_their_originals_and_say_nothing_about_the_machine(modality, size, tmp_path):
    path = tmp_path / "student.onnx"
    assert exported(modality, size, path) <= TOLERANCE
    model = require_portable(path)
    assert [value.name for value in model.graph.input] == ["input"]
    assert [value.name for value in model.graph.output] == ["embedding"]
    assert not model.metadata_props
    assert not any(node.metadata_props for node in model.graph.node)


@pytest.mark.parametrize(("modality", "size"), EVERY_KIND)
def test_tensorrt_reads_exported_students(modality, size, tmp_path):
    exported(modality, size, tmp_path / "student.onnx")
    require_parsed((tmp_path / "student.onnx").read_bytes())


def test_the_exported_fusion_head_takes_any_number_of_tokens_and_tensorrt_reads_it(tmp_path):
    path = tmp_path / "fusion.onnx"
    assert export_fusion_head(make_head(BUNDLED).eval(), path) <= TOLERANCE
    inputs = {value.name: value for value in require_portable(path).graph.input}
    assert set(inputs) == {"embeddings", "modality", "quality", "live"}
    assert all(dimension.dim_param for dimension in inputs["live"].type.tensor_type.shape.dim)
    require_parsed(path.read_bytes())


def export_all(folder: Path, cases) -> dict[str, bytes]:
    """Files of students, and of a fusion head, with weights that are the same every time."""
    torch.manual_seed(0)
    for modality, size in cases:
        exported(Modality(modality), size, folder / f"{modality}-{size}.onnx")
    export_fusion_head(make_head(BUNDLED).eval(), folder / "fusion.onnx")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def export_elsewhere(checkout: Path, cases) -> dict[str, bytes]:
    """The same by a copy of the sources in another place."""
    for package in ("omnibind_ros", "training"):
        shutil.copytree(ROOT / package, checkout / package, ignore=shutil.ignore_patterns("__pycache__"))
    folder = checkout / "exported"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, __file__, str(folder), *(f"{modality}-{size}" for modality, size in cases)],
        cwd=checkout, env={**os.environ, "PYTHONPATH": str(checkout)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("cases", [QUICK[1:], pytest.param(ALL, marks=pytest.mark.slow)], ids=["some", "all"])
def test_two_checkouts_export_the_same_bytes(cases, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    first, second = export_all(here, cases), export_elsewhere(tmp_path / "somewhere else" / "deeper", cases)
    assert len(first) == len(cases) + 1
    assert {name for name in first if first[name] != second.get(name)} == set()
    assert not [name for name, content in second.items() if str(tmp_path).encode() in content]


if __name__ == "__main__":  # what `export_elsewhere` runs
    assert Path(training.__file__).is_relative_to(Path.cwd())
    export_all(Path(sys.argv[1]), [case.split("-") for case in sys.argv[2:]])
