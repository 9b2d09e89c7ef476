import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn.functional import normalize  # noqa: E402

from training.fusion import losses  # noqa: E402

TEMPERATURE = 0.07


def test_fusion_loss_contrasts_only_the_true_label_and_the_mistaken_ones():
    rows = normalize(torch.randn(6, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(7)), dim=1)
    fused, text = rows[:1], rows[1:]
    negative = torch.tensor([[False, True, False, True, False]])
    similarity = fused @ text.T / TEMPERATURE
    expected = similarity[0, [0, 1, 3]].logsumexp(dim=0) - similarity[0, 0]
    loss = losses.adaptive_fusion_loss(fused, text, torch.tensor([0]), negative, TEMPERATURE)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6)


def test_mistaken_labels_are_those_a_live_token_predicts_wrongly():
    text = torch.eye(4)
    token = text[torch.tensor([[0, 1, 2], [3, 3, 3]])]
    live = torch.tensor([[True, True, False], [True, True, True]])
    negative = losses.mistaken_labels(token, live, text, torch.tensor([0, 3]), torch.Generator().manual_seed(0))
    assert negative[0].tolist() == [False, True, False, False]
    assert negative[1].sum() == 1, "one random other label stands in when none was wrong"
    assert not negative[1, 3]
