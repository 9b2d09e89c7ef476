import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.students.text import TEXT_LENGTH, TextStudent  # noqa: E402


def sentence(*words: int) -> "torch.Tensor":
    tokens = torch.zeros(1, TEXT_LENGTH, dtype=torch.int64)
    tokens[0, : len(words)] = torch.tensor(words)
    return tokens


def test_padding_does_not_change_a_sentence():
    student = TextStudent(width=64, heads=2, layers=2).eval()
    tokens = sentence(5, 9, 11, 3)
    with torch.no_grad():
        before = student(tokens)
        student.word[0] += 10.0
        torch.testing.assert_close(student(tokens), before, atol=1e-5, rtol=0)


def test_an_empty_sentence_has_an_embedding_like_any_other():
    student = TextStudent(width=64, heads=2).eval()
    together = student(torch.cat([torch.zeros(1, TEXT_LENGTH, dtype=torch.int64), sentence(5, 9)]))
    torch.testing.assert_close(together.norm(dim=1), torch.ones(2))
    torch.testing.assert_close(together[1:], student(sentence(5, 9)), atol=1e-5, rtol=0)


def test_the_order_of_the_words_matters():
    torch.manual_seed(0)
    student = TextStudent(width=64, heads=2).eval()
    assert (student(sentence(5, 9, 11)) - student(sentence(11, 9, 5))).norm() > 1e-3
