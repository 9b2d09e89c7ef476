"""Which items of a projected and of frozen modalities belong together, and how well: pairs from a CSV file.

Columns: one a modality with the ids of items, the projected one's in every row and at least one of a frozen one; and,
where they are known, `label` (match, partial, none; a match when it is left out), `category` and `similarity`.
Shape legend: P pairs.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import torch
from torch import Tensor

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality

ABSENT = -1
_TOLD = ("label", "category", "similarity")
_MOST_PROBLEMS = 5


class PairLabel(str, Enum):
    """What a person, or a model in a person's place, said of a pair."""

    MATCH = "match"
    PARTIAL = "partial"
    NONE = "none"

    @property
    def target(self) -> float:
        """The probability that the model is to give the pair (EBind, section 4)."""
        return {PairLabel.MATCH: 1.0, PairLabel.PARTIAL: 0.5, PairLabel.NONE: 0.0}[self]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Rows of embedding tables that belong together.

    projected_P: int64 row of the projected modality's item. frozen: the rows of each frozen modality's, `ABSENT` where
    a pair has none. target_P: float32, as `PairLabel.target`. categories: of each pair, "" where it is not told.
    """

    projected_P: Tensor
    frozen: Mapping[Modality, Tensor]
    target_P: Tensor
    categories: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.target_P)

    @property
    def digest(self) -> str:
        """One hash over what belongs together, and how well."""
        digest = hashlib.sha256()
        for modality in sorted(self.frozen):
            digest.update(modality.encode() + self.frozen[modality].numpy().tobytes())
        digest.update(self.projected_P.numpy().tobytes() + self.target_P.numpy().tobytes())
        return digest.hexdigest()


def read_pairs(
    file: Path, projected: tuple[Modality, Mapping[str, int]], frozen: Mapping[Modality, Mapping[str, int]]
) -> Pairs:
    """Pairs of a CSV file.

    projected: the modality and the row of each of its ids; frozen: the same by modality. Raises ConfigurationError
    that names file, row and column.
    """
    rows = _rows(file)
    header = list(rows[0][1]) if rows else []
    known = {projected[0]: projected[1], **frozen}
    _refuse(_header_problems(header, projected[0], frozen), file)
    columns = [modality for modality in known if modality.value in header]
    problems = [
        f"row {number}, column `{column}`: {problem}"
        for number, row in rows
        for column, problem in _row_problems(row, columns, projected[0], known)
    ]
    _refuse(problems, file)
    labels = [PairLabel(row.get("label") or PairLabel.MATCH) for _, row in rows]
    at = {
        modality: torch.tensor([known[modality].get(row[modality.value], ABSENT) for _, row in rows])
        for modality in columns
    }
    return Pairs(
        projected_P=at.pop(projected[0]),
        frozen=at,
        target_P=torch.tensor([label.target for label in labels]),
        categories=tuple(row.get("category", "") for _, row in rows),
    )


def ids_in(file: Path, modalities: Iterable[Modality]) -> dict[Modality, list[str]]:
    """The ids that a CSV file names of each modality it has a column of. Raises ConfigurationError as `read_pairs`."""
    rows = _rows(file)
    columns = [modality for modality in modalities if modality.value in rows[0][1]]
    named = {modality: sorted({row[modality.value] for _, row in rows} - {""}) for modality in columns}
    return {modality: ids for modality, ids in named.items() if ids}


def pairs_of_shared_ids(
    projected: tuple[Modality, Mapping[str, int]], frozen: Mapping[Modality, Mapping[str, int]]
) -> Pairs:
    """What has one id in the projected and in a frozen modality's table is a match. Raises ConfigurationError."""
    shared = [name for name in projected[1] if any(name in rows for rows in frozen.values())]
    if not shared:
        raise ConfigurationError(
            f"no id of the {projected[0]} is in another table", remedy="give the pairs as a CSV file with --split"
        )
    return matches(
        [projected[1][name] for name in shared],
        {modality: [rows.get(name, ABSENT) for name in shared] for modality, rows in frozen.items()},
    )


def matches(projected: Sequence[int], frozen: Mapping[Modality, Sequence[int]]) -> Pairs:
    """Rows of which all are matches."""
    return Pairs(
        projected_P=torch.tensor(projected),
        frozen={modality: torch.tensor(rows) for modality, rows in frozen.items()},
        target_P=torch.ones(len(projected)),
        categories=("",) * len(projected),
    )


def write_pairs(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file with a heading."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(columns)
        writer.writerows(rows)


def joined(parts: Sequence[Pairs]) -> Pairs:
    """All pairs of several, one after the other."""
    modalities = sorted({modality for part in parts for modality in part.frozen}, key=lambda modality: modality.code)
    return Pairs(
        projected_P=torch.cat([part.projected_P for part in parts]),
        frozen={
            modality: torch.cat([part.frozen.get(modality, torch.full((len(part),), ABSENT)) for part in parts])
            for modality in modalities
        },
        target_P=torch.cat([part.target_P for part in parts]),
        categories=tuple(category for part in parts for category in part.categories),
    )


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows and their numbers in the file, whose first is the heading."""
    remedy = "name a CSV file with a heading and rows of as many cells, see docs/projection.md"
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            reader = csv.DictReader(opened, skipinitialspace=True, strict=True)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"it cannot be read: {error}", remedy=remedy, source=str(file)) from error
    for number, row in rows:
        if None in row or None in row.values():
            raise ConfigurationError(
                f"row {number} has not as many cells as the heading", remedy=remedy, source=str(file)
            )
    if not rows:
        raise ConfigurationError("it has no rows", remedy=remedy, source=str(file))
    return [(number, {name: cell.strip() for name, cell in row.items()}) for number, row in rows]


def _header_problems(header: Sequence[str], projected: Modality, frozen: Mapping[Modality, object]) -> list[str]:
    valid = [projected.value, *(modality.value for modality in frozen), *_TOLD]
    problems = [f"column `{name}`: it is none of {', '.join(valid)}" for name in header if name not in valid]
    if projected.value not in header:
        problems.append(f"column `{projected}`: it is missing")
    if not any(modality.value in header for modality in frozen):
        problems.append(f"columns: one of {', '.join(map(str, frozen))} is needed")
    return problems


def _row_problems(
    row: Mapping[str, str],
    columns: Sequence[Modality],
    projected: Modality,
    known: Mapping[Modality, Mapping[str, int]],
) -> list[tuple[str, str]]:
    """Column and problem of everything that is wrong with a row."""
    problems = []
    for modality in columns:
        cell = row[modality.value]
        if cell and cell not in known[modality]:
            problems.append((modality.value, f"there is no embedding of `{cell}`"))
    if not row[projected.value]:
        problems.append((projected.value, "it is empty"))
    others = [modality.value for modality in columns if modality is not projected]
    if not any(row[name] for name in others):
        problems.append((others[0], f"every one of {', '.join(others)} is empty"))
    labels = [label.value for label in PairLabel]
    if row.get("label") and row["label"] not in labels:
        problems.append(("label", f"`{row['label']}` is none of {', '.join(labels)}"))
    return problems


def _refuse(problems: Sequence[str], source: Path) -> None:
    if not problems:
        return
    more = [f"and {len(problems) - _MOST_PROBLEMS} more"] if len(problems) > _MOST_PROBLEMS else []
    raise ConfigurationError(
        "; ".join([*problems[:_MOST_PROBLEMS], *more]),
        remedy="correct the file, see docs/projection.md",
        source=str(source),
    )
