import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from training.teachers.pretrained.teacher import PROBES, UnitEncoder, require_same_tokens  # noqa: E402


class Scaled(UnitEncoder):
    """As published models do: ImageBind's sounds are 20 long."""

    def embed(self, input_B):
        return 20 * input_B


def test_embeddings_have_length_one_whatever_length_the_model_gives_them():
    vectors = Scaled()(torch.randn(5, 7))
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(5))


def test_another_way_to_cut_a_sentence_is_refused_with_the_sentence():
    tokens = np.arange(len(PROBES) * 4).reshape(len(PROBES), 4)
    require_same_tokens(tokens, tokens.copy())
    other = tokens.copy()
    other[1, 2] += 1
    with pytest.raises(ConfigurationError, match="ZÈBRE"):
        require_same_tokens(tokens, other)
    with pytest.raises(ConfigurationError, match="tokenizer"):
        require_same_tokens(tokens, tokens[:, :3])
