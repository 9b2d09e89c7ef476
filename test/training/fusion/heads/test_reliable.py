import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn.functional import normalize  # noqa: E402

from training.config import FuseConfig, TrainingConfig  # noqa: E402
from training.fusion.fuse import fuse, load_head  # noqa: E402
from training.fusion.heads.registry import BUNDLED  # noqa: E402


@pytest.fixture(scope="module")
def trained(sharp_embedded, sharp_centres, tmp_path_factory):
    config = TrainingConfig(fuse=FuseConfig(steps=80, batch=64, learning_rate=5e-3))
    folder = tmp_path_factory.mktemp("reliable")
    fuse(folder, config, sharp_embedded, sharp_centres, BUNDLED)
    return load_head(folder, BUNDLED)


def test_a_token_that_contradicts_the_others_counts_least(trained, sharp_embedded):
    tokens = sharp_embedded.embedding_MNVD[:, :, 0].transpose(0, 1).clone()
    other = (sharp_embedded.label_N[:, None] != sharp_embedded.label_N).float().multinomial(1).squeeze(1)
    tokens[:, 0] = tokens[other, 0]
    codes = sharp_embedded.code_M.expand(len(tokens), -1)
    _, weights = trained(tokens, codes, torch.ones(codes.shape), torch.ones(codes.shape, dtype=torch.bool))
    assert (weights[:, 0] < weights[:, 1:].amin(dim=1)).float().mean() > 0.9
    assert weights[:, 0].mean() < 0.1


def test_noise_is_not_believed(trained, sharp_embedded):
    tokens = sharp_embedded.embedding_MNVD[:, :, 0].transpose(0, 1).clone()
    tokens[:, 1] = normalize(torch.randn(len(tokens), 128, generator=torch.Generator().manual_seed(9)), dim=-1)
    codes = sharp_embedded.code_M.expand(len(tokens), -1)
    _, weights = trained(tokens, codes, torch.ones(codes.shape), torch.ones(codes.shape, dtype=torch.bool))
    assert weights[:, 1].mean() < 0.1
