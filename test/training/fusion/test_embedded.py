import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.fusion.embedded import embed_split, load_embedded, save_embedded  # noqa: E402


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


def test_it_comes_back_from_disk_as_it_was(embedded, tmp_path):
    save_embedded(embedded, tmp_path)
    for name, value in vars(load_embedded(tmp_path)).items():
        assert torch.equal(value, getattr(embedded, name))


def test_modalities_of_one_thing_are_of_one_group(embedded):
    image, thermal = (embedded.modalities.index(one) for one in (Modality.IMAGE, Modality.THERMAL))
    assert torch.equal(embedded.group_MN[image], embedded.group_MN[thermal])
    assert embedded.group_MN[image].unique().numel() == len(embedded)


def test_noise_differs_from_split_to_split_and_not_from_run_to_run(tiny_config, splits, distilled):
    samples = splits["test"]
    one, again = (embed_split(samples, tiny_config, distilled, split="test").empty_MED for _ in range(2))
    other = embed_split(samples, tiny_config, distilled, split="fusion").empty_MED
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
