import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.distillation.distil_text import TOKENIZER_FILE  # noqa: E402
from training.distillation.recipes import load_student  # noqa: E402
from training.students.tokens import load_tokenizer, tokens_of  # noqa: E402
from training.teachers.text_tower import encode_sentences  # noqa: E402


def test_the_text_student_answers_like_the_text_tower(splits, distilled, teachers):
    student = load_student(distilled / "text", Modality.TEXT, ())
    tokenizer = load_tokenizer(distilled / "text" / TOKENIZER_FILE)
    captions = [sample[0] for sample in splits["train"].captions[::6]]
    own = student(tokens_of(tokenizer, captions))
    tower = teachers.projection(encode_sentences(captions))
    matching = (own * tower).sum(dim=1).mean()
    mismatched = (own * tower.roll(7, dims=0)).sum(dim=1).mean()
    assert matching > mismatched + 0.3
