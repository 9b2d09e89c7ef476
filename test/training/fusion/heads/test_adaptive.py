import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn.functional import normalize  # noqa: E402

from training.fusion.heads.adaptive import AdaptiveFusion  # noqa: E402


@pytest.fixture
def head() -> AdaptiveFusion:
    torch.manual_seed(0)
    return AdaptiveFusion().eval()


@pytest.fixture
def tokens() -> "torch.Tensor":
    return normalize(torch.randn(2, 3, 128, generator=torch.Generator().manual_seed(1)), dim=-1)


CODES = torch.tensor([[0, 2, 5]]).expand(2, -1)
LIVE = torch.ones(2, 3, dtype=torch.bool)


def test_all_live_tokens_count_the_same_whatever_their_quality(head, tokens):
    fused, weights = head(tokens, CODES, torch.ones(2, 3), LIVE)
    poor, poor_weights = head(tokens, CODES, torch.tensor([[0.01, 1.0, 1.0]]).expand(2, -1), LIVE)
    assert torch.equal(fused, poor)
    torch.testing.assert_close(weights, torch.full((2, 3), 1 / 3))
    assert torch.equal(weights, poor_weights)


def test_which_modality_says_it_matters(head, tokens):
    torch.nn.init.normal_(head.attention.output.weight, std=0.1)
    fused, _ = head(tokens, CODES, torch.ones(2, 3), LIVE)
    otherwise, _ = head(tokens, CODES.flip(1), torch.ones(2, 3), LIVE)
    assert (fused - otherwise).norm(dim=1).min() > 1e-3
