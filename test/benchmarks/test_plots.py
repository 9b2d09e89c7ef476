import pytest

from benchmarks.plots import draw
from benchmarks.result import Bars, Curves

PNG = b"\x89PNG"
POINTS = ((1.0, 2.0), (10.0, 3.0))


@pytest.mark.parametrize(
    "plot",
    [
        Bars("a", "Ways", "ms", ("x", "y"), {"ours": (1.0, 2.0), "other": (2.0, 3.0)}),
        Curves("b", "Cost", "sources", "ms", {"head": POINTS}),
        Curves("c", "Roofline", "FLOP a byte", "GFLOP/s", {"limit": POINTS, "image": POINTS[:1]}, logarithmic=True),
        Curves("d", "Subsets", "ms", "%", {"one": POINTS}, joined=False),
    ],
)
def test_every_kind_of_plot_becomes_a_picture(plot: Bars | Curves) -> None:
    assert draw(plot).startswith(PNG)
