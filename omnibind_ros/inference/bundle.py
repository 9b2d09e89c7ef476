"""A bundle: a folder with everything a robot needs to recognise, checked before anything in it is used."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors

from omnibind_ros.errors import BundleError
from omnibind_ros.inference.bundle_schema import FORMAT_VERSION, BundleDescription, FileReference, is_unknown
from omnibind_ros.inference.embedding import space_number
from omnibind_ros.inference.label_examples import LabelExamples
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.registry import Settings, settings_from

DESCRIPTION_FILE = "bundle.yaml"
_LARGEST_DESCRIPTION = 4 * 1024 * 1024


class Bundle:
    """A loaded bundle. Every file was read once, its hash checked, and is handed out from memory.

    Reading once means that what was checked is what is used, even if the folder changes afterwards.
    """

    def __init__(self, folder: Path, description: BundleDescription, contents: Mapping[str, bytes]) -> None:
        self.folder = folder
        self.description = description
        self._contents = dict(contents)
        self.settings: dict[Modality, Settings] = {
            modality: _checked_settings(modality, description, folder) for modality in description.encoders
        }
        self.centres_KkD, self.examples = self._load_labels()

    @property
    def name(self) -> str:
        """The bundle's name."""
        return self.description.name

    @property
    def dimension(self) -> int:
        """Length D of the embeddings."""
        return self.description.space.dimension

    @property
    def space(self) -> int:
        """Number of the embedding space on the wire."""
        return space_number(self.description.space.id)

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """Modalities the bundle has an encoder for, in wire order."""
        return tuple(sorted(self.description.encoders, key=lambda modality: modality.code))

    def content(self, reference: FileReference) -> bytes:
        """The checked bytes of a file."""
        return self._contents[reference.file]

    def _load_labels(self) -> tuple[NDArray[np.float32], LabelExamples | None]:
        labels = self.description.labels
        path = str(self.folder / labels.file)
        try:
            tensors = load_safetensors(self.content(labels))
        except (SafetensorError, KeyError) as error:  # a KeyError for types that NumPy does not have, such as BF16
            raise _broken(path, f"is no safetensors file of NumPy types: {error}") from error
        centres = tensors.get("centres")
        if centres is None or centres.ndim != 3 or centres.dtype != np.float32:
            raise _broken(path, "has no float32 tensor `centres` of three dimensions (labels, centres, D)")
        if centres.shape[0] != len(labels.names) or centres.shape[2] != self.dimension:
            raise _broken(
                path,
                f"has centres of shape {centres.shape} for {len(labels.names)} labels and dimension {self.dimension}",
            )
        if not np.isfinite(centres).all() or not np.allclose(np.linalg.norm(centres, axis=-1), 1.0, atol=1e-3):
            raise _broken(path, "has centres that are not unit vectors")
        return centres, None if labels.examples is None else self._load_examples(tensors, path)

    def _load_examples(self, tensors: Mapping[str, NDArray[Any]], path: str) -> LabelExamples:
        described, labels = self.description.labels.examples, len(self.description.labels.names)
        keys, numbers = tensors.get("keys"), tensors.get("key_labels")
        if described is None or keys is None or numbers is None:
            raise _broken(path, "has no tensors `keys` and `key_labels`, which its examples need")
        if keys.dtype != np.float32 or keys.ndim != 2 or not len(keys) or keys.shape[1] != self.dimension:
            raise _broken(path, f"has keys of shape {keys.shape} for the dimension {self.dimension}")
        if not np.isfinite(keys).all() or not np.allclose(np.linalg.norm(keys, axis=-1), 1.0, atol=1e-3):
            raise _broken(path, "has keys that are not unit vectors")
        if (
            numbers.dtype != np.int64
            or numbers.shape != keys.shape[:1]
            or not ((numbers >= 0) & (numbers < labels)).all()
        ):
            raise _broken(path, f"has `key_labels` that do not name one of {labels} labels for each key")
        return LabelExamples(keys, numbers, described.alpha, described.beta)


def load_bundle(folder: Path) -> Bundle:
    """Read and check a bundle.

    Raises BundleError for a missing, changed or unsafe file, an unknown format version, or a description that does not
    fit the schema. Nothing is unpickled, and no path may leave the folder.
    """
    folder = folder.expanduser().absolute()
    description = read_description(folder)
    contents = {reference.file: _read_checked(folder, reference) for reference in description.files()}
    return Bundle(folder, description, contents)


def read_description(folder: Path) -> BundleDescription:
    """Description of a bundle whose files are not looked at. Raises BundleError."""
    path = folder / DESCRIPTION_FILE
    try:
        if path.stat().st_size > _LARGEST_DESCRIPTION:
            raise _broken(str(path), "is larger than any description can be")
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleError(
            f"no bundle there: {error.strerror or error}",
            remedy="set the parameter `bundle` to a folder that holds a bundle.yaml, or to the name of a shipped one",
            source=str(path),
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a bad date is a ValueError, deep nesting the last
        raise _broken(str(path), f"is not readable YAML: {error}") from error
    return parse_description(raw, source=str(path))


def parse_description(raw: Any, source: str) -> BundleDescription:
    """Description from parsed YAML. Raises BundleError that names the key and what is wrong with it."""
    if not isinstance(raw, dict):
        raise _broken(source, "is not a mapping")
    if raw.get("format") != FORMAT_VERSION:
        raise BundleError(
            f"bundle format {raw.get('format')!r} is not known here, only {FORMAT_VERSION}",
            remedy="export the bundle again with `python -m training bundle` of this version of omnibind_ros",
            source=source,
        )
    try:
        description = BundleDescription.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "bundle"
        raise _broken(source, f"`{key}`: {first['msg']}") from error
    reserved = next(filter(is_unknown, description.labels.names), None)
    if reserved is not None:
        raise BundleError(
            f"one of its labels is {reserved!r}, which is the answer when no label fits",
            remedy="give that label another name in the data and export the bundle again with `python -m training "
            "bundle`",
            source=source,
        )
    return description


def _read_checked(folder: Path, reference: FileReference) -> bytes:
    path = folder / reference.file
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError) as error:  # links in a circle are a RuntimeError before Python 3.13
        raise _broken(str(path), f"cannot be read: {error}") from error
    if not inside:
        raise BundleError(
            "the file leads out of the bundle's folder",
            remedy="replace the link by the file itself; a bundle may only use files of its own folder",
            source=str(path),
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _broken(str(path), f"cannot be read: {error.strerror or error}") from error
    actual = hashlib.sha256(content).hexdigest()
    if actual != reference.sha256:
        raise _broken(str(path), f"was changed: its SHA-256 is {actual[:12]}…, not {reference.sha256[:12]}…")
    return content


def _checked_settings(modality: Modality, description: BundleDescription, folder: Path) -> Settings:
    encoder = description.encoders[modality]
    try:
        settings = settings_from(modality, encoder.preprocessing)
    except BundleError as error:
        raise error.at(str(folder / DESCRIPTION_FILE)) from error.__cause__
    if tuple(settings.input_shape) != tuple(encoder.input.shape):
        raise _broken(
            str(folder / encoder.file),
            f"takes {list(encoder.input.shape)} but its preprocessing makes {list(settings.input_shape)}",
        )
    return settings


def _broken(source: str, problem: str) -> BundleError:
    return BundleError(
        problem,
        remedy="copy the bundle again from where it came, or export it again with `python -m training bundle`",
        source=source,
    )
