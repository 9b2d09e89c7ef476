import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402


def test_every_modality_has_unit_embeddings_of_every_view(tiny_config, splits, embedded):
    assert embedded.modalities == tiny_config.modalities
    assert embedded.embedding_MNVD.shape == (3, len(splits["fusion"]), 2, 128)
    for vectors in (embedded.embedding_MNVD, embedded.empty_MED, embedded.faulty_MFD):
        torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(vectors.shape[:-1]))


def test_views_are_different_looks_at_the_same_thing(embedded):
    image = embedded.embedding_MNVD[embedded.modalities.index(Modality.IMAGE)]
    same = (image[:, 0] * image[:, 1]).sum(dim=-1).mean()
    other = (image[:, 0] * image[:, 1].roll(30, dims=0)).sum(dim=-1).mean()
    assert other < same < 1 - 1e-6
