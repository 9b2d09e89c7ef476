"""What is drawn over the camera's picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from omnibind_ros.dashboard.overlay_picture import Caption, OverlayPicture

GREEN = np.array((46, 196, 132))
picture = OverlayPicture()


def green_share(drawn: NDArray[np.uint8]) -> float:
    """How much of the score bar's row is filled."""
    rows = (np.abs(drawn.astype(int) - GREEN) < 4).all(axis=2).mean(axis=1)
    return float(rows.max())


def test_the_picture_stays_but_for_a_strip_at_its_bottom() -> None:
    frame = np.full((480, 640, 3), 90, np.uint8)
    drawn = picture.draw(frame, Caption("mug", 0.5, ["camera"]))
    assert drawn.shape == frame.shape
    assert (drawn[:380] == 90).all()
    assert (frame == 90).all()
    assert drawn[400:].max() == 255


def test_the_bar_is_as_long_as_the_score_and_grey_when_nothing_is_known() -> None:
    frame = np.zeros((480, 640, 3), np.uint8)
    shares = [green_share(picture.draw(frame, Caption("mug", score, []))) for score in (0.2, 0.5, 0.9)]
    assert shares == pytest.approx([0.2, 0.5, 0.9], abs=0.06)
    assert green_share(picture.draw(frame, Caption("unknown", 0.9, []))) == 0
    assert green_share(picture.draw(frame, Caption(None, 0.0, []))) == 0


def test_small_pictures_are_enlarged_until_a_label_can_be_read() -> None:
    assert picture.draw(np.zeros((120, 160, 3), np.uint8), Caption("mug", 1.0, [])).shape == (480, 640, 3)


def test_another_label_another_picture_and_so_for_the_sources() -> None:
    frame = np.zeros((480, 640, 3), np.uint8)
    drawn = [picture.draw(frame, caption).tobytes() for caption in (
        Caption("mug", 0.5, ["camera"]), Caption("cup", 0.5, ["camera"]), Caption("mug", 0.5, ["camera", "lidar"]),
    )]  # fmt: skip
    assert len(set(drawn)) == 3


@given(st.text(max_size=300), st.lists(st.text(max_size=40), max_size=8), st.integers(1, 90), st.integers(1, 3000))
@settings(deadline=None, max_examples=40)
def test_any_text_fits_into_any_picture(label: str, live: list[str], height: int, width: int) -> None:
    drawn = picture.draw(np.zeros((height, width, 3), np.uint8), Caption(label, 0.4, live))
    assert drawn.dtype == np.uint8
    assert height <= drawn.shape[0] <= 480
    assert width <= drawn.shape[1] <= max(1280, width)
