import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.fusion.fuse import load_head  # noqa: E402


def test_the_stored_head_comes_back_frozen_and_fuses_any_subset(fused, embedded):
    head = load_head(fused)
    assert not any(parameter.requires_grad for parameter in head.parameters())
    for members in ([0], [0, 2], [0, 1, 2]):
        tokens = embedded.embedding_MNVD[members, :, 0].transpose(0, 1)
        codes = embedded.code_M[members].expand(len(tokens), -1)
        vectors, weights = head(tokens, codes, torch.ones(codes.shape), torch.ones(codes.shape, dtype=torch.bool))
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(tokens)))
        torch.testing.assert_close(weights.sum(dim=1), torch.ones(len(tokens)))
