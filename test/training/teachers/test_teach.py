import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.teachers.teach import symmetric_contrast  # noqa: E402


def test_teachers_are_stored_frozen_with_one_embedding_for_each_caption_and_the_hint(splits, teachers):
    train = splits["train"]
    assert teachers.image_ND.shape == (len(train), 128)
    assert teachers.caption_NCD.shape == (len(train), len(train.captions[0]) + 1, 128)
    assert teachers.centre_KkD.shape[0] == len(train.labels)
    torch.testing.assert_close(teachers.centre_KkD.norm(dim=-1), torch.ones(teachers.centre_KkD.shape[:2]))
    assert not any(parameter.requires_grad for parameter in teachers.projection.parameters())


def test_contrast_is_the_same_from_both_sides_and_small_for_matching_pairs():
    left, right = torch.eye(4), torch.eye(4).roll(1, dims=0)
    group, temperature = torch.arange(4), torch.tensor(0.07)
    torch.testing.assert_close(
        symmetric_contrast(left, right, group, temperature), symmetric_contrast(right, left, group, temperature)
    )
    matching = symmetric_contrast(left, left, group, temperature)
    assert matching < 0.01 < symmetric_contrast(left, right, group, temperature)
