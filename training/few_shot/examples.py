"""A user's labelled recordings as the robot would sense them: through a bundle's preprocessing and encoders."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from omnibind_ros.errors import ConfigurationError, OmnibindError
from omnibind_ros.fusion.live_set import SMALLEST_QUALITY
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_schema import is_unknown
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.model_input import ModelInput
from training.data.entries import TABLES, Entry, read_table
from training.data.extract import INDEX_FILE
from training.data.folders import read_folders
from training.data.recording_inputs import liveliest, recording_input
from training.data.recordings import read_recording
from training.data.splits import SPLITS, TEST
from training.data.touch_references import estimate_references, reference_for
from training.projection.encode import encoder_backend

FEWEST = 2


@dataclass(frozen=True)
class Example:
    """What was recorded of one thing at one moment: an embedding of each sensor.

    group: the thing or recording it comes from. test: whether it is kept for measuring alone.
    """

    id: str
    label: str
    group: str
    test: bool
    embeddings: tuple[Embedding, ...]


def read_entries(source: Path) -> list[Entry]:
    """Recordings of a folder, of a table, or of what `extract` cut out of a bag. Raises ConfigurationError."""
    if source.is_dir() and (source / INDEX_FILE).is_file():
        return read_table(source / INDEX_FILE, SPLITS)
    if source.is_dir():
        return read_folders(source)
    if source.is_file() and source.suffix.lower() in TABLES:
        return read_table(source, SPLITS)
    raise ConfigurationError(
        "it is neither a folder nor a table of recordings",
        remedy=f"name a folder <label>/<modality>/<file>, or a {' or '.join(TABLES)} file, see docs/few_shot.md",
        source=str(source),
    )


def embed_examples(entries: Sequence[Entry], bundle: Bundle, threads: int) -> tuple[list[Example], list[str]]:
    """Examples, and of what was left out, why. Raises ConfigurationError when too few are left to learn from."""
    problems: list[str] = []
    usable = [entry for entry in entries if entry.modality in bundle.modalities and entry.modality is not Modality.TEXT]
    for modality, number in Counter(entry.modality for entry in entries if entry not in usable).items():
        why = "a sentence is no example" if modality is Modality.TEXT else "the bundle has no encoder for it"
        problems.append(f"{number} of {modality} left out: {why}")
    embedded: dict[str, list[tuple[Entry, Embedding]]] = defaultdict(list)
    with TemporaryDirectory() as temporary:
        references = Path(temporary)
        estimate_references(references, usable)
        for modality in bundle.modalities:
            own = [entry for entry in usable if entry.modality is modality]
            for entry, embedding in _embed_modality(own, bundle, references, problems, threads):
                embedded[entry.id].append((entry, embedding))
    examples = [
        Example(name, parts[0][0].label, parts[0][0].group, parts[0][0].split == TEST, tuple(e for _, e in parts))
        for name, parts in embedded.items()
    ]
    _check(examples)
    return examples, problems


def _embed_modality(
    entries: Sequence[Entry], bundle: Bundle, references: Path, problems: list[str], threads: int
) -> Iterable[tuple[Entry, Embedding]]:
    """Entries of one modality; problems: gets what was left out."""
    prepared = []
    for entry in entries:
        try:
            made = _prepared(entry, bundle, references)
        except OmnibindError as error:
            problems.append(f"{entry.path} left out: {error.problem}")
            continue
        if made is None or made.quality < SMALLEST_QUALITY:
            problems.append(f"{entry.path} left out: the robot would not use it (dark, silent, empty or no contact)")
        else:
            prepared.append((entry, made))
    if not prepared:
        return []
    modality = prepared[0][0].modality
    encoder = Encoder(bundle, modality, encoder_backend(bundle, modality, threads))
    try:
        vectors = encoder.encode([made for _, made in prepared])
    finally:
        encoder.close()
    return [
        (entry, Embedding(str(modality), modality, vector_D, made.quality, 0, "", bundle.space))
        for (entry, made), vector_D in zip(prepared, vectors, strict=True)
    ]


def _prepared(entry: Entry, bundle: Bundle, references: Path) -> ModelInput | None:
    modality, settings = entry.modality, bundle.settings[entry.modality]
    reading = liveliest(modality, read_recording(modality, entry.path), settings)  # type: ignore[arg-type]
    resources = {}
    if modality is Modality.TOUCH and isinstance(reading, np.ndarray):
        resources["reference"] = reference_for(entry, reading, references)
    made = recording_input(modality, reading, settings, **resources)  # type: ignore[arg-type]
    return None if made is None else ModelInput(array=made[0], quality=made[1], stamp_ns=0)


def _check(examples: Sequence[Example]) -> None:
    counts = Counter(example.label for example in examples if not example.test)
    scarce = {example.label for example in examples if counts[example.label] < FEWEST}
    if scarce or not counts:
        raise ConfigurationError(
            f"there are fewer than {FEWEST} usable examples of {', '.join(map(repr, sorted(scarce))) or 'anything'}",
            remedy="record more; ten of each label are a good start",
        )
    reserved = next(filter(is_unknown, counts), None)
    if reserved is not None:
        raise ConfigurationError(
            f"{reserved!r} cannot be a label: it is the answer when no label fits", remedy="give it another name"
        )
