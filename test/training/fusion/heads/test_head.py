import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn.functional import normalize  # noqa: E402

from training.fusion.heads.head import slots  # noqa: E402
from training.fusion.heads.registry import HEADS, make_head  # noqa: E402
from training.fusion.token_sets import TokenSets  # noqa: E402


@pytest.fixture(params=HEADS)
def head(request):
    torch.manual_seed(3)
    head = make_head(request.param).eval()
    for parameter in head.parameters():
        # what starts at zero would hide what it does
        parameter.data += 0.1 * torch.randn(parameter.shape)
    return head


@pytest.fixture
def tokens():
    generator = torch.Generator().manual_seed(4)
    embedding = normalize(torch.randn(3, 5, 128, generator=generator), dim=-1)
    modality = torch.randint(0, 7, (3, 5), generator=generator)
    quality = torch.rand(3, 5, generator=generator)
    return embedding, modality, quality, torch.ones(3, 5, dtype=torch.bool)


def test_fused_embeddings_are_unit_vectors_and_weights_sum_to_one(head, tokens):
    fused, weights = head(*tokens)
    torch.testing.assert_close(fused.norm(dim=-1), torch.ones(3))
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(3))


def test_the_order_of_the_tokens_changes_nothing(head, tokens):
    order = torch.tensor([3, 0, 4, 1, 2])
    fused, weights = head(*tokens)
    reordered, reordered_weights = head(*(tensor[:, order] for tensor in tokens))
    torch.testing.assert_close(reordered, fused, atol=1e-5, rtol=0)
    torch.testing.assert_close(reordered_weights, weights[:, order], atol=1e-5, rtol=0)


@pytest.mark.parametrize("content", [0.0, 7.0, float("nan"), float("inf")])
def test_a_masked_token_equals_an_absent_one_whatever_it_holds(head, tokens, content):
    embedding, modality, quality, live = (tensor.clone() for tensor in tokens)
    absent, absent_weights = head(embedding[:, :3], modality[:, :3], quality[:, :3], live[:, :3])
    live[:, 3:], embedding[:, 3:], quality[:, 3:] = False, content, content
    masked, masked_weights = head(embedding, modality, quality, live)
    torch.testing.assert_close(masked, absent, atol=1e-5, rtol=0)
    torch.testing.assert_close(masked_weights[:, :3], absent_weights, atol=1e-5, rtol=0)
    assert masked_weights[:, 3:].eq(0).all()


def test_a_single_token_is_enough(head, tokens):
    fused, weights = head(*(tensor[:, :1] for tensor in tokens))
    assert torch.isfinite(fused).all()
    torch.testing.assert_close(weights, torch.ones(3, 1))


def test_rows_without_a_live_token_stay_finite(head, tokens):
    embedding, modality, quality, live = tokens
    fused, weights = head(embedding, modality, quality, torch.zeros_like(live))
    assert torch.isfinite(fused).all()
    assert torch.isfinite(weights).all()


def test_two_sources_of_one_modality_both_count(head, tokens):
    embedding, _, quality, live = (tensor[:, :2] for tensor in tokens)
    modality = torch.full((3, 2), 4)
    both, weights = head(embedding, modality, quality, live)
    alone, _ = head(embedding[:, :1], modality[:, :1], quality[:, :1], live[:, :1])
    assert (both - alone).norm(dim=-1).min() > 1e-3
    assert weights.gt(0).all()


def test_every_parameter_learns(head, tokens):
    embedding, modality, quality, live = tokens
    corrupted = torch.zeros_like(live)
    corrupted[:, 0] = True
    # every modality is there, or those that are not would have no gradient
    modality = (torch.arange(15) % 7).reshape(3, 5)
    sets = TokenSets(embedding, modality, quality, live, corrupted, torch.tensor([0, 1, 2]))
    text = normalize(torch.randn(4, 128, generator=torch.Generator().manual_seed(5)), dim=-1)
    fused, own = head.learn(sets, text, torch.tensor(0.07))
    loss = torch.nn.functional.cross_entropy(fused @ text.T / 0.07, sets.label_B) + own
    if parameters := dict(head.named_parameters()):
        torch.autograd.backward(loss)
        without = [name for name, parameter in parameters.items() if parameter.grad is None]
        assert not without


def test_two_sources_of_one_modality_share_its_place():
    embedding = torch.arange(6.0).reshape(1, 3, 2)
    live = torch.tensor([[True, True, False]])
    slot, there = slots(embedding, torch.tensor([[4, 4, 0]]), live)
    assert there.tolist() == [[False, False, False, False, True, False, False]]
    assert slot[0, 4].tolist() == [1.0, 2.0]
    assert slot[0, :4].eq(0).all()
