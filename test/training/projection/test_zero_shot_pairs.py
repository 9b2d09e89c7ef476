import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.embedding_table import EmbeddingTable  # noqa: E402
from training.projection.pairs import Pairs  # noqa: E402
from training.projection.zero_shot_pairs import zero_shot_pairs  # noqa: E402


def side(modality: Modality, *rows: tuple[float, float]) -> tuple[Modality, EmbeddingTable]:
    return modality, EmbeddingTable(tuple(map(str, range(len(rows)))), np.array(rows, np.float32))


def pairs(*rows: tuple[int, int, float, str]) -> Pairs:
    audio, point, target, category = zip(*rows, strict=True)
    return Pairs(torch.tensor(audio), {Modality.POINT: torch.tensor(point)}, torch.tensor(target), category)


AUDIO = side(Modality.AUDIO, (1, 0), (5, 1), (0, 2), (-1, 2))
POINT = side(Modality.POINT, (1, 0.1), (3, 0), (0.2, 1), (1, 0))


def test_each_item_goes_to_the_nearest_mean_of_the_other_sensor():
    matches = pairs((0, 0, 1.0, "bell"), (1, 1, 1.0, "bell"), (2, 2, 1.0, "drum"), (3, 3, 1.0, "drum"))
    results = zero_shot_pairs(AUDIO, POINT, matches)
    # the last point lies with the bells, so it is wrong itself; the drums' mean still is nearer to both drum sounds
    assert results == {"audio→point": {"by_category": 1.0}, "point→audio": {"by_category": 0.75}}


def test_a_match_has_to_beat_every_none_and_partial_ones_do_not_count():
    told = pairs((0, 0, 1.0, ""), (0, 2, 0.0, ""), (0, 3, 0.5, ""), (2, 1, 1.0, ""), (2, 2, 0.0, ""), (3, 3, 1.0, ""))
    results = zero_shot_pairs(AUDIO, POINT, told)
    assert results["audio→point"] == {"by_pair": 0.5}
    assert results["point→audio"] == {}


def test_partial_pairs_are_in_no_category():
    told = pairs((0, 0, 1.0, "bell"), (2, 2, 1.0, "drum"), (1, 3, 0.5, "drum"))
    assert zero_shot_pairs(AUDIO, POINT, told)["point→audio"] == {"by_category": 1.0}


def test_pairs_that_tell_nothing_apart_are_refused():
    with pytest.raises(ConfigurationError, match="nothing can be told apart"):
        zero_shot_pairs(AUDIO, POINT, pairs((0, 0, 1.0, "bell"), (1, 1, 1.0, "bell")))


def test_an_item_of_two_categories_is_refused():
    with pytest.raises(ConfigurationError, match="in two categories"):
        zero_shot_pairs(AUDIO, POINT, pairs((0, 0, 1.0, "bell"), (0, 1, 1.0, "drum")))
