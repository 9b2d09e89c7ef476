from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

COLOURS = {"lamp": (250, 40, 40), "key": (40, 250, 40), "cup": (40, 40, 250)}


def picture(label: str, seed: int) -> np.ndarray:
    """(H, W, 3) RGB: a colour that stands for the label, in noise."""
    noise = np.random.default_rng([seed, len(label)]).normal(0, 25, (48, 64, 3))
    return np.clip(np.array(COLOURS[label]) + noise, 0, 255).astype(np.uint8)


def heat(label: str, seed: int) -> np.ndarray:
    """(H, W) centikelvin: a gradient whose direction stands for the label, in noise."""
    noise = np.random.default_rng([seed, len(label)]).normal(0, 100, (48, 64))
    rows, columns = np.mgrid[0:48, 0:64]
    slope = {"lamp": rows * 60, "key": columns * 60, "cup": (48 - rows) * 60}[label]
    return (29_500 + slope + noise).astype(np.uint16)


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """Writes pictures, and thermal frames of the same moments, into folders; `count` of each label."""

    def write(count: int = 6, *, labels: tuple[str, ...] = tuple(COLOURS), thermal: bool = False) -> Path:
        folder = tmp_path / "mine"
        for label in labels:
            for number in range(count):
                file = folder / "image" / label / f"{number}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(file), picture(label, number)[:, :, ::-1])
                if thermal:
                    file = folder / "thermal" / label / f"{number}.png"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(file), heat(label, number))
        return folder

    return write


@pytest.fixture
def look() -> Callable[[str, int], np.ndarray]:
    """What the camera sees of a label: a picture that is not among the recorded ones for seeds from 100 on."""
    return picture
