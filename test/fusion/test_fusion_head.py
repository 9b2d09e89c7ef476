import numpy as np
import pytest
from fake_backend import FLOAT, FakeBackend
from tiny_bundle import DIMENSION, fusion_network, unit_vectors

from omnibind_ros.errors import BackendError, FusionError
from omnibind_ros.fusion.fusion_head import FusionHead
from omnibind_ros.inference.backend import TensorSpec
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality


def make_head(network: bytes) -> FusionHead:
    return FusionHead(OnnxRuntimeBackend(network, name="fusion.onnx"), dimension=DIMENSION, file="fusion.onnx")


def members(*qualities: float) -> list[Embedding]:
    return [
        Embedding(f"source{i}", Modality.from_code(i), vector, quality, 0, "", 0)
        for i, (vector, quality) in enumerate(zip(unit_vectors(len(qualities)), qualities, strict=True))
    ]


def test_one_embedding_fuses_to_itself() -> None:
    (only,) = members(0.3)
    fusion = make_head(fusion_network()).fuse([only])
    np.testing.assert_allclose(fusion.vector, only.vector, atol=1e-6)
    assert fusion.weights == pytest.approx((1.0,))


@pytest.mark.parametrize("count", [2, 3, 7])
def test_any_number_fuses_to_a_unit_vector_with_weights_in_order(count: int) -> None:
    qualities = [1.0, *[0.5] * (count - 1)]
    fusion = make_head(fusion_network()).fuse(members(*qualities))
    assert np.linalg.norm(fusion.vector) == pytest.approx(1.0, abs=1e-6)
    assert fusion.weights == pytest.approx(np.array(qualities) / sum(qualities))


def test_nothing_cannot_be_fused() -> None:
    with pytest.raises(FusionError, match="no embedding to fuse"):
        make_head(fusion_network()).fuse([])


def test_a_fused_embedding_is_not_fused_again() -> None:
    fused = Embedding("other robot", None, unit_vectors(1)[0], 1.0, 0, "", 0)
    with pytest.raises(FusionError, match="other robot: a fused embedding cannot be fused again"):
        make_head(fusion_network()).fuse([fused])


def test_a_network_with_other_names_is_refused() -> None:
    with pytest.raises(BackendError, match=r"fusion\.onnx: the fusion head has inputs .*'tokens'"):
        make_head(fusion_network(embeddings="tokens"))


def test_a_head_for_another_dimension_is_refused() -> None:
    with pytest.raises(BackendError, match=rf"embeddings of length .8., the bundle's have {DIMENSION}"):
        make_head(fusion_network(dimension=8))


@pytest.mark.parametrize("broken", ["fused", "weights"])
def test_values_that_are_not_finite_are_refused(broken: str) -> None:
    answer = {"fused": np.ones((1, DIMENSION), np.float32), "weights": np.ones((1, 1), np.float32)}
    answer[broken] = answer[broken] * np.nan
    backend = FakeBackend(
        tuple(TensorSpec(name, FLOAT, (None,)) for name in ("embeddings", "modality", "quality", "live")),
        tuple(TensorSpec(name, FLOAT, (None,)) for name in ("fused", "weights")),
        lambda _: answer,
    )
    backend.inputs = tuple(TensorSpec(spec.name, FLOAT, (None, None)) for spec in backend.inputs)
    head = FusionHead(backend, dimension=DIMENSION, file="fusion.onnx")
    with pytest.raises(BackendError, match=r"fusion\.onnx: .*not finite"):
        head.fuse(members(1.0))
    head.close()
    assert backend.closed
