import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

import onnx  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.export.export import OPSET, TOLERANCE, export_encoder, export_fusion_head  # noqa: E402
from training.fusion.heads.registry import BUNDLED, make_head  # noqa: E402
from training.students.students import make_student  # noqa: E402
from training.students.text import TEXT_LENGTH  # noqa: E402


@pytest.mark.parametrize(
    ("modality", "shape"),
    [(Modality.THERMAL, (1, 64, 64)), (Modality.POINT, (256, 3)), (Modality.TEXT, (TEXT_LENGTH,))],
)
def test_exported_students_equal_their_originals_and_say_nothing_about_the_machine(modality, shape, tmp_path):
    path = tmp_path / "student.onnx"
    student = make_student(modality, shape).eval()
    assert export_encoder(student, shape, path, tokens=modality is Modality.TEXT) <= TOLERANCE
    model = onnx.load(path)
    assert [value.name for value in model.graph.input] == ["input"]
    assert [value.name for value in model.graph.output] == ["embedding"]
    assert [opset.version for opset in model.opset_import if not opset.domain] == [OPSET]
    assert not model.metadata_props
    assert not any(node.metadata_props for node in model.graph.node)
    assert list(tmp_path.iterdir()) == [path]


def test_the_exported_fusion_head_takes_any_number_of_tokens(tmp_path):
    path = tmp_path / "fusion.onnx"
    assert export_fusion_head(make_head(BUNDLED).eval(), path) <= TOLERANCE
    inputs = {value.name: value for value in onnx.load(path).graph.input}
    assert set(inputs) == {"embeddings", "modality", "quality", "live"}
    assert all(dimension.dim_param for dimension in inputs["live"].type.tensor_type.shape.dim)
