"""A prompt of an operator."""

from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from benchmarks.timing import Comparison
from omnibind_ros.messages.text import text_from_message
from omnibind_ros.preprocessing.text import PRESETS, TextPreprocessor

PROMPT = "look for the small red mug on the workbench"
COMPACT = PRESETS["compact"]


def comparisons() -> list[Comparison]:
    """Ours checks and cleans the text and judges how much of it is known, too."""
    words = ("[PAD]", "[UNK]", *PROMPT.split())
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=words[1]))
    tokenizer.pre_tokenizer = Whitespace()
    preprocessor = TextPreprocessor(COMPACT, tokenizer)
    message = SimpleNamespace(data=PROMPT)

    def ours() -> object:
        preprocessor.add(text_from_message(message), 0)
        return preprocessor.take()

    def by_hand() -> NDArray[np.int64]:
        return np.array(tokenizer.encode(message.data).ids, np.int64)

    return [Comparison("text of 9 words → 16 tokens", ours, "tokenizers by hand", by_hand)]
