"""The whole comparison: chance, nearest neighbours on frozen features, and projectors to real texts, over seeds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from omnibind_ros.errors import ConfigurationError
from training.data.entries import Entry
from training.data.splits import TEST
from training.evaluation.aggregate import aggregate
from training.evaluation.report import Table, percent
from training.real_data.clip_names import label_vectors
from training.real_data.features import features_of
from training.real_data.fused import fusion_accuracy, paired
from training.real_data.real_sets import PICTURE_SET, REAL_SETS, TOUCH_SET, RealSet, entries_of
from training.real_data.recognise import embedded, nearest_neighbour, train_to_texts

BLOCK = "real"
_MORE_NEIGHBOURS = 3


def prove(folder: Path | None, seeds: Sequence[int]) -> dict[str, Any]:
    """Results of every set that is there, and of the others why not; accuracies as shares."""
    results: dict[str, Any] = {"seeds": list(seeds), "sets": {}, "left_out": {}, "fusion": {}}
    for real in REAL_SETS:
        try:
            results["sets"][real.name] = prove_set(real, folder, seeds)
        except ConfigurationError as error:
            results["left_out"][real.name] = str(error)
    try:
        results["fusion"] = prove_fusion(folder, seeds)
    except ConfigurationError as error:
        results["left_out"]["VT-60 touch and pictures"] = str(error)
    return results


def prove_set(real: RealSet, folder: Path | None, seeds: Sequence[int]) -> dict[str, Any]:
    """One set: counts, chance, nearest neighbours, and ours over the seeds. Raises ConfigurationError."""
    entries = entries_of(real, folder)
    labels = sorted({entry.label for entry in entries})
    text_KD = label_vectors(labels, real.name_of, folder)
    feature_NF = features_of(real.features, tuple(entries), folder)
    label_N = np.array([labels.index(entry.label) for entry in entries], np.int64)
    test_N = _is_test(entries)
    learnt, told, asked = feature_NF[~test_N], label_N[~test_N], feature_NF[test_N]

    def share(answered: Any) -> float:
        return float((answered == label_N[test_N]).mean())

    runs = [
        {"projector": share((embedded(train_to_texts(learnt, told, text_KD, seed), asked) @ text_KD.T).argmax(axis=1))}
        for seed in seeds
    ]
    return {
        "split": real.split,
        "features": real.features,
        "labels": len(labels),
        "learnt": int((~test_N).sum()),
        "test": int(test_N.sum()),
        "chance": 1 / len(labels),
        "nearest": share(nearest_neighbour(learnt, told, asked)),
        "nearest_of_more": share(nearest_neighbour(learnt, told, asked, _MORE_NEIGHBOURS)),
        **aggregate(runs),
    }


def prove_fusion(folder: Path | None, seeds: Sequence[int]) -> dict[str, Any]:
    """Touch and picture of the same objects: alone, and fused. Raises ConfigurationError."""
    touches, pictures = (entries_of(real, folder) for real in (TOUCH_SET, PICTURE_SET))
    labels = sorted({entry.label for entry in touches})
    text_KD = label_vectors(labels, TOUCH_SET.name_of, folder)
    touch_NF = features_of(TOUCH_SET.features, tuple(touches), folder)
    picture_PF = features_of(PICTURE_SET.features, tuple(pictures), folder)
    parts = []
    for wanted in (False, True):
        chosen_N, chosen_P = _is_test(touches) == wanted, _is_test(pictures) == wanted
        parts.append(
            paired(_of(touches, chosen_N), touch_NF[chosen_N], _of(pictures, chosen_P), picture_PF[chosen_P], labels)
        )
    runs = [fusion_accuracy(parts[0], parts[1], text_KD, seed) for seed in seeds]
    counts = {"learnt": len(parts[0].label_N), "test": len(parts[1].label_N)}
    return {"counts": counts, "accuracy": aggregate(runs)}


def to_markdown(results: Mapping[str, Any]) -> str:
    """Tables, and below them what is below the nearest neighbour, what stands for which label, and what is missing."""
    rows = [
        [
            name,
            f"{found['labels']}",
            f"{found['learnt']} / {found['test']}",
            found["split"],
            percent(found["chance"]),
            percent(found["nearest"]),
            percent(found["nearest_of_more"]),
            percent(found["projector"]),
            f"{100 * _gain(found):+.1f}",
        ]
        for name, found in results["sets"].items()
    ]
    header = ["recordings", "labels", "learnt from / test", "never in both", "chance", "1 neighbour",
              f"{_MORE_NEIGHBOURS} neighbours", "projector to text", "over the better neighbour"]  # fmt: skip
    fusion = results["fusion"]
    fused = [[name, percent(value)] for name, value in fusion["accuracy"].items()] if fusion else []
    counts = (
        f" ({fusion['counts']['learnt']} touches to learn from, {fusion['counts']['test']} to test)" if fusion else ""
    )
    parts = [
        f"Seeds {', '.join(map(str, results['seeds']))}: mean ± standard deviation over them. Accuracy in percent.",
        Table("Frozen backbones, recognised by the texts of CLIP", header, rows).to_markdown(),
        _below(results["sets"]),
        Table(f"Touch and picture of the same object{counts}", ["VT-60", "accuracy"], fused).to_markdown(),
        _behind(fusion["accuracy"]) if fusion else "",
        _mapping(results["sets"]),
        *(f"Not measured: {name}. {why}" for name, why in results["left_out"].items()),
    ]
    return "\n\n".join(part for part in parts if part)


def _gain(found: Mapping[str, Any]) -> float:
    return float(found["projector"]["mean"] - max(found["nearest"], found["nearest_of_more"]))


def _below(sets: Mapping[str, Any]) -> str:
    below = [name for name, found in sets.items() if _gain(found) < 0]
    if not sets:
        return ""
    return f"Below the better of the two neighbours: {', '.join(below) or 'none'}."


def _behind(accuracy: Mapping[str, Any]) -> str:
    """Heads whose fusion is worse than the better sensor alone."""
    best = max((value["mean"] for name, value in accuracy.items() if name.endswith(" alone")), default=0.0)
    behind = [name for name, value in accuracy.items() if name.startswith("fused by ") and value["mean"] < best]
    return f"Behind the better sensor alone: {', '.join(behind) or 'none'}."


def _mapping(sets: Mapping[str, Any]) -> str:
    pairs = {f"{label}: {name}" for real in REAL_SETS if real.name in sets for label, name in real.name_of.items()}
    return f"What stands for a label among the 1,203 names: {'; '.join(sorted(pairs))}." if pairs else ""


def _is_test(entries: Sequence[Entry]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([entry.split == TEST for entry in entries])


def _of(entries: Sequence[Entry], chosen_N: np.ndarray[Any, np.dtype[np.bool_]]) -> list[Entry]:
    return [entry for entry, chosen in zip(entries, chosen_N.tolist(), strict=True) if chosen]
