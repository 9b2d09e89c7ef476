import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.fusion.heads.attention import FeedForward, TokenAttention  # noqa: E402

DIMENSION = 16


@pytest.fixture
def attention() -> TokenAttention:
    """Attention that has learned something."""
    torch.manual_seed(0)
    made = TokenAttention(DIMENSION).eval()
    torch.nn.init.normal_(made.output.weight)
    return made


@pytest.fixture
def tokens() -> "torch.Tensor":
    return torch.randn(2, 4, DIMENSION, generator=torch.Generator().manual_seed(1))


def live(*which: int) -> "torch.Tensor":
    mask = torch.zeros(2, 4, dtype=torch.bool)
    mask[:, list(which)] = True
    return mask


def test_both_halves_start_by_adding_nothing(tokens):
    assert TokenAttention(DIMENSION)(tokens, live(0, 1, 2, 3)).eq(0).all()
    assert FeedForward(DIMENSION)(tokens).eq(0).all()


def test_a_mean_taken_before_the_second_layer_is_the_same(tokens):
    layers = FeedForward(DIMENSION)
    torch.nn.init.normal_(layers.narrow.weight)
    torch.nn.init.normal_(layers.narrow.bias)
    weights = torch.softmax(torch.randn(2, 4), dim=1)
    expected = (weights[..., None] * layers(tokens)).sum(dim=1)
    torch.testing.assert_close(layers.mean(tokens, weights), expected, atol=1e-5, rtol=1e-5)


def test_tokens_that_are_not_live_are_not_read(attention, tokens):
    before = attention(tokens, live(0, 2))
    tokens[:, [1, 3]] = 100.0 * torch.randn(2, 2, DIMENSION)
    torch.testing.assert_close(attention(tokens, live(0, 2))[:, [0, 2]], before[:, [0, 2]])


def test_a_disfavoured_token_counts_as_little_as_an_absent_one(attention, tokens):
    favour = torch.tensor([[0.0, -30.0, 0.0, 0.0]]).expand(2, -1)
    taken = attention(tokens, live(0, 1, 2, 3), favour)
    torch.testing.assert_close(taken, attention(tokens, live(0, 2, 3)), atol=1e-5, rtol=1e-5)
    assert (taken - attention(tokens, live(0, 1, 2, 3))).abs().max() > 1e-2


def test_the_mask_is_finite_in_half_precision(attention, tokens):
    taken = attention.half()(tokens.half(), live(0, 2))
    assert torch.isfinite(taken).all()
