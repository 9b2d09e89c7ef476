import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.embedding_table import EmbeddingTable  # noqa: E402
from training.projection.pair_batches import CachedBatches, check_space  # noqa: E402
from training.projection.pairs import ABSENT, Pairs  # noqa: E402


def test_a_batch_holds_the_embeddings_of_its_pairs():
    audio = EmbeddingTable(("a", "b"), np.array([[1, 2, 3], [4, 5, 6]], np.float32))
    text = EmbeddingTable(("x", "y"), np.array([[3, 4], [0, 2]], np.float32))
    pairs = Pairs(torch.tensor([1, 0]), {Modality.TEXT: torch.tensor([0, ABSENT])}, torch.tensor([0.5, 1.0]), ("", ""))
    batches = CachedBatches(Modality.AUDIO, audio, {Modality.TEXT: text}, pairs, [torch.tensor([0, 1])])
    assert (len(batches), batches.input_size, batches.size) == (1, 3, 2)
    batch = batches.own(0)
    assert batch.projected_BI.tolist() == [[4, 5, 6], [1, 2, 3]]
    assert batch.target_B.tolist() == [0.5, 1.0]
    frozen = batch.frozen[Modality.TEXT]
    assert frozen.there_B.tolist() == [True, False]
    torch.testing.assert_close(frozen.unit_BD[0], torch.tensor([0.6, 0.8]))


@pytest.mark.parametrize("sizes", [{}, {Modality.TEXT: 2, Modality.IMAGE: 3}, {Modality.AUDIO: 2}])
def test_only_other_modalities_of_one_size_are_projected_to(sizes):
    with pytest.raises(ConfigurationError, match="cannot be projected"):
        check_space(Modality.AUDIO, sizes)
