"""A teacher from its files, by the library they are made for."""

from omnibind_ros.errors import ConfigurationError
from training.teachers.pretrained.open_clip_teacher import CONFIG_FILE, load_open_clip_teacher
from training.teachers.pretrained.teacher import PretrainedTeacher
from training.teachers.pretrained.transformers_teacher import load_transformers_teacher
from training.teachers.pretrained.weights import Weights

_TRANSFORMERS_CONFIG = "config.json"


def load_teacher(weights: Weights, name: str) -> PretrainedTeacher:
    """The teacher, frozen, on the CPU; name: of its preprocessing settings. Raises ConfigurationError."""
    try:
        if (weights.folder / _TRANSFORMERS_CONFIG).is_file():
            return load_transformers_teacher(weights.folder, name)
        if (weights.folder / CONFIG_FILE).is_file():
            return load_open_clip_teacher(weights.folder, name)
    except ConfigurationError as error:
        raise error.at(weights.origin) from error.__cause__
    raise ConfigurationError(
        f"the folder has neither {_TRANSFORMERS_CONFIG} nor {CONFIG_FILE}",
        remedy="give a model of transformers or open_clip",
        source=weights.origin,
    )
