"""CLIP, SigLIP, CLAP and whatever else of `transformers` has `get_image_features` or `get_audio_features` beside text.

Shape legend: B batch, L tokens, D embedding size.
"""

import inspect
import math
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.text import TextSettings
from training.teachers.pretrained import audio_settings, image_settings
from training.teachers.pretrained.teacher import (
    PROBES,
    PretrainedSettings,
    PretrainedTeacher,
    UnitEncoder,
    require_same_tokens,
)

# with an attention mask, tokens beyond the sentence change nothing: sentences about labels need no 512 of them
_LONGEST_MASKED = 77
_SAME = 1e-4
# trained on sentences padded to one length, without a mask, whatever the tokenizer returns
_SEE_PADDING = ("siglip",)
_METHODS = {Modality.IMAGE: "get_image_features", Modality.AUDIO: "get_audio_features"}


def load_transformers_teacher(folder: Path, name: str) -> PretrainedTeacher:
    """The teacher in a folder made by `save_pretrained`; nothing is downloaded and no code of the folder is run.

    Raises ConfigurationError for a model that is none, or that the robot's preprocessing cannot serve.
    """
    # seconds to import, needed here only
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        # a local folder has no revisions
        model = AutoModel.from_pretrained(folder, **local).float().eval()  # nosec B615
        tokenizer = AutoTokenizer.from_pretrained(folder, **local)  # nosec B615
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ConfigurationError(
            f"transformers cannot load it: {' '.join(str(error).split())[:300]}",
            remedy="give a folder with config.json, weights, tokenizer and processor, as save_pretrained writes them",
        ) from error
    model.requires_grad_(False)
    sees = [modality for modality, method in _METHODS.items() if hasattr(model, method)]
    if not sees or not hasattr(model, "get_text_features"):
        raise ConfigurationError(
            f"{type(model).__name__} does not embed text and pictures or sounds in one space",
            remedy="take a model with get_text_features beside get_image_features or get_audio_features",
        )
    padding = _masked_padding(model, tokenizer)
    text = _text_settings(model, tokenizer, name, masked=padding is not None)
    encoders: dict[Modality, UnitEncoder] = {Modality.TEXT: _TextEncoder(model, padding)}
    settings: dict[Modality, PretrainedSettings] = {Modality.TEXT: text}
    if Modality.IMAGE in sees:
        settings[Modality.IMAGE] = image_settings.from_transformers(_processor("AutoImageProcessor", folder), name)
        encoders[Modality.IMAGE] = _ImageEncoder(model)
    if Modality.AUDIO in sees:
        settings[Modality.AUDIO] = audio_settings.from_clap(_processor("AutoFeatureExtractor", folder), name)
        encoders[Modality.AUDIO] = _AudioEncoder(model)
    reference = _reference_tokens(model, tokenizer, text.length)
    with torch.no_grad():
        expected_BD = functional.normalize(_vectors(model.get_text_features(**reference)), dim=-1)
    teacher = PretrainedTeacher(
        encoders, settings, _fitted(tokenizer, text, folder), expected_BD.shape[1], _scale(model)
    )
    require_same_tokens(teacher.token_numbers(PROBES), reference["input_ids"].numpy())
    difference = float((teacher.embed_texts(PROBES) - expected_BD).abs().max())
    if difference > _SAME:
        raise ConfigurationError(
            f"its text embeddings without an attention mask differ by {difference:.1e}",
            remedy="take a model whose padding token is a token of its own",
        )
    return teacher


class _TextEncoder(UnitEncoder):
    """padding: the token that is not attended to; None for models that were trained without a mask or need none."""

    def __init__(self, model: Any, padding: int | None) -> None:
        super().__init__()
        self.model = model
        self.padding = padding

    def embed(self, input_B: Tensor) -> Tensor:
        mask = {} if self.padding is None else {"attention_mask": (input_B != self.padding).long()}
        return _vectors(self.model.get_text_features(input_ids=input_B, **mask))


class _ImageEncoder(UnitEncoder):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def embed(self, input_B: Tensor) -> Tensor:
        return _vectors(self.model.get_image_features(pixel_values=input_B))


class _AudioEncoder(UnitEncoder):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.asks_for_longer = "is_longer" in inspect.signature(model.get_audio_features).parameters

    def embed(self, input_B: Tensor) -> Tensor:
        longer = input_B.new_zeros(input_B.shape[0], 1, dtype=torch.bool)
        also = {"is_longer": longer} if self.asks_for_longer else {}
        return _vectors(self.model.get_audio_features(input_features=input_B, **also))


def _vectors(features: Any) -> Tensor:
    """(B, D): before version 5 the features themselves, from then on an output that holds them."""
    vectors_BD: Tensor = features if isinstance(features, Tensor) else features.pooler_output
    return vectors_BD


def _masked_padding(model: Any, tokenizer: Any) -> int | None:
    """The token that attention leaves out.

    None where the model was trained to see its padding, and where padding is the end's own token (CLIP): there
    attention is causal, and what follows the end is never seen.
    """
    masks = _wants_mask(model, tokenizer) and tokenizer.pad_token_id != tokenizer.eos_token_id
    return int(tokenizer.pad_token_id) if masks else None


def _wants_mask(model: Any, tokenizer: Any) -> bool:
    return "attention_mask" in tokenizer.model_input_names and model.config.model_type not in _SEE_PADDING


def _text_settings(model: Any, tokenizer: Any, name: str, *, masked: bool) -> TextSettings:
    config = getattr(model.config, "text_config", model.config)
    length = min(int(tokenizer.model_max_length), int(config.max_position_embeddings))
    return TextSettings(
        name=name, length=min(length, _LONGEST_MASKED) if masked else length, padding=tokenizer.pad_token
    )


def _fitted(tokenizer: Any, settings: TextSettings, folder: Path) -> str:
    """The tokenizer's own JSON, with length and padding as the settings say. Raises ConfigurationError."""
    file = folder / "tokenizer.json"
    if tokenizer.is_fast:
        own = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    elif file.is_file():
        own = Tokenizer.from_file(str(file))
    else:
        raise ConfigurationError(
            f"{type(tokenizer).__name__} cannot be written as a tokenizer.json, and the folder has none",
            remedy="convert it to a fast tokenizer of transformers first",
        )
    own.enable_truncation(settings.length, direction=tokenizer.truncation_side)
    own.enable_padding(
        direction=tokenizer.padding_side,
        pad_id=tokenizer.pad_token_id,
        pad_token=tokenizer.pad_token,
        length=settings.length,
    )
    text: str = own.to_str()
    return text


def _reference_tokens(model: Any, tokenizer: Any, length: int) -> dict[str, Tensor]:
    """`PROBES` as the library itself prepares them, without what `get_text_features` does not take."""
    encoded = tokenizer(list(PROBES), padding="max_length", truncation=True, max_length=length, return_tensors="pt")
    keys = ("input_ids", "attention_mask") if _wants_mask(model, tokenizer) else ("input_ids",)
    return {key: encoded[key] for key in keys}


def _processor(kind: str, folder: Path) -> dict[str, Any]:
    """The constants of a processor, defaults included. Raises ConfigurationError."""
    import transformers  # noqa: PLC0415 seconds to import, needed here only

    try:
        processor = getattr(transformers, kind).from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ConfigurationError(
            f"its processor cannot be loaded: {' '.join(str(error).split())[:300]}",
            remedy="the folder needs a preprocessor_config.json, as save_pretrained of the processor writes it",
        ) from error
    constants: dict[str, Any] = processor.to_dict()
    return constants


def _scale(model: Any) -> float | None:
    """What cosines are multiplied with: CLAP has one for either direction, of which that of sounds counts."""
    for name in ("logit_scale", "logit_scale_a"):
        if hasattr(model, name):
            return math.exp(getattr(model, name).item())
    return None
