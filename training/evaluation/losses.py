"""The losses of everything a run has trained, as TensorBoard logged them."""

import os
from collections.abc import Mapping
from pathlib import Path

from matplotlib import colormaps
from matplotlib.figure import Figure
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from omnibind_ros.figure import new_figure, tidy
from training.run_folder import LOG_FOLDER

Curve = list[tuple[int, float]]
_KINDS = {"teach": "Teachers", "distil": "Students", "fuse": "Fusion heads"}


def read_losses(run: Path) -> dict[str, dict[str, Curve]]:
    """(step, loss) by the step of the run and by what it trained; of the steps that make a bundle.

    A step that another run made, and that is linked here, counts too.
    """
    losses: dict[str, dict[str, Curve]] = {}
    for kind in _KINDS:
        for place, folders, _ in os.walk(run / kind, followlinks=True):
            if LOG_FOLDER not in folders:
                continue
            events = EventAccumulator(str(Path(place) / LOG_FOLDER), size_guidance={"scalars": 0}).Reload()
            if "loss" in events.Tags()["scalars"]:
                name = str(Path(place).relative_to(run / kind))
                losses.setdefault(kind, {})[name] = [(one.step, one.value) for one in events.Scalars("loss")]
    return {kind: dict(sorted(curves.items())) for kind, curves in losses.items()}


def draw_losses(losses: Mapping[str, Mapping[str, Curve]]) -> Figure:
    """Lines: the loss over the share of the steps, one picture a step of the run. Needs at least one curve."""
    figure = new_figure(13, 4, "Losses")
    for axes, (kind, curves) in zip(figure.subplots(1, len(losses), squeeze=False)[0], losses.items(), strict=True):
        for number, (name, curve) in enumerate(curves.items()):
            last = max(1, curve[-1][0])
            axes.plot(
                [100 * step / last for step, _ in curve], [loss for _, loss in curve],
                color=colormaps["tab10"](number % 10), label=name, linewidth=1.5,
            )  # fmt: skip
        axes.set_title(_KINDS[kind], fontsize=10, loc="left")
        axes.set_xlabel("steps, percent")
        axes.set_ylim(bottom=0)
        if list(curves) != ["."]:
            axes.legend(frameon=False, fontsize=9, loc="upper right")
        tidy(axes)
    figure.axes[0].set_ylabel("loss")
    return figure
