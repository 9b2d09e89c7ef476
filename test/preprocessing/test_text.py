import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.text import PRESETS, TextPreprocessor, TextSettings, prepare_text

UNKNOWN, END = "[UNK]", "<|endoftext|>"
WORDS = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "red": 5, "mug": 6}
EIGHT = TextSettings(name="eight", length=8)


def word_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return Tokenizer.from_str(tokenizer.to_str())


def clip_like_tokenizer() -> Tokenizer:
    """Byte-level pairs with the end of the text as padding, as CLIP has it."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    vocabulary |= {"<|startoftext|>": 256, "<|endoftext|>": 257}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token=END))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", 257), ("<|startoftext|>", 256), trim_offsets=False, add_prefix_space=False
    )
    tokenizer.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    return tokenizer


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a red mug", [2, 4, 5, 6, 3, 0, 0, 0]),
        ("a red mug a red mug a red mug", [2, 4, 5, 6, 4, 5, 6, 3]),
        ("a blue mug", [2, 4, 1, 6, 3, 0, 0, 0]),
        ("", [2, 3, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_text_is_cut_or_padded_and_keeps_its_special_tokens(text: str, tokens: list[int]) -> None:
    array = prepare_text(text, word_tokenizer(), EIGHT)
    assert array.dtype == np.int64
    assert array.tolist() == tokens


def test_the_tokenizers_own_padding_wins() -> None:
    tokenizer = word_tokenizer()
    tokenizer.enable_padding(direction="left", pad_id=1, pad_token=UNKNOWN, length=3)
    tokenizer.enable_truncation(2)
    assert prepare_text("a mug", tokenizer, EIGHT).tolist() == [1, 1, 1, 1, 2, 4, 6, 3]


def test_one_tokenizer_serves_two_lengths() -> None:
    tokenizer = word_tokenizer()
    for length in (8, 4, 8):
        settings = TextSettings(name="any", length=length)
        assert prepare_text("a red mug a red", tokenizer, settings).shape == settings.input_shape == (length,)


def test_clip_is_padded_with_the_end_of_the_text() -> None:
    array = prepare_text("mug", clip_like_tokenizer(), PRESETS["clip"])
    assert array.shape == (77,)
    assert array[0] == 256
    assert (array[4:] == 257).all()


@pytest.mark.parametrize(("name", "length"), [("clip", 77), ("siglip", 64), ("compact", 16)])
def test_presets_have_the_length_of_their_encoders(name: str, length: int) -> None:
    assert PRESETS[name].input_shape == (length,)


@pytest.mark.parametrize(
    ("text", "quality"), [("a red mug", 1.0), ("a blue mug", 2 / 3), ("xyzzy plugh", 0.0), ("", 0.0), ("a " * 40, 1.0)]
)
def test_quality_is_the_share_of_known_tokens(text: str, quality: float) -> None:
    preprocessor = TextPreprocessor(EIGHT, word_tokenizer())
    preprocessor.add(text, 3)
    model_input = preprocessor.take()
    assert model_input is not None
    assert model_input.quality == pytest.approx(quality)
    assert model_input.stamp_ns == 3
    np.testing.assert_array_equal(model_input.array, prepare_text(text, word_tokenizer(), EIGHT))
    assert preprocessor.take() is None


def test_a_byte_level_tokenizer_knows_every_word() -> None:
    preprocessor = TextPreprocessor(PRESETS["clip"], clip_like_tokenizer())
    preprocessor.add("Tasse 東京", 0)
    model_input = preprocessor.take()
    assert model_input is not None
    assert model_input.quality == 1


def test_a_tokenizer_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="padding token"):
        TextPreprocessor(PRESETS["siglip"], word_tokenizer())
    with pytest.raises(InputError, match="no room"):
        prepare_text("a", word_tokenizer(), TextSettings(name="tiny", length=2))
