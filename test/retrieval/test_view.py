import numpy as np
import pytest
from seen import SPACE, axis, direction

from omnibind_ros.errors import QuestionError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.retrieval.view import View


def member(source: str, modality: Modality, vector: np.ndarray) -> Embedding:
    return Embedding(source, modality, vector, 1.0, 0, source, SPACE)


VIEW = View(
    [
        member("camera", Modality.IMAGE, axis(0)),
        member("rear", Modality.IMAGE, axis(1)),
        member("microphone", Modality.AUDIO, axis(2)),
        member("touch", Modality.IMAGE, axis(3)),
    ],
    axis(4),
)


@pytest.mark.parametrize(
    ("name", "vector"),
    [
        ("rear", axis(1)),
        ("audio", axis(2)),
        ("image", direction(1, 1, 0, 1)),
        ("touch", axis(3)),  # a source's name goes before that of a modality
        ("now", axis(4)),
    ],
)
def test_a_source_a_modality_and_everything_have_a_vector(name: str, vector: np.ndarray) -> None:
    assert VIEW.shows([name])
    np.testing.assert_allclose(VIEW.vector(name), vector, atol=1e-6)


def test_what_is_not_live_is_told_with_what_is() -> None:
    assert not VIEW.shows(["camera", "lidar"])
    with pytest.raises(QuestionError) as refused:
        VIEW.vector("lidar")
    assert str(refused.value) == "@lidar shows nothing now (live are @camera, @rear, @microphone, @touch)"
    assert not View().shows(["now"])
    assert View().shows([])
    with pytest.raises(QuestionError, match="nothing is live"):
        View().vector("now")
