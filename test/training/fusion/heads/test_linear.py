import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn.functional import normalize  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.fusion.heads.linear import LinearFusion  # noqa: E402


@pytest.fixture
def reads_touch_alone() -> LinearFusion:
    """A head whose layer takes what stands in the place of touch, as it is."""
    head = LinearFusion()
    weight = torch.zeros_like(head.project.weight)
    weight[:, 128 * Modality.TOUCH.code : 128 * (Modality.TOUCH.code + 1)] = torch.eye(128)
    head.project.weight.data, head.project.bias.data = weight, torch.zeros(128)
    return head


def test_every_modality_has_its_place(reads_touch_alone):
    tokens = normalize(torch.randn(2, 128, generator=torch.Generator().manual_seed(0)), dim=-1)
    codes = torch.tensor([[Modality.IMAGE.code, Modality.TOUCH.code], [Modality.TOUCH.code, Modality.IMAGE.code]])
    all_of_them = torch.ones(2, 2, dtype=torch.bool)
    fused, _ = reads_touch_alone(tokens.expand(2, -1, -1), codes, torch.ones(2, 2), all_of_them)
    torch.testing.assert_close(fused, tokens.flip(0))


def test_the_place_of_an_absent_modality_holds_zeros(reads_touch_alone):
    token = normalize(torch.ones(1, 1, 128), dim=-1)
    code = torch.tensor([[Modality.IMAGE.code]])
    fused, _ = reads_touch_alone(token, code, torch.ones(1, 1), torch.ones(1, 1, dtype=torch.bool))
    assert fused.eq(0).all()
