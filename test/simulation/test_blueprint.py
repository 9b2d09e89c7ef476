import numpy as np

from omnibind_ros.simulation.blueprint import COLORS, Draw


def test_equal_generators_draw_equal_instances() -> None:
    first, second = (Draw(np.random.default_rng(3)) for _ in range(2))
    for draw in (first, second):
        draw.between(0, 1)
    assert first.pick(("a", "b", "c")) == second.pick(("a", "b", "c"))
    assert first.shade("red") == second.shade("red")


def test_a_shade_still_goes_by_its_word() -> None:
    draw = Draw(np.random.default_rng(0))
    plain = ("red", "green", "blue", "yellow", "black", "white")
    for word in plain:
        for _ in range(20):
            shade = np.array(draw.shade(word))
            nearest = min(plain, key=lambda other: float(np.abs(shade - np.array(COLORS[other])).sum()))
            assert nearest == word
