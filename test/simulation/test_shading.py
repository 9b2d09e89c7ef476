import numpy as np
import pytest

from omnibind_ros.simulation.objects import make_object
from omnibind_ros.simulation.shading import Finish, Light, apparent_warmth, shade

UP = np.array([0, 0, 1], np.float32)
LIGHT = Light(key=UP, fill=UP, color=np.ones(3, np.float32), ambient=0.3, lamp_kelvin=5.0)


def lit(label: str, normal: np.ndarray, *, part: int = 0, behind: float = 0.0) -> np.ndarray:
    return shade(
        Finish(make_object(label, 1)),
        LIGHT,
        part=np.array([part]),
        normal=np.array([normal], np.float32),
        to_eye=np.array([[0.0, -0.6, 0.8]], np.float32),
        texture=np.zeros((1, 2), np.float32),
        behind=np.full((1, 3), behind, np.float32),
    )[0]


def test_a_surface_is_brightest_towards_the_light() -> None:
    angles = [lit("brick", np.array([0.0, -np.sin(a), np.cos(a)])).sum() for a in (0.0, 0.7, 1.4)]
    assert angles == sorted(angles, reverse=True)


def test_only_glass_lets_the_background_through() -> None:
    bulb_or_wine, brick = ({lit(label, UP, behind=b).sum() for b in (0.0, 1.0)} for label in ("wine glass", "brick"))
    assert len(bulb_or_wine) == 2
    assert len(brick) == 1


def test_a_flame_glows_without_light() -> None:
    candle = make_object("candle", 1)
    assert lit("candle", -UP, part=len(candle.parts) - 1).max() > 1.0 > lit("candle", -UP, part=0).max()


def test_a_hot_black_body_looks_hotter_than_a_hot_mirror() -> None:
    warmth = {}
    for label in ("frying pan", "hand bell"):
        finish = Finish(make_object(label, 1))
        warmth[label] = float(apparent_warmth(finish, LIGHT, 50.0, np.array([0]), UP[None])[0])
    assert warmth["frying pan"] > 40.0
    assert warmth["hand bell"] < 25.0


def test_insulated_parts_stay_cool() -> None:
    kettle = make_object("kettle", 1)
    finish = Finish(kettle)
    heat = finish.emissivity * finish.heat
    assert heat[len(kettle.parts) - 1] < heat.max() / 2
    assert apparent_warmth(finish, LIGHT, 0.0, np.array([0]), -UP[None])[0] == pytest.approx(0.0, abs=2.0)
