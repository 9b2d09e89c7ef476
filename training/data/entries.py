"""The index of recordings: one entry a file and modality, and the tables it is read from and stored in.

Columns: `id`, `modality`, `path`, `label`, `caption`, `split`, `group`, `reference`. Only modality, path and label have
to be there; a text needs no path when it has a caption.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality

TABLES = (".csv", ".parquet")
_ITEM_MARK = "#"
_MOST_PROBLEMS = 5


@dataclass(frozen=True)
class Entry:
    """One recording of one sensor.

    id: of the sample; recordings of several sensors with one id were made together. path: of the file; `file#3` is item
    3 of a file that holds several. caption: a sentence about it, may be empty. split: may be empty until it is drawn.
    group: the thing or recording it comes from. reference: touch only, the picture of the untouched sensor.
    """

    id: str
    modality: Modality
    path: str
    label: str
    caption: str = ""
    split: str = ""
    group: str = ""
    reference: str = ""


COLUMNS = tuple(field.name for field in fields(Entry))
_NEEDED = ("modality", "path", "label")


def read_table(file: Path, splits: Sequence[str]) -> list[Entry]:
    """Entries of a CSV or Parquet file; relative paths start at its folder.

    Where they are not given, the id is the path without its ending and the group is the id. Raises ConfigurationError
    that names rows and columns.
    """
    table = _table(file)
    unknown = [name for name in table.column_names if name not in COLUMNS]
    missing = [name for name in _NEEDED if name not in table.column_names]
    if unknown or missing:
        problem = " and ".join(
            f"{what} {', '.join(f'`{name}`' for name in names)}"
            for what, names in (("it has the unknown columns", unknown), ("it lacks the columns", missing))
            if names
        )
        raise ConfigurationError(problem, remedy=f"the columns are {', '.join(COLUMNS)}", source=str(file))
    # the first line of a CSV file is its heading
    first = 2 if file.suffix.lower() == ".csv" else 1
    problems: list[str] = []
    entries = []
    for number, row in enumerate(table.to_pylist(), first):
        cells = {name: str(value or "").strip() for name, value in row.items()}
        found = _problems(cells, file.parent, splits)
        problems.extend(f"row {number}, column `{column}`: {problem}" for column, problem in found)
        if not found:
            entries.append(_entry(cells, file.parent))
    _refuse(problems, file)
    check_ids(entries, file)
    return entries


def check_ids(entries: Iterable[Entry], source: Path) -> None:
    """Raise ConfigurationError when two recordings of one modality have the same id."""
    seen: dict[tuple[str, Modality], Entry] = {}
    problems = []
    for entry in entries:
        earlier = seen.setdefault((entry.id, entry.modality), entry)
        if earlier is not entry:
            problems.append(f"{earlier.path} and {entry.path} are both the {entry.modality} of the id `{entry.id}`")
    _refuse(problems, source)


def save_entries(entries: Sequence[Entry], file: Path) -> None:
    """Write entries as Parquet."""
    rows = [asdict(entry) | {"modality": entry.modality.value} for entry in entries]
    parquet.write_table(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in COLUMNS])), file)


def load_entries(file: Path) -> list[Entry]:
    """Read what `save_entries` wrote."""
    rows = parquet.read_table(file).to_pylist()
    return [Entry(**row | {"modality": Modality(row["modality"])}) for row in rows]


def file_of(path: str) -> Path:
    """The file of a path, without the number of an item in it."""
    return Path(path.partition(_ITEM_MARK)[0])


def item_of(path: str) -> int:
    """The number of an item in its file, 0 for the only one."""
    return int(path.partition(_ITEM_MARK)[2] or 0)


def _table(file: Path) -> pa.Table:
    read: Callable[[Path], pa.Table] = parquet.read_table
    if file.suffix.lower() == ".csv":
        every = dict.fromkeys(COLUMNS, pa.string())
        read = lambda path: csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=every))  # noqa: E731
    try:
        return read(file)
    except (OSError, pa.ArrowException) as error:
        raise ConfigurationError(
            f"it cannot be read: {error}", remedy="name a CSV or Parquet file with a heading", source=str(file)
        ) from error


def _problems(cells: dict[str, str], base: Path, splits: Sequence[str]) -> list[tuple[str, str]]:
    """Column and problem of everything that is wrong with a row."""
    problems = []
    modalities = [modality.value for modality in Modality]
    if cells["modality"] not in modalities:
        problems.append(("modality", f"`{cells['modality']}` is none of {', '.join(modalities)}"))
    if not cells["label"]:
        problems.append(("label", "it is empty"))
    if cells.get("split") and cells["split"] not in splits:
        problems.append(("split", f"`{cells['split']}` is none of {', '.join(splits)}"))
    if not cells["path"]:
        if cells["modality"] != Modality.TEXT or not cells.get("caption"):
            problems.append(("path", "it is empty"))
        elif not cells.get("id"):
            problems.append(("id", "a text without a path needs one"))
    problems.extend(
        (column, f"there is no file {base / file_of(cells[column])}")
        for column in ("path", "reference")
        if cells.get(column) and not (base / file_of(cells[column])).is_file()
    )
    return problems


def _entry(cells: dict[str, str], base: Path) -> Entry:
    identity = cells.get("id") or str(Path(cells["path"]).with_suffix(""))
    absolute = {name: str((base / cells[name]).resolve()) for name in ("path", "reference") if cells.get(name)}
    return Entry(
        **cells
        | absolute
        | {"id": identity, "modality": Modality(cells["modality"]), "group": cells.get("group") or identity}  # type: ignore[arg-type]
    )


def _refuse(problems: list[str], source: Path) -> None:
    if not problems:
        return
    more = [f"and {len(problems) - _MOST_PROBLEMS} more"] if len(problems) > _MOST_PROBLEMS else []
    raise ConfigurationError(
        "; ".join([*problems[:_MOST_PROBLEMS], *more]),
        remedy="correct these rows or files, see docs/training.md",
        source=str(source),
    )
