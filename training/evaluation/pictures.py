"""Pictures of an evaluation: which head does how well, how sure it is, what it mixes up, and where embeddings lie.

Shape legend: M modalities, P points, D embedding size, K labels.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from sklearn.manifold import TSNE
from torch import nn

from omnibind_ros.figure import new_figure, png, tidy
from omnibind_ros.modality import Modality
from omnibind_ros.recognition.label_bank import LabelBank
from training.evaluation.combinations import every_combination, fused_rows, recognised, rows_with
from training.evaluation.confidence import BINS, COVERAGE, CURVE
from training.fusion.embedded import EmbeddedSet
from training.fusion.heads.registry import BUNDLED

HEAD_COLOURS = {
    "mean": "#b8b8b8",
    "linear": "#9ecae1",
    "outer_product": "#c9b458",
    "unseen": "#9467bd",
    "af": "#3f78c9",
    BUNDLED: "#2e9e5b",
}
PICTURES = {
    "heads.png": "Accuracy of the fusion heads by number of modalities, and of every combination of two",
    "combinations.png": "Accuracy of every combination of modalities",
    "robustness.png": "Points lost when one modality is replaced",
    "confidence.png": "Errors among the surest answers by the share answered, and calibration error",
    "reliability.png": "How often answers of a score are right",
    "confusion.png": "Which label is taken for which",
    "embeddings.png": "Embeddings in two dimensions, by modality and by label",
}
"""What `draw_pictures` writes, in the order of the report, and what each shows."""
_LOSS_COLOURS = ("#d1495b", "#f0b5bd")
_MARKERS = {
    Modality.IMAGE: "o",
    Modality.TEXT: "*",
    Modality.THERMAL: "s",
    Modality.EVENT: "^",
    Modality.TOUCH: "D",
    Modality.AUDIO: "P",
    Modality.POINT: "X",
}
_POINTS_A_MODALITY = 240
_LABELS_IN_COLOUR = 10


def draw_pictures(
    folder: Path, results: Mapping[str, Any], test: EmbeddedSet, heads: Mapping[str, nn.Module], bank: LabelBank
) -> None:
    """Write all that `PICTURES` names."""
    head = BUNDLED if BUNDLED in heads else list(heads)[-1]
    figures = {
        "heads": draw_heads(results["heads"]),
        "combinations": draw_combinations(results["heads"][head]["combinations"], head),
        "robustness": draw_robustness(results["heads"]),
        "confidence": draw_confidence(results["heads"]),
        "reliability": draw_reliability(results["heads"]),
        "confusion": draw_confusion(test, heads[head], bank, head),
        "embeddings": draw_embeddings(test, bank.names),
    }
    for name, figure in figures.items():
        (folder / f"{name}.png").write_bytes(png(figure))


def draw_heads(heads: Mapping[str, Any]) -> Figure:
    """Bars: accuracy by number of modalities, and of every combination of two, one bar a head."""
    figure = new_figure(13, 8.5, "Accuracy of the fusion heads on objects never seen")
    above, below = figure.subplots(2, 1)
    numbers = list(next(iter(heads.values()))["by_number"])
    titles = [{"2+": "2 or more", "all": "all"}.get(number, number) for number in numbers]
    _bars(above, titles, {name: [head["by_number"][n] for n in numbers] for name, head in heads.items()})
    above.set_xlabel("live modalities (mean over their combinations)")
    above.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(heads), frameon=False, fontsize=9)
    pairs = [name for name in next(iter(heads.values()))["combinations"] if name.count("+") == 1]
    _bars(below, pairs, {name: [head["combinations"][pair] for pair in pairs] for name, head in heads.items()})
    below.set_xlabel("combinations of two")
    below.tick_params(axis="x", rotation=45, labelsize=8)
    for label in below.get_xticklabels():
        label.set_horizontalalignment("right")
    return figure


def draw_combinations(combinations: Mapping[str, float], head: str) -> Figure:
    """Bars: accuracy of every combination, by number and then by accuracy; dots below tell who is in it.

    combinations: accuracy by the modalities' names with a plus between them.
    """
    names = sorted(combinations, key=lambda name: (name.count("+"), combinations[name]))
    modalities = list(dict.fromkeys(part for name in combinations for part in name.split("+")))
    figure = new_figure(13, 3.4 + 0.24 * len(modalities), f"Accuracy of `{head}` with every combination of modalities")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 0.24 * len(modalities)))
    numbers = [name.count("+") for name in names]
    colours = [colormaps["viridis"](0.9 - 0.8 * number / max(1, *numbers)) for number in numbers]
    above.bar(range(len(names)), [100 * combinations[name] for name in names], color=colours, width=0.85)
    above.set_ylim(0, 100)
    above.set_ylabel("percent")
    above.grid(axis="y", color="#e8e8e8", linewidth=0.8)
    above.set_axisbelow(True)
    above.margins(x=0.01)
    members = [(place, modalities.index(part)) for place, name in enumerate(names) for part in name.split("+")]
    below.scatter(
        *zip(*members, strict=True),
        c=[colours[place] for place, _ in members],
        s=min(60, 900 / len(names)),
        linewidths=0,
    )
    below.set_yticks(range(len(modalities)), modalities, fontsize=9)
    below.invert_yaxis()
    below.set_xticks([])
    below.margins(x=0.01, y=0.08)
    below.spines[:].set_visible(False)
    tidy(above)
    return figure


def draw_robustness(heads: Mapping[str, Any]) -> Figure:
    """Bars: points lost by each head when one modality is replaced, on average and at worst."""
    kinds = list(dict.fromkeys(kind for head in heads.values() for kind in head["robustness"]))
    figure = new_figure(13, 3.8, "Points lost when one modality is replaced and two or more are left")
    for number, kind in enumerate(kinds, 1):
        axes = figure.add_subplot(1, max(len(kinds), 1), number)
        rows = {name: head["robustness"][kind] for name, head in heads.items() if kind in head["robustness"]}
        places = np.arange(len(rows))
        for key, colour, title in (
            ("worst_loss", _LOSS_COLOURS[1], "worst combination"),
            ("mean_loss", _LOSS_COLOURS[0], "mean"),
        ):
            values = [100 * row[key] for row in rows.values()]
            bars = axes.barh(places, values, color=colour, height=0.7, label=title)
            if key == "worst_loss":
                axes.bar_label(bars, fmt="%.1f", padding=3, fontsize=8)
        axes.axvline(10, color="#30475e", linewidth=1, linestyle=":")
        axes.set_yticks(places, list(rows))
        axes.invert_yaxis()
        axes.margins(x=0.15)
        axes.set_title(f"by {kind}", fontsize=10, loc="left")
        axes.set_xlabel("points")
        tidy(axes)
    if kinds:
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower right", ncols=2, frameon=False, fontsize=9)
    return figure


def draw_confidence(heads: Mapping[str, Any]) -> Figure:
    """Lines: error among the surest answers by the share answered; bars: calibration error by number of modalities."""
    figure = new_figure(13, 4.2, "How far scores can be trusted")
    left, middle, right = figure.subplots(1, 3)
    for axes, key, title in ((left, "risk_coverage", "all whole"), (middle, "broken_risk_coverage", "some broken")):
        for name, head in heads.items():
            curve = head["confidence"][key]
            axes.plot(
                [100 * share for share in CURVE],
                [100 * curve[f"{share:.2f}"] for share in CURVE],
                color=_colour(name),
                label=name,
                linewidth=2.5 if name == BUNDLED else 1.5,
            )
        axes.axvline(100 * COVERAGE, color="#30475e", linewidth=1, linestyle=":")
        axes.set_title(f"Modalities {title}", fontsize=10, loc="left")
        axes.set_xlabel("answered, percent")
        axes.set_ylabel("wrong answers, percent")
        axes.set_ylim(bottom=0)
        tidy(axes)
    left.legend(frameon=False, fontsize=9, loc="upper left")
    numbers = list(next(iter(heads.values()))["confidence"]["by_number"])
    errors = {
        name: [head["confidence"]["by_number"].get(n, {}).get("ece", np.nan) for n in numbers]
        for name, head in heads.items()
    }
    _bars(right, numbers, errors)
    right.axhline(5, color="#30475e", linewidth=1, linestyle=":")
    right.set_title("Calibration error", fontsize=10, loc="left")
    right.set_ylabel("percent")
    right.set_ylim(0, max(6.0, 100 * float(np.nanmax(list(errors.values()))) * 1.1))
    right.set_xlabel("live modalities")
    return figure


def draw_reliability(heads: Mapping[str, Any]) -> Figure:
    """Lines: how often answers of a score are right, on the diagonal where scores mean what they say.

    Bars: how many of the answers of the best head have that score.
    """
    figure = new_figure(13, 5, "How often answers of a score are right")
    of_bars = BUNDLED if BUNDLED in heads else list(heads)[-1]
    for axes, key, title in zip(
        figure.subplots(1, 2), ("reliability", "broken_reliability"), ("all whole", "some broken"), strict=True
    ):
        axes.plot([0, 100], [0, 100], color="#30475e", linewidth=1, linestyle=":")
        for name, head in heads.items():
            bins = head["confidence"][key]
            scores, rights, shares = ([100 * one[k] for one in bins.values()] for k in ("score", "accuracy", "share"))
            if name == of_bars:
                axes.bar(
                    [100 * float(low) for low in bins], shares, 100 / BINS, align="edge", color="#d3e2d8",
                    edgecolor="white", label=f"share of the answers, {name}",
                )  # fmt: skip
            axes.plot(
                scores, rights, color=_colour(name), label=name, marker="o", markersize=4,
                linewidth=2.5 if name == BUNDLED else 1.5,
            )  # fmt: skip
        axes.set_title(f"Modalities {title}", fontsize=10, loc="left")
        axes.set_xlabel("score, percent")
        axes.set_ylabel("right, percent")
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 102)
        tidy(axes)
    figure.axes[0].legend(frameon=False, fontsize=9, loc="upper left")
    return figure


def draw_confusion(test: EmbeddedSet, head: nn.Module, bank: LabelBank, name: str) -> Figure:
    """Which label is taken for which, over all combinations of one and two modalities."""
    labels = len(bank.names)
    count_KK = np.zeros((labels, labels))
    for members in every_combination(test):
        if len(members) <= 2:
            row_R = rows_with(test, members)
            found_R = recognised(bank, fused_rows(test, head, members, row_R))
            np.add.at(count_KK, (test.label_N[row_R].numpy(), found_R), 1)
    share_KK = count_KK / count_KK.sum(axis=1, keepdims=True).clip(min=1)
    side = 3.0 + 0.28 * labels
    figure = new_figure(side + 1, side, f"What `{name}` takes for what, from one or two modalities")
    axes = figure.subplots()
    shown = axes.imshow(100 * share_KK, cmap="Greens", vmin=0, vmax=100)
    axes.set_xticks(range(labels), bank.names, rotation=90, fontsize=8)
    axes.set_yticks(range(labels), bank.names, fontsize=8)
    axes.set_xlabel("recognised")
    axes.set_ylabel("true")
    for row, column in zip(*np.nonzero((share_KK >= 0.03) & ~np.eye(labels, dtype=bool)), strict=True):
        axes.text(column, row, f"{100 * share_KK[row, column]:.0f}", ha="center", va="center", fontsize=6.5)
    axes.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axes, shrink=0.6, label="percent of the true label")
    return figure


def draw_embeddings(test: EmbeddedSet, names: Sequence[str]) -> Figure:
    """The students' embeddings in two dimensions (t-SNE, van der Maaten and Hinton 2008), by modality and by label."""
    vector_PD, index_P, label_P = _points(test)
    # with fewer neighbours than this the picture falls apart, with more points than neighbours it needs
    perplexity = min(30.0, max(2.0, len(vector_PD) / 4))
    place_P2 = TSNE(perplexity=perplexity, init="pca", metric="cosine", random_state=0).fit_transform(vector_PD)
    figure = new_figure(14, 7.4, "Embeddings of objects never seen (t-SNE of cosine distances)")
    left, right = figure.subplots(1, 2)
    # every third label or so in colour, the others grey: more colours than ten nobody can tell apart
    coloured = sorted(set(np.linspace(0, len(names) - 1, min(_LABELS_IN_COLOUR, len(names))).round().astype(int)))
    for index, modality in enumerate(test.modalities):
        own_P = index_P == index
        left.scatter(*place_P2[own_P].T, s=9, color=colormaps["tab10"](index), label=str(modality), linewidths=0)
        others_P = own_P & ~np.isin(label_P, coloured)
        right.scatter(*place_P2[others_P].T, s=7, color="#dddddd", marker=_MARKERS[modality], linewidths=0)
    for number, label in enumerate(coloured):
        for index, modality in enumerate(test.modalities):
            shown_P = (index_P == index) & (label_P == label)
            right.scatter(
                *place_P2[shown_P].T, s=20, color=colormaps["tab10"](number), marker=_MARKERS[modality], linewidths=0
            )
    below: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "frameon": False, "fontsize": 9}
    left.legend(ncols=len(test.modalities), markerscale=2, columnspacing=1, handletextpad=0.2, **below)
    dots = [
        Line2D([], [], marker="o", linestyle="", color=colormaps["tab10"](number), label=names[label])
        for number, label in enumerate(coloured)
    ]
    right.legend(handles=dots, ncols=5, columnspacing=1, handletextpad=0.2, **below)
    for axes, title in ((left, "by modality"), (right, "by label, the marker is the modality")):
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    return figure


def _points(test: EmbeddedSet) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Some embeddings (P, D) of every modality, spread over the labels, with their modalities and labels (P,)."""
    vectors, indices, labels = [], [], []
    for index in range(len(test.modalities)):
        row_R = test.usable_MN[index].nonzero().squeeze(1)
        chosen = torch.linspace(0, max(len(row_R) - 1, 0), min(_POINTS_A_MODALITY, len(row_R))).round().long()
        vectors.append(test.embedding_MNVD[index, row_R[chosen], 0])
        indices.append(torch.full((len(chosen),), index))
        labels.append(test.label_N[row_R[chosen]])
    return torch.cat(vectors).numpy(), torch.cat(indices).numpy(), torch.cat(labels).numpy()


def _bars(axes: Axes, names: Sequence[str], of_head: Mapping[str, Sequence[float]]) -> None:
    """Groups of bars in percent, one a name, one bar of each a head; the axis starts below the lowest."""
    width = 0.84 / len(of_head)
    for number, (name, values) in enumerate(of_head.items()):
        places = np.arange(len(names)) + (number - (len(of_head) - 1) / 2) * width
        axes.bar(places, 100 * np.array(values), width, color=_colour(name), label=name)
    lowest = 100 * min((min(values) for values in of_head.values() if values), default=0.0)
    axes.set_ylim(max(0.0, 10 * np.floor(lowest / 10 - 0.5)), 100)
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("percent")
    axes.grid(axis="y", color="#e8e8e8", linewidth=0.8)
    axes.set_axisbelow(True)
    tidy(axes)


def _colour(head: str) -> str:
    return HEAD_COLOURS[head]
