import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from dataclasses import replace  # noqa: E402

from training.fusion.heads.unseen import UnseenFusion  # noqa: E402
from training.fusion.token_sets import draw_token_sets  # noqa: E402

TEMPERATURE = 0.07


@pytest.fixture
def sets(sharp_embedded):
    generator = torch.Generator().manual_seed(0)
    return draw_token_sets(sharp_embedded, count=16, most_tokens=4, corrupted_share=0.0, generator=generator)


def learn(head, sets, sharp_centres):
    return head.learn(sets, sharp_centres[:, 0], torch.tensor(TEMPERATURE))


def test_each_branch_learns_from_its_own_loss(sets, sharp_centres):
    for number, learns, untouched in ((0, "supervised", "pseudo"), (1, "pseudo", "supervised")):
        head = UnseenFusion()
        learn(head, sets, sharp_centres)[number].sum().backward()
        assert getattr(head, learns).weight.grad is not None
        assert getattr(head, untouched).weight.grad is None


def test_pseudo_labels_are_what_the_modalities_say_not_the_truth(sets, sharp_centres):
    head = UnseenFusion()
    _, own = learn(head, sets, sharp_centres)
    _, with_other_labels = learn(head, replace(sets, label_B=(sets.label_B + 1) % 12), sharp_centres)
    assert torch.equal(own, with_other_labels)


def test_the_second_branch_comes_to_say_what_the_modalities_say(sets, sharp_centres):
    torch.manual_seed(0)
    head = UnseenFusion()
    optimiser = torch.optim.Adam(head.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        optimiser.zero_grad()
        losses.append(learn(head, sets, sharp_centres)[1])
        losses[-1].backward()
        optimiser.step()
    assert losses[-1] < losses[0] / 2
