"""Plots of results as PNG."""

import numpy as np
from matplotlib.axes import Axes

from benchmarks.result import Bars, Curves
from omnibind_ros.figure import new_figure, png, tidy

_WIDTH, _HEIGHT = 8.0, 3.6
_GROUP_WIDTH = 0.8


def draw(plot: Bars | Curves) -> bytes:
    """The bytes of a PNG file."""
    figure = new_figure(_WIDTH, _HEIGHT, plot.title)
    axes = figure.add_subplot()
    if isinstance(plot, Bars):
        _draw_bars(axes, plot)
    else:
        _draw_curves(axes, plot)
    if len(plot.series) > 1:
        axes.legend(frameon=False, fontsize=8)
    axes.tick_params(labelsize=8)
    tidy(axes)
    return png(figure)


def _draw_bars(axes: Axes, plot: Bars) -> None:
    width = _GROUP_WIDTH / len(plot.series)
    places = np.arange(len(plot.labels))
    for number, (name, values) in enumerate(plot.series.items()):
        axes.bar(places + (number - (len(plot.series) - 1) / 2) * width, values, width, label=name)
    axes.set_xticks(places, plot.labels)
    axes.set_ylabel(plot.unit)


def _draw_curves(axes: Axes, plot: Curves) -> None:
    for name, points in plot.series.items():
        x, y = zip(*points, strict=True)
        axes.plot(x, y, "o-" if plot.joined else "o", label=name, markersize=4)
    if plot.logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
    axes.set_xlabel(plot.x_label)
    axes.set_ylabel(plot.y_label)
