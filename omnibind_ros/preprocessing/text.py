"""Text to the tokens of a text encoder."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from tokenizers import Tokenizer

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.preprocessing.newest_frame import NewestFrame


class TextSettings(BaseModel):
    """How text becomes tokens: everything else is in the bundle's tokenizer.

    length: tokens of one input; longer text is cut, its special tokens kept, shorter text is padded.
    padding: the padding token when the tokenizer's own file names none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    length: int = Field(default=16, ge=1)
    padding: str = "[PAD]"

    @property
    def input_shape(self) -> tuple[int]:
        """Shape of one input: (length,)."""
        return (self.length,)


PRESETS = {
    settings.name: settings
    for settings in (
        TextSettings(name="clip", length=77, padding="<|endoftext|>"),
        TextSettings(name="siglip", length=64, padding="</s>"),
        TextSettings(name="compact", length=16),
    )
}


def prepare_text(text: str, tokenizer: Tokenizer, settings: TextSettings) -> NDArray[np.int64]:
    """Token numbers (length,) of a text, with the tokenizer's own special tokens.

    Sets the tokenizer's truncation and padding to `settings.length`; on which side each happens stays the tokenizer's
    choice. Raises InputError when the tokenizer does not fit the settings.
    """
    _fit(tokenizer, settings)
    return np.array(tokenizer.encode(text).ids, np.int64)


class TextPreprocessor:
    """Texts of one source to model inputs; keeps the newest text only.

    The quality is the share of the text's tokens that the tokenizer knows: 0 for an empty text, and for one of which
    it knows no word.
    """

    def __init__(self, settings: TextSettings, tokenizer: Tokenizer) -> None:
        _fit(tokenizer, settings)
        self._tokenizer = tokenizer
        self._unknown = getattr(tokenizer.model, "unk_token", None)
        self._newest: NewestFrame[str] = NewestFrame()

    def add(self, text: str, stamp_ns: int) -> None:
        """Take one text."""
        self._newest.put(text, stamp_ns)

    def take(self) -> ModelInput | None:
        """The tokens of the newest text, (length,) int64, or None when it was taken already."""
        newest = self._newest.take()
        if newest is None:
            return None
        text, stamp_ns = newest
        encoding = self._tokenizer.encode(text)
        known = [
            token != self._unknown
            for token, special in zip(encoding.tokens, encoding.special_tokens_mask, strict=True)
            if not special
        ]
        return ModelInput(np.array(encoding.ids, np.int64), sum(known) / max(len(known), 1), stamp_ns)


def _fit(tokenizer: Tokenizer, settings: TextSettings) -> None:
    """Make every encoding of the tokenizer `settings.length` long."""
    truncation, padding = tokenizer.truncation or {}, tokenizer.padding or {}
    if truncation.get("max_length") == settings.length and padding.get("length") == settings.length:
        return
    pad_token = padding.get("pad_token", settings.padding)
    pad_number = tokenizer.token_to_id(pad_token)
    if pad_number is None:
        raise InputError(
            f"the tokenizer does not know the padding token {pad_token}",
            remedy="name the tokenizer's own padding token in the settings",
        )
    if tokenizer.num_special_tokens_to_add(is_pair=False) >= settings.length:
        raise InputError(
            f"{settings.length} tokens leave no room between the tokenizer's special tokens", remedy="raise `length`"
        )
    tokenizer.enable_truncation(settings.length, direction=truncation.get("direction", "right"))
    tokenizer.enable_padding(
        direction=padding.get("direction", "right"), pad_id=pad_number, pad_token=pad_token, length=settings.length
    )
