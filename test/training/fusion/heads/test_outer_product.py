import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from functools import reduce  # noqa: E402

from torch.nn.functional import normalize  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.fusion.heads.outer_product import OuterProductFusion  # noqa: E402

DIMENSION, RANK = 2, 3


def with_one(vectors: "torch.Tensor") -> "torch.Tensor":
    return torch.cat([vectors, torch.ones_like(vectors[..., :1])], dim=-1)


def test_the_factors_give_what_a_map_of_the_whole_product_would():
    torch.manual_seed(0)
    head = OuterProductFusion(DIMENSION, RANK).double()
    torch.nn.init.normal_(head.one_MR)
    torch.nn.init.normal_(head.bias_D)
    present = torch.tensor([Modality.IMAGE.code, Modality.TOUCH.code, Modality.AUDIO.code])
    tokens = torch.randn(1, 3, DIMENSION, dtype=torch.float64)
    fused, _ = head(tokens, present[None], torch.ones(1, 3), torch.ones(1, 3, dtype=torch.bool))

    features = torch.zeros(len(Modality), DIMENSION, dtype=torch.float64)
    features[present] = tokens[0]
    product = reduce(torch.kron, with_one(features))  # one number for each of 3^7 products of features
    factors = torch.cat([head.factor_MDR, head.one_MR[:, None]], dim=1).unflatten(2, (RANK, DIMENSION))
    expected = torch.stack(
        [
            sum(
                head.rank_weight_R1[rank, 0] * reduce(torch.kron, factors[:, :, rank, out]) @ product
                for rank in range(RANK)
            )
            for out in range(DIMENSION)
        ]
    )
    torch.testing.assert_close(fused[0], normalize(expected + head.bias_D, dim=0))


def test_an_absent_modality_leaves_the_others_their_say():
    torch.manual_seed(0)
    head = OuterProductFusion()
    tokens = normalize(torch.randn(2, 1, 128), dim=-1)
    codes = torch.full((2, 1), Modality.AUDIO.code)
    one, other = head(tokens, codes, torch.ones(2, 1), torch.ones(2, 1, dtype=torch.bool))[0]
    assert (one - other).norm() > 0.1
