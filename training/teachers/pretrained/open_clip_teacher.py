"""Models of the library `open_clip`, an extra: Perception Encoder core, DataComp, and many others."""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.text import TextSettings
from training.teachers.pretrained.image_settings import from_open_clip
from training.teachers.pretrained.teacher import (
    PROBES,
    PretrainedTeacher,
    UnitEncoder,
    require_same_tokens,
)

CONFIG_FILE = "open_clip_config.json"
_TOKENIZER_FILE = "tokenizer.json"


def load_open_clip_teacher(folder: Path, name: str) -> PretrainedTeacher:
    """The teacher in a folder with an `open_clip_config.json`; nothing is downloaded.

    Raises ConfigurationError when open_clip is not installed, cannot load the model, or has it prepare its inputs in a
    way that the robot's preprocessing does not know.
    """
    try:
        import open_clip  # noqa: PLC0415 an extra
    except ImportError as error:
        raise ConfigurationError(
            "this model needs open_clip, which is not installed",
            remedy="run `make setup-teachers`, or pip install -r requirements/teachers.txt",
        ) from error
    place = f"local-dir:{folder.absolute()}"
    preprocess = json.loads((folder / CONFIG_FILE).read_text()).get("preprocess_cfg", {})
    try:
        model = open_clip.create_model(place, device="cpu", precision="fp32", require_pretrained=True)
        reference = open_clip.get_tokenizer(place)
        own = Tokenizer.from_file(str(folder / _TOKENIZER_FILE))
    except Exception as error:  # tokenizers raises nothing more exact
        raise ConfigurationError(
            f"open_clip cannot load it: {' '.join(str(error).split())[:300]}",
            remedy=f"the folder needs {CONFIG_FILE}, the weights as safetensors, and {_TOKENIZER_FILE}",
        ) from error
    model.requires_grad_(False).eval()
    probes_BL = reference(list(PROBES))
    padding = int(reference(["a"])[0, -1])
    padded_with = own.id_to_token(padding)
    text = TextSettings(name=name, length=probes_BL.shape[1], padding=padded_with)
    own.enable_truncation(text.length)
    own.enable_padding(pad_id=padding, pad_token=padded_with, length=text.length)
    encoders: dict[Modality, UnitEncoder] = {Modality.IMAGE: _ImageEncoder(model), Modality.TEXT: _TextEncoder(model)}
    with torch.no_grad():
        dimension = encoders[Modality.TEXT](probes_BL[:1]).shape[1]
    teacher = PretrainedTeacher(
        encoders,
        {Modality.IMAGE: from_open_clip({**model.visual.preprocess_cfg, **preprocess}, name), Modality.TEXT: text},
        own.to_str(),
        dimension,
        model.logit_scale.exp().item(),
    )
    require_same_tokens(teacher.token_numbers(PROBES), probes_BL.numpy())
    return teacher


class _ImageEncoder(UnitEncoder):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def embed(self, input_B: Tensor) -> Tensor:
        vectors_BD: Tensor = self.model.encode_image(input_B)
        return vectors_BD


class _TextEncoder(UnitEncoder):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def embed(self, input_B: Tensor) -> Tensor:
        vectors_BD: Tensor = self.model.encode_text(input_B)
        return vectors_BD
