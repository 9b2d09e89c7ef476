import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.distillation.augment import augment  # noqa: E402

SHAPES = {
    Modality.IMAGE: (3, 64, 64),
    Modality.THERMAL: (1, 64, 64),
    Modality.EVENT: (8, 64, 64),
    Modality.TOUCH: (3, 64, 64),
    Modality.AUDIO: (1, 98, 64),
    Modality.POINT: (256, 3),
}


@pytest.mark.parametrize("modality", list(SHAPES))
def test_augmented_inputs_keep_their_shape_and_differ_between_draws_but_not_between_seeds(modality):
    batch = torch.rand(4, *SHAPES[modality], generator=torch.Generator().manual_seed(0))
    original = batch.clone()
    first = augment(modality, batch, torch.Generator().manual_seed(1), mirrored=True)
    again = augment(modality, batch, torch.Generator().manual_seed(1), mirrored=True)
    other = augment(modality, batch, torch.Generator().manual_seed(2), mirrored=True)
    assert first.shape == batch.shape
    assert torch.isfinite(first).all()
    torch.testing.assert_close(first, again)
    assert not torch.allclose(first, other)
    torch.testing.assert_close(batch, original)


def test_turning_keeps_the_height_of_points_up_to_stretch_and_jitter():
    cloud = torch.rand(2, 256, 3, generator=torch.Generator().manual_seed(0))
    turned = augment(Modality.POINT, cloud, torch.Generator().manual_seed(1), mirrored=True)
    correlation = torch.corrcoef(torch.stack([cloud[0, :, 2], turned[0, :, 2]]))[0, 1]
    assert correlation > 0.98


def test_what_must_not_be_mirrored_is_not():
    left = torch.zeros(64, 1, 64, 64)
    left[..., :20] = 1.0
    seen_on_the_right = {
        mirrored: augment(Modality.THERMAL, left, torch.Generator().manual_seed(1), mirrored=mirrored)[..., 44:].mean(
            dim=(1, 2, 3)
        )
        > 0.5
        for mirrored in (True, False)
    }
    assert 16 < seen_on_the_right[True].sum() < 48
    assert not seen_on_the_right[False].any()
