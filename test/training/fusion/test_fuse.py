import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.config import FuseConfig, TrainingConfig  # noqa: E402
from training.fusion.fuse import fuse, load_head, loss_terms  # noqa: E402
from training.fusion.heads.registry import HEADS, make_head  # noqa: E402
from training.fusion.token_sets import draw_token_sets  # noqa: E402


def test_the_stored_head_comes_back_frozen_and_fuses_any_subset(fused, embedded):
    head = load_head(fused)
    assert not any(parameter.requires_grad for parameter in head.parameters())
    for members in ([0], [0, 2], [0, 1, 2]):
        tokens = embedded.embedding_MNVD[members, :, 0].transpose(0, 1)
        codes = embedded.code_M[members].expand(len(tokens), -1)
        vectors, weights = head(tokens, codes, torch.ones(codes.shape), torch.ones(codes.shape, dtype=torch.bool))
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(tokens)))
        torch.testing.assert_close(weights.sum(dim=1), torch.ones(len(tokens)))


@pytest.mark.parametrize("name", HEADS)
def test_every_head_recognises_after_training(sharp_embedded, sharp_centres, tmp_path, name):
    config = TrainingConfig(fuse=FuseConfig(steps=40, batch=64, learning_rate=3e-3))
    fuse(tmp_path, config, sharp_embedded, sharp_centres, name)
    head = load_head(tmp_path, name)
    tokens = sharp_embedded.embedding_MNVD[:, :, 0].transpose(0, 1)
    codes = sharp_embedded.code_M.expand(len(tokens), -1)
    with torch.no_grad():
        vectors, _ = head(tokens, codes, torch.ones(codes.shape), torch.ones(codes.shape, dtype=torch.bool))
    found = (vectors @ sharp_centres[:, 0].T).argmax(dim=1)
    assert (found == sharp_embedded.label_N).float().mean() > 0.9


@pytest.mark.parametrize(
    ("switched_off", "left"),
    [("weight_recognition", {"own", "negatives"}), ("weight_negatives", {"own", "recognition"})],
)
def test_each_shared_loss_can_be_switched_off(sharp_embedded, sharp_centres, switched_off, left):
    generator = torch.Generator().manual_seed(0)
    sets = draw_token_sets(sharp_embedded, count=8, most_tokens=4, corrupted_share=0.0, generator=generator)
    settings = FuseConfig(**{switched_off: 0.0})
    terms = loss_terms(
        make_head("af"), sets, sharp_centres[:, 0], torch.tensor(0.07), settings=settings, generator=generator
    )
    assert set(terms) == left
