import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.data.words import all_words, common_phrases  # noqa: E402
from training.students.text import TEXT_LENGTH, VOCABULARY  # noqa: E402
from training.students.tokens import load_tokenizer, tokens_of, train_tokenizer  # noqa: E402


def test_the_tokenizer_knows_its_words_and_always_gives_one_length(tmp_path):
    trained = train_tokenizer([*all_words(), *common_phrases(500, seed=0)])
    trained.save(str(tmp_path / "tokenizer.json"))
    tokenizer = load_tokenizer(tmp_path / "tokenizer.json")
    tokens = tokens_of(tokenizer, ["", "a Red MUG", "red mug " * 30])
    assert tokens.shape == (3, TEXT_LENGTH)
    assert tokens[0].eq(0).all()
    assert tokenizer.encode("a Red MUG").tokens[:3] == ["a", "red", "mug"]
    assert tokenizer.get_vocab_size() <= VOCABULARY
