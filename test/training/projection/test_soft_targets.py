import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn import functional  # noqa: E402

from training.projection.soft_targets import match_probabilities, soft_target_loss  # noqa: E402


def unit(rows: int, seed: int) -> "torch.Tensor":
    generator = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(rows, 6, generator=generator, dtype=torch.float64), dim=1)


def reference(left: np.ndarray, right: np.ndarray, target: np.ndarray, temperature: float) -> float:
    """EBind's equations, term by term, in double precision."""
    total = 0.0
    for a, b in ((left, right), (right, left)):
        for i, p in enumerate(target):
            powers = [np.exp(a[i] @ b[j] / temperature) for j in range(len(b))]
            q = powers[i] / sum(powers)
            total -= (p * np.log(q) + (1 - p) * np.log(1 - q)) / len(target)
    return total


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=2, max_size=7),
    st.integers(0, 1000),
    st.floats(0.07, 2.0),
)
def test_it_is_the_papers_sum(targets, seed, temperature):
    left, right = unit(len(targets), seed), unit(len(targets), seed + 1)
    loss = soft_target_loss(left, right, torch.tensor(targets, dtype=torch.float64), temperature)
    expected = reference(left.numpy(), right.numpy(), np.array(targets), temperature)
    assert loss.item() == pytest.approx(expected, abs=1e-9, rel=1e-6)


def test_matches_alone_are_infonce_exactly():
    left, right = unit(9, 0), unit(9, 1)
    logits, own = left @ right.T / 0.07, torch.arange(9)
    infonce = functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)
    loss = soft_target_loss(left, right, torch.ones(9, dtype=torch.float64), 0.07)
    torch.testing.assert_close(loss, infonce, rtol=0, atol=1e-14)


def test_a_permutation_of_the_batch_changes_nothing():
    left, right, target = unit(6, 0), unit(6, 1), torch.tensor([1.0, 0.5, 0.0, 1.0, 0.0, 0.5], dtype=torch.float64)
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    once = soft_target_loss(left, right, target, 0.1)
    torch.testing.assert_close(soft_target_loss(left[order], right[order], target[order], 0.1), once)


@pytest.mark.parametrize("size", [-600.0, -80.0, -1.0, 0.0, 1.0, 80.0, 600.0])
def test_both_logarithms_are_exact_at_the_ends_of_the_range(size):
    logits = torch.tensor([[size, 0.0], [0.0, 0.0]], requires_grad=True)
    log_q, log_rest = match_probabilities(logits)
    assert log_q[0].item() == pytest.approx(-np.logaddexp(0, -size), rel=1e-5, abs=1e-30)
    assert log_rest[0].item() == pytest.approx(-np.logaddexp(0, size), rel=1e-5, abs=1e-30)
    (log_q.sum() + log_rest.sum()).backward()
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("target", [0.0, 0.5, 1.0])
def test_confident_float32_batches_have_finite_gradients(target):
    left = functional.normalize(torch.randn(8, 6, generator=torch.Generator().manual_seed(0)), dim=1)
    left.requires_grad_()
    soft_target_loss(left, left.detach().clone(), torch.full((8,), target), 0.001).backward()
    assert torch.isfinite(left.grad).all()


def test_what_is_no_match_is_pushed_apart_and_a_match_drawn_together():
    left, right = unit(5, 0), unit(5, 1)
    for target, sign in ((0.0, -1.0), (1.0, 1.0)):
        moving = left.clone().requires_grad_()
        soft_target_loss(moving, right, torch.full((5,), target, dtype=torch.float64), 0.5).backward()
        step = -(moving.grad * right).sum(dim=1).mean()
        assert step.item() * sign > 0


@pytest.mark.parametrize("rows", [0, 1])
def test_a_pair_alone_teaches_nothing(rows):
    left = unit(rows, 0).requires_grad_()
    loss = soft_target_loss(left, unit(rows, 1), torch.zeros(rows, dtype=torch.float64), 0.07)
    loss.backward()
    assert loss.item() == 0
