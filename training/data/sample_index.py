"""The index of a split's folder: `samples.json`, which says what each row is and where its inputs lie.

Inputs lie in shards, safetensors files with `<modality>` (I, *input_shape) float16 and `<modality>.quality` (I,)
float32, and, of what broken sensors sent, `<modality>.faulty` (F, *input_shape) and `<modality>.faulty.quality` (F,).
The items of a modality are those of its shards, in their order. A row names one item a modality or none: matching
copies no data.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from omnibind_ros.modality import Modality

INDEX_FILE = "samples.json"
ABSENT = -1


@dataclass(frozen=True)
class Items:
    """A modality's items: the files they lie in, the item of each row (`ABSENT` where it has none), each item's group.

    A group is the physical thing or the recording an item comes from; it never is in two splits. recordings: the path
    of each item's recording, as `training.data.entries` writes it; none of what was simulated.
    """

    shards: list[str]
    item_of_row: list[int]
    groups: list[str]
    recordings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SampleIndex:
    """The rows of a split: the number of each one's label, its captions, its hint, and its items by modality."""

    labels: list[str]
    label_of_row: list[int]
    captions: list[list[str]]
    hints: list[str]
    items: dict[Modality, Items] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write `samples.json`, at once or not at all."""
        content = asdict(self) | {"items": {modality.value: asdict(items) for modality, items in self.items.items()}}
        unfinished = folder / f".{INDEX_FILE}"
        unfinished.write_text(json.dumps(content))
        unfinished.replace(folder / INDEX_FILE)


def load_index(folder: Path) -> SampleIndex:
    """Read `samples.json`. Raises FileNotFoundError when the folder has none."""
    content = json.loads((folder / INDEX_FILE).read_text())
    items = {Modality(name): Items(**entry) for name, entry in content.pop("items").items()}
    return SampleIndex(**content, items=items)


def index_of_shards(folder: Path, labels: Sequence[str], modalities: Sequence[Modality]) -> SampleIndex:
    """Index of one shard a label, every row having one item a modality, from the `.json` beside each shard.

    Raises FileNotFoundError when a label's shard is missing.
    """
    shards = [shard_path(folder, label) for label in labels]
    contents = [json.loads(shard.with_suffix(".json").read_text()) for shard in shards]
    seeds = [(label, seed) for label, content in zip(labels, contents, strict=True) for seed in content["seeds"]]
    items = Items(
        shards=[shard.name for shard in shards],
        item_of_row=list(range(len(seeds))),
        groups=[f"{label} {seed}" for label, seed in seeds],
    )
    return SampleIndex(
        labels=list(labels),
        label_of_row=[number for number, content in enumerate(contents) for _ in content["seeds"]],
        captions=[captions for content in contents for captions in content["captions"]],
        hints=[hint for content in contents for hint in content["hints"]],
        items=dict.fromkeys(modalities, items),
    )


def shard_path(folder: Path, label: str) -> Path:
    """Where a label's shard lies in a split's folder."""
    return folder / f"{label.replace(' ', '_')}.safetensors"
