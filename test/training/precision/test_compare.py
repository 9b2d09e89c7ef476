import numpy as np
import pytest
from fake_backend import FLOAT, FakeBackend
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.inference.backend import TensorSpec
from omnibind_ros.recognition.label_bank import LabelBank
from training.precision.compare import LIMITS, Comparison, Limits, Samples, compare

BANK = LabelBank(["mug", "hammer"], np.eye(2, dtype=np.float32)[:, None])
SAMPLES = Samples(np.array([[3.0, 0], [0, 3], [3, 1], [1, 3]], np.float32), np.array([0, 1, 0, 1]))


def encoder(matrix: np.ndarray) -> FakeBackend:
    specs = ((TensorSpec(name, FLOAT, (None, 2)),) for name in ("input", "embedding"))
    return FakeBackend(
        *specs, lambda feeds: {"embedding": np.einsum("bi,io->bo", feeds["input"], matrix.astype(np.float32))}
    )


def test_an_encoder_is_like_itself_at_any_scale() -> None:
    found = compare(encoder(np.eye(2)), encoder(7 * np.eye(2)), SAMPLES, BANK)
    assert found == Comparison(pytest.approx(1), pytest.approx(1), 0.0, 1.0, 0.0)


def test_one_that_swaps_the_labels_is_as_bad_as_can_be() -> None:
    found = compare(encoder(np.eye(2)), encoder(np.eye(2)[::-1]), SAMPLES, BANK)
    assert (found.top_1_change, found.accuracy, found.accuracy_loss) == (1.0, 0.0, 1.0)
    assert found.worst_cosine == pytest.approx(0)


@pytest.mark.parametrize("broken", [np.nan, np.inf, 0.0])
def test_one_that_returns_no_vectors_is_refused(broken: float) -> None:
    found = compare(encoder(np.eye(2)), encoder(np.full((2, 2), broken)), SAMPLES, BANK)
    assert found.cosine == 0
    assert LIMITS["fp16"].exceeded_by(found).startswith("cosine 0.0000 < 0.999")


def test_without_samples_nothing_can_be_said() -> None:
    with pytest.raises(ValueError, match="no samples"):
        compare(encoder(np.eye(2)), encoder(np.eye(2)), Samples(np.zeros((0, 2), np.float32), np.zeros(0, int)), BANK)


shares = st.floats(0, 1)


@settings(deadline=None, max_examples=50)
@given(cosine=shares, change=shares, loss=shares)
def test_what_is_beyond_a_limit_is_named_and_only_that(cosine: float, change: float, loss: float) -> None:
    beyond = Limits(0.5, 0.5, 0.5).exceeded_by(Comparison(cosine, cosine, change, 0.5, loss))
    assert ("cosine" in beyond) == (cosine < 0.5)
    assert ("top 1 change" in beyond) == (change > 0.5)
    assert ("accuracy loss" in beyond) == (loss > 0.5)
