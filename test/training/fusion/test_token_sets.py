import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn.functional import normalize  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.fusion.embedded import EmbeddedSet  # noqa: E402
from training.fusion.token_sets import draw_token_sets  # noqa: E402

SAMPLES = 10


@pytest.fixture
def embedded() -> EmbeddedSet:
    generator = torch.Generator().manual_seed(0)

    def unit(*shape: int) -> "torch.Tensor":
        return normalize(torch.randn(*shape, 128, generator=generator), dim=-1)

    usable = torch.ones(3, SAMPLES, dtype=torch.bool)
    usable[2, 5:] = False
    return EmbeddedSet(
        code_M=torch.tensor([Modality.IMAGE.code, Modality.TEXT.code, Modality.TOUCH.code]),
        label_N=torch.arange(SAMPLES) % 4,
        embedding_MNVD=unit(3, SAMPLES, 2),
        quality_MN=torch.ones(3, SAMPLES),
        usable_MN=usable,
        group_MN=torch.arange(SAMPLES).expand(3, -1),
        empty_MED=unit(3, 4),
        faulty_MFD=unit(3, 3),
        faulty_quality_MF=torch.full((3, 3), 0.25),
    )


def draw(embedded: EmbeddedSet, **changes):
    settings = {"count": 400, "most_tokens": 6, "corrupted_share": 0.5, "generator": torch.Generator().manual_seed(1)}
    return draw_token_sets(embedded, **{**settings, **changes})


def test_every_set_has_a_token_and_sizes_range_up_to_all(embedded):
    sizes = draw(embedded).live_BT.sum(dim=1)
    assert sizes.min() == 1
    assert sizes.max() == 6


def test_a_modality_that_a_sample_lacks_is_never_live(embedded):
    sets = draw(embedded, corrupted_share=0.0)
    touch = sets.live_BT & (sets.modality_BT == Modality.TOUCH.code)
    available = embedded.embedding_MNVD[2, :5].reshape(-1, 128)
    nearest = (sets.embedding_BTD[touch] @ available.T).amax(dim=1)
    torch.testing.assert_close(nearest, torch.ones(len(nearest)))


def test_clean_tokens_are_the_samples_own(embedded):
    sets = draw(embedded, corrupted_share=0.0)
    assert not sets.corrupted_BT.any()
    row, token = sets.live_BT.nonzero()[0].tolist()
    own = embedded.embedding_MNVD[:, embedded.label_N == sets.label_B[row]].reshape(-1, 128)
    assert (own @ sets.embedding_BTD[row, token]).max() > 0.999


def test_most_of_the_tokens_stay_sound(embedded):
    sets = draw(embedded, corrupted_share=1.0)
    corrupted, live = sets.corrupted_BT.sum(dim=1), sets.live_BT.sum(dim=1)
    assert (corrupted[live == 1] == 0).all()
    assert (2 * corrupted[live > 2] < live[live > 2]).all()
    assert (corrupted[live > 2] >= 1).all()
    assert not (sets.corrupted_BT & ~sets.live_BT).any()


def test_sets_of_one_size_only(embedded):
    sizes = draw(embedded, fewest_tokens=2, most_tokens=2).live_BT.sum(dim=1)
    assert (sizes == 2).all()


def test_the_same_sets_are_drawn_with_and_without_corruption(embedded):
    clean, broken = draw(embedded, corrupted_share=0.0), draw(embedded, corrupted_share=1.0)
    assert torch.equal(clean.live_BT, broken.live_BT)
    assert torch.equal(clean.modality_BT, broken.modality_BT)
    sound = ~broken.corrupted_BT
    assert torch.equal(clean.embedding_BTD[sound], broken.embedding_BTD[sound])
    assert not torch.equal(clean.embedding_BTD, broken.embedding_BTD)


def test_corrupted_twins_come_beside_the_clean_sets(embedded):
    clean, both = draw(embedded, corrupted_share=0.0), draw(embedded, corrupted_share=0.5, twins=True)
    assert torch.equal(both.embedding_BTD[:400], clean.embedding_BTD)
    assert not both.corrupted_BT[:400].any()
    assert len(both.label_B) > 500
    assert both.corrupted_BT[400:].any(dim=1).all()


def test_a_modality_can_be_limited_to_one_source(embedded):
    sets = draw(embedded, most_of_a_modality=1)
    for code in embedded.code_M:
        assert (sets.live_BT & (sets.modality_BT == code)).sum(dim=1).max() == 1
