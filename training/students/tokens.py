"""The text student's tokenizer: a small lower-case WordPiece vocabulary, trained on the words a robot will hear."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor

from training.students.text import PADDING, TEXT_LENGTH, VOCABULARY

_PADDING_TOKEN, _UNKNOWN_TOKEN = "[PAD]", "[UNK]"


def train_tokenizer(sentences: Sequence[str]) -> Tokenizer:
    """A tokenizer of at most `VOCABULARY` pieces that pads with 0 and cuts to `TEXT_LENGTH` tokens."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=_UNKNOWN_TOKEN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY, special_tokens=[_PADDING_TOKEN, _UNKNOWN_TOKEN], show_progress=False
    )
    tokenizer.train_from_iterator(sentences, trainer)
    tokenizer.enable_truncation(TEXT_LENGTH)
    tokenizer.enable_padding(pad_id=PADDING, pad_token=_PADDING_TOKEN, length=TEXT_LENGTH)
    return tokenizer


def tokens_of(tokenizer: Tokenizer, sentences: Sequence[str]) -> Tensor:
    """Token numbers (B, L) int64 of sentences."""
    return torch.from_numpy(np.array([encoded.ids for encoded in tokenizer.encode_batch(list(sentences))], np.int64))


def load_tokenizer(path: Path) -> Tokenizer:
    """A tokenizer from its JSON file."""
    return Tokenizer.from_file(str(path))
