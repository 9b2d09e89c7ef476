import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_bundle import write_tiny_bundle

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.resources import bundle_folder
from omnibind_ros.preprocessing.text import prepare_text
from training.knowledge.selection import distinct, encoder_limit, fitted, selected

SENTENCES = st.lists(st.sampled_from(["a", "red", "mug,", "on", "the", "table;", "is"]), min_size=1).map(" ".join)


def within(words: int):
    return lambda text: len(text.split()) <= words


@settings(max_examples=100, deadline=None)
@given(sentence=SENTENCES, words=st.integers(0, 12))
def test_what_is_kept_fits_and_is_a_beginning(sentence, words):
    kept = fitted(sentence, within(words))
    assert within(words)(kept)
    assert sentence.startswith(kept)
    assert bool(kept) == bool(words)
    assert within(words)(sentence) == (kept == sentence) or len(sentence) > len(kept)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (99, "A red mug of fired clay, which stands on 3.5 legs."),
        (8, "A red mug of fired clay"),
        (5, "A red mug of fired"),
        (4, "A red mug"),
        (1, "A"),
        (0, ""),
    ],
)
def test_a_long_sentence_ends_with_a_clause_or_a_word_that_can_end_it(words, kept):
    assert fitted("A red mug of fired clay, which stands on 3.5 legs.", within(words)) == kept


def test_the_same_words_count_once():
    assert distinct(["A mug.", "a  MUG!", "...", "A cup."]) == ["A mug.", "A cup."]


def test_whole_sentences_go_before_shortened_ones():
    said = ["One mug that has a handle", "Two mugs", "One mug that", "Three mugs", "two mugs."]
    assert selected(said, 9, within(3)) == ["Two mugs", "One mug that", "Three mugs"]
    assert selected(said[:2], 9, within(2)) == ["Two mugs", "One mug"]
    assert selected(said, 1, within(3)) == ["Two mugs"]


def test_the_limit_is_what_the_text_encoder_reads():
    bundle = load_bundle(bundle_folder("omnibind-sim"))
    fits, tokens = encoder_limit(bundle)
    assert tokens == bundle.settings[Modality.TEXT].length
    short, long = "a red mug", "a red mug on the table " * 9
    assert fits(short)
    assert not fits(long)
    from tokenizers import Tokenizer  # noqa: PLC0415

    reader = Tokenizer.from_str(bundle.content(bundle.description.tokenizer).decode())
    read = [prepare_text(text, reader, bundle.settings[Modality.TEXT]).tolist() for text in (long, fitted(long, fits))]
    assert read[0][: tokens - 2] == read[1][: tokens - 2], "nothing is lost that would have been read"


def test_a_bundle_without_text_has_no_limit(tmp_path):
    with pytest.raises(ConfigurationError, match="no text encoder"):
        encoder_limit(write_tiny_bundle(tmp_path / "tiny"))
