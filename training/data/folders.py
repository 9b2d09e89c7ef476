"""Recordings in folders: `<modality>/<label>/<file>` or `<label>/<modality>/<file>`.

A folder between a label (or modality) and its files is a group: `touch/mug/mug_3/0001.png`. Files of one label with the
same path below it, but in folders of different modalities, were recorded together. A file `reference.png` in a touch
folder or above shows the untouched sensor. A text file beside a recording, `0001.png.txt`, holds its caption.
"""

from pathlib import Path

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.data.entries import Entry, check_ids
from training.data.recordings import FILE_TYPES

REFERENCE = "reference"
_CAPTION = ".txt"


def read_folders(folder: Path) -> list[Entry]:
    """Entries of all files below a folder, by path, without splits.

    Raises ConfigurationError for a folder of another layout, a file of an unknown type, and two files of one sample.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    entries = []
    for path in files:
        parts = path.relative_to(folder).parts
        if path.stem == REFERENCE or _is_caption(path):
            continue
        modality, label, *below = _modality_and_label(parts, folder)
        if path.suffix.lower() not in FILE_TYPES[Modality(modality)]:
            known = ", ".join(sorted(FILE_TYPES[Modality(modality)]))
            raise ConfigurationError(
                f"`{path.relative_to(folder)}` is no {modality} recording",
                remedy=f"take it away or convert it to one of {known}",
                source=str(folder),
            )
        identity = "/".join([label, *below[:-1], path.stem])
        entries.append(
            Entry(
                id=identity,
                modality=Modality(modality),
                path=str(path.resolve()),
                label=label.replace("_", " "),
                caption=_caption_of(path),
                group="/".join([label, below[0]]) if len(below) > 1 else identity,
                reference=_reference_of(path, folder) if modality == Modality.TOUCH else "",
            )
        )
    if not entries:
        raise ConfigurationError(
            "there is no recording in it",
            remedy="lay the files out as <modality>/<label>/<file> or <label>/<modality>/<file>",
            source=str(folder),
        )
    check_ids(entries, folder)
    return entries


def _modality_and_label(parts: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """Modality, label, and what lies below, whichever of the two comes first."""
    names = {modality.value for modality in Modality}
    if len(parts) > 2 and parts[0] in names:
        return parts
    if len(parts) > 2 and parts[1] in names:
        return (parts[1], parts[0], *parts[2:])
    raise ConfigurationError(
        f"`{'/'.join(parts)}` lies neither in <modality>/<label>/ nor in <label>/<modality>/",
        remedy=f"move it; the modalities are {', '.join(sorted(names))}",
        source=str(folder),
    )


def _is_caption(path: Path) -> bool:
    return path.suffix == _CAPTION and path.with_suffix("").is_file()


def _caption_of(path: Path) -> str:
    beside = path.with_name(path.name + _CAPTION)
    return " ".join(beside.read_text(encoding="utf-8").split()) if beside.is_file() else ""


def _reference_of(path: Path, folder: Path) -> str:
    """The nearest `reference` picture above a file."""
    for place in path.parents:
        found = sorted(one for one in place.glob(f"{REFERENCE}.*") if one.suffix.lower() in FILE_TYPES[Modality.TOUCH])
        if found:
            return str(found[0].resolve())
        if place == folder:
            break
    return ""
