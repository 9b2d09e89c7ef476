import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend  # noqa: E402
from training.projection import merge as module  # noqa: E402
from training.projection.merge import load_backbone, merge  # noqa: E402
from training.projection.projector import Projector  # noqa: E402

SHAPE = (3, 6, 6)


def backbone(
    *, batch: "int | str" = "batch", opset: int = 17, kind: int = TensorProto.FLOAT, side: "int | str" = 6
) -> onnx.ModelProto:
    """Means over the picture (B, 3, 1, 1) and their sums; a tensor inside has the name the robot's output has."""
    nodes = [
        helper.make_node("Abs", ["input"], ["embedding"]),
        helper.make_node("GlobalAveragePool", ["embedding"], ["pooled"]),
        helper.make_node("Neg", ["pooled"], ["other"]),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, 3, 1, 1]) for name in ("pooled", "other")]
    entry = helper.make_tensor_value_info("input", kind, [batch, 3, side, side])
    graph = helper.make_graph(nodes, "backbone", [entry], ends)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@pytest.mark.parametrize(("opset", "hidden"), [(13, 16), (17, 16), (20, 16), (17, 0)])
def test_the_merged_network_is_backbone_and_projector_with_the_robots_names(opset, hidden):
    torch.manual_seed(0)
    projector = Projector(3, 5, hidden)
    content, parity = merge(backbone(opset=opset), projector, SHAPE, "pooled")
    assert parity < 1e-5
    backend = OnnxRuntimeBackend(content, name="merged")
    (entry,), (end,) = backend.inputs, backend.outputs
    assert (entry.name, entry.shape, end.name, end.shape) == ("input", (None, *SHAPE), "embedding", (None, 5))
    pictures = np.random.default_rng(0).normal(size=(4, *SHAPE)).astype(np.float32)
    expected = projector(torch.from_numpy(np.abs(pictures).mean(axis=(2, 3)))).detach().numpy()
    np.testing.assert_allclose(backend.run({"input": pictures})["embedding"], expected, atol=1e-5)


def test_a_free_side_becomes_that_of_the_preprocessing():
    content, _ = merge(backbone(side="side"), Projector(3, 5, 16), SHAPE, "other")
    assert OnnxRuntimeBackend(content, name="merged").inputs[0].shape == (None, *SHAPE)


@pytest.mark.parametrize(
    ("network", "output", "problem"),
    [
        (backbone(), None, "name one of its outputs"),
        (backbone(), "absent", "name one of its outputs"),
        (backbone(batch=1), "pooled", "batches of 1 only"),
        (backbone(side=9), "pooled", "preprocessing"),
        (backbone(kind=TensorProto.FLOAT16), "pooled", "FLOAT16"),
    ],
)
def test_a_backbone_that_does_not_fit_is_refused(network, output, problem):
    with pytest.raises(ConfigurationError, match=problem):
        merge(network, Projector(3, 5, 16), SHAPE, output)


def test_a_projector_of_another_backbone_is_refused():
    with pytest.raises(ConfigurationError, match="gives 3 features, the projector takes 7"):
        merge(backbone(), Projector(7, 5, 16), SHAPE, "pooled")


def test_a_merge_that_is_not_exact_is_refused(monkeypatch):
    monkeypatch.setattr(module, "TOLERANCE", -1.0)
    with pytest.raises(ArithmeticError, match="differs"):
        merge(backbone(), Projector(3, 5, 16), SHAPE, "pooled")


def test_a_file_that_is_no_network_is_named(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no network")
    with pytest.raises(ConfigurationError, match="broken.onnx"):
        load_backbone(tmp_path / "broken.onnx")
