"""The pretrained networks that are known by a short name, and under which licences they may be used."""

from dataclasses import dataclass, field
from typing import Literal

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality

Library = Literal["transformers", "open_clip"]
PERMISSIVE = ("apache-2.0", "bsd-2-clause", "bsd-3-clause", "mit")
UNSTATED = "unstated"
DEFAULT_TEACHER = "siglip2-base"


@dataclass(frozen=True)
class PretrainedModel:
    """A model of the Hugging Face Hub.

    repository: `owner/name`. licence: of the weights, as their publisher states it, or `unstated`. sees: its modality
    beside text. revision: the commit to use; None: the newest when it is first used, and the same one ever after
    (see `training.teachers.pretrained.weights`).
    """

    repository: str
    library: Library
    licence: str
    sees: Modality
    about: str
    revision: str | None = None


@dataclass(frozen=True)
class BackboneFile:
    """A network without a text side, in one file below the folder `OMNIBIND_TEST_DATA`.

    feature: name of the tensor that is its embedding; None: the output. preset: of the preprocessing that it expects.
    changes: constants of its preprocessing that differ from the preset's.
    """

    path: str
    sha256: str
    licence: str
    sees: Modality
    feature: str | None
    preset: str
    changes: dict[str, object] = field(default_factory=dict)


TEACHERS: dict[str, PretrainedModel] = {
    DEFAULT_TEACHER: PretrainedModel(
        "google/siglip2-base-patch16-224", "transformers", "apache-2.0", Modality.IMAGE, "SigLIP 2, many languages"
    ),
    "pe-core-b16": PretrainedModel(
        "timm/PE-Core-B-16", "open_clip", "apache-2.0", Modality.IMAGE, "Perception Encoder core, base"
    ),
    "clip-b32": PretrainedModel(
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "transformers", "mit", Modality.IMAGE, "CLIP trained on LAION-2B"
    ),
    "datacomp-b16": PretrainedModel(
        "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K", "open_clip", "mit", Modality.IMAGE, "CLIP trained on DataComp-1B"
    ),
    "clip-b32-openai": PretrainedModel(
        "openai/clip-vit-base-patch32", "transformers", UNSTATED, Modality.IMAGE, "the first CLIP"
    ),
    "clap": PretrainedModel(
        "laion/clap-htsat-unfused", "transformers", "apache-2.0", Modality.AUDIO, "LAION-CLAP, sounds"
    ),
    "clap-general": PretrainedModel(
        "laion/larger_clap_general",
        "transformers",
        "apache-2.0",
        Modality.AUDIO,
        "LAION-CLAP, sounds, music, speech",
    ),
}

BACKBONES: dict[str, BackboneFile] = {
    "mobilenet-v2": BackboneFile(
        "models/mobilenet_v2_1.0_224_quant.tflite",
        "7aad0c74c5e3c06e5eb3c827e13304fdd68a83da6087d92ee169c24ff9fd4776",
        "apache-2.0",
        Modality.IMAGE,
        "MobilenetV2/Logits/AvgPool",
        "siglip",
        {"resize": "short_side_crop", "interpolation": "bilinear"},
    ),
    "yamnet": BackboneFile(
        "models/yamnet_spectra_in.tflite",
        "0a266465c46718f3fcc4137366be82882a8c93bfcc4f0278581a11d11dddcdf9",
        "apache-2.0",
        Modality.AUDIO,
        "tower0/network/layer28/reduce_mean",
        "yamnet",
    ),
}


def find_teacher(name: str) -> tuple[str, PretrainedModel | None]:
    """The Hub repository `owner/name` that a name stands for, and what is known of it.

    Raises ConfigurationError for what is neither a known name nor a repository.
    """
    if name in TEACHERS:
        return TEACHERS[name].repository, TEACHERS[name]
    known = next((model for model in TEACHERS.values() if model.repository == name), None)
    if name.count("/") != 1 or name.startswith((".", "/", "~")) or name.endswith("/"):
        raise ConfigurationError(
            "neither a known teacher nor a folder",
            remedy=f"give a folder, a repository owner/name of the Hugging Face Hub, or one of {', '.join(TEACHERS)}",
            source=name,
        )
    return name, known


def check_licence(licence: str, model: str, *, accepted: bool) -> None:
    """Raise ConfigurationError for a licence that is not permissive unless the user has accepted it."""
    if licence.lower() in PERMISSIVE or accepted:
        return
    what = "states no licence" if licence == UNSTATED else f"has the licence `{licence}`"
    raise ConfigurationError(
        f"the model {what}",
        remedy="read its terms, then repeat the command with --accept-licence; the bundle will carry the same licence",
        source=model,
    )


def catalogue_to_markdown() -> str:
    """A table, one row a name."""
    rows = [
        f"| `{name}` | {model.repository} | {model.about} | {model.sees}, text | {model.licence} | {model.library} |"
        for name, model in TEACHERS.items()
    ]
    return "\n".join(["| name | repository | | embeds | licence | library |", "|---|---|---|---|---|---|", *rows])
