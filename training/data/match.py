"""The step `match`: recordings of single sensors become rows, combinations of what is alike, whatever the modality.

What was recorded together (one id) stays together. What a row still lacks is filled with recordings of the same label,
or of the same label with the most similar caption, never across splits. Every recording is in a row at least once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from omnibind_ros.modality import Modality
from training.config import MatchConfig
from training.data.entries import Entry
from training.data.recordings import read_recording
from training.data.splits import SPLITS
from training.data.words import article

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Unit embeddings (B, S) of sentences."""

_PHRASES = (
    "a photo of {article} {label}",
    "{article} {label}",
    "this is {article} {label}",
    "one {label}",
    "a close-up of {article} {label}",
    "the {label}",
    "{article} {label} here",
    "somebody's {label}",
)


@dataclass(frozen=True)
class Row:
    """A matched combination: the id of one recording a modality, true sentences, and what a person might say."""

    split: str
    label: str
    captions: list[str]
    hint: str
    items: dict[Modality, str]


def match(entries: Sequence[Entry], config: MatchConfig, seed: int, encode: Encode) -> list[Row]:
    """Rows of all splits, each with `config.captions` captions; the same for the same seed.

    encode: called when matching by description only.
    """
    generator = np.random.default_rng(seed)
    samples: dict[tuple[str, str], dict[str, dict[Modality, Entry]]] = defaultdict(lambda: defaultdict(dict))
    for entry in sorted(entries, key=lambda one: (one.id, one.modality.code)):
        samples[entry.split, entry.label][entry.id][entry.modality] = entry
    rows: list[Row] = []
    for split, label in sorted(samples, key=lambda key: (SPLITS.index(key[0]), key[1])):
        of_label = list(samples[split, label].values())
        matcher = _Matcher(of_label, config, generator, encode)
        rows.extend(_row(split, label, parts, config.captions, generator) for parts in matcher.rows())
    return rows


def save_rows(rows: Sequence[Row], file: Path) -> None:
    """Write rows as Parquet: `split`, `label`, `captions`, `hint`, and one column of ids a modality."""
    modalities = [modality for modality in Modality if any(modality in row.items for row in rows)]
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("split", "label", "hint")),
            ("captions", pa.list_(pa.string())),
            *((modality.value, pa.string()) for modality in modalities),
        ]
    )
    columns = [
        {"split": row.split, "label": row.label, "hint": row.hint, "captions": row.captions}
        | {modality.value: item for modality, item in row.items.items()}
        for row in rows
    ]
    parquet.write_table(pa.Table.from_pylist(columns, schema), file)


def load_rows(file: Path) -> list[Row]:
    """Read what `save_rows` wrote."""
    rows = []
    for content in parquet.read_table(file).to_pylist():
        items = {modality: content[modality.value] for modality in Modality if content.get(modality.value)}
        rows.append(Row(content["split"], content["label"], content["captions"], content["hint"], items))
    return rows


class _Matcher:
    """The samples of one label in one split."""

    def __init__(
        self,
        samples: Sequence[dict[Modality, Entry]],
        config: MatchConfig,
        generator: np.random.Generator,
        encode: Encode,
    ) -> None:
        self._config = config
        counts = Counter(modality for sample in samples for modality in sample)
        shuffled = [samples[number] for number in generator.permutation(len(samples))]
        # the most frequent modality first: the others then fill its rows, and few are left for rows of their own
        self._samples = sorted(shuffled, key=lambda sample: -max(counts[modality] for modality in sample))
        self._modalities = sorted(counts, key=lambda modality: modality.code)
        self._uses = {modality: np.zeros(len(samples), np.int64) for modality in counts}
        self._has = {modality: np.array([modality in one for one in self._samples]) for modality in counts}
        self._meaning = encode([_description(one) for one in self._samples]) if config.by == "description" else None

    def rows(self) -> list[dict[Modality, Entry]]:
        """The combinations, each with the modalities that could be found."""
        rows: list[dict[Modality, Entry]] = []
        for number, sample in enumerate(self._samples):
            if all(self._uses[modality][number] for modality in sample):
                continue
            if self._config.most_rows is not None and len(rows) >= self._config.most_rows:
                break
            row: dict[Modality, Entry] = {}
            self._take(row, number)
            for modality in self._modalities:
                partner = self._partner(number, modality)
                if modality not in row and partner is not None:
                    self._take(row, partner)
            rows.append(row)
        return rows

    def _take(self, row: dict[Modality, Entry], number: int) -> None:
        """Everything of a sample that the row lacks."""
        for modality, entry in self._samples[number].items():
            if modality not in row and (modality is Modality.TEXT or not self._used_up(modality)[number]):
                row[modality] = entry
                self._uses[modality][number] += 1

    def _partner(self, number: int, modality: Modality) -> int | None:
        """The sample with this modality that is most alike, among equals that used least; None when none is left."""
        possible = self._has[modality]
        if modality is not Modality.TEXT:
            possible = possible & ~self._used_up(modality)
        alike = np.zeros(len(self._samples))
        if self._meaning is not None:
            alike = np.round(self._meaning @ self._meaning[number], 3)
            possible = possible & (alike >= self._config.least_similarity)
        candidates = np.flatnonzero(possible)
        if not len(candidates):
            return None
        best = np.lexsort((self._uses[modality][candidates], -alike[candidates]))[0]
        return int(candidates[best])

    def _used_up(self, modality: Modality) -> NDArray[np.bool_]:
        return np.asarray(self._uses[modality] >= self._config.most_uses)


def _description(sample: Mapping[Modality, Entry]) -> str:
    """What is said of a sample, its label where nothing is."""
    said = [entry.caption for entry in sample.values() if entry.caption]
    return said[0] if said else next(iter(sample.values())).label


def _row(split: str, label: str, parts: Mapping[Modality, Entry], captions: int, generator: np.random.Generator) -> Row:
    phrases = [phrase.format(label=label, article=article(label)) for phrase in _PHRASES]
    own = [entry.caption for entry in parts.values() if entry.caption]
    hint = str(generator.choice(phrases))
    if Modality.TEXT in parts:
        text = parts[Modality.TEXT]
        hint = str(read_recording(Modality.TEXT, text.path)) if text.path else text.caption
    distinct = list(dict.fromkeys([*own, *phrases]))
    return Row(split, label, distinct[:captions], hint, {modality: entry.id for modality, entry in parts.items()})
