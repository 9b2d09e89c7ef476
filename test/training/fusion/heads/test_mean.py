import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn.functional import normalize  # noqa: E402

from training.fusion.heads.mean import MeanFusion  # noqa: E402


def test_the_answer_is_the_direction_of_the_sum_of_the_live_embeddings():
    tokens = normalize(torch.randn(1, 3, 128, generator=torch.Generator().manual_seed(0)), dim=-1)
    live = torch.tensor([[True, False, True]])
    fused, weights = MeanFusion()(tokens, torch.tensor([[0, 1, 5]]), torch.tensor([[1.0, 1.0, 0.1]]), live)
    torch.testing.assert_close(fused[0], normalize(tokens[0, 0] + tokens[0, 2], dim=0))
    assert weights.tolist() == [[0.5, 0.0, 0.5]]


def test_nothing_is_learned():
    assert not list(MeanFusion().parameters())
