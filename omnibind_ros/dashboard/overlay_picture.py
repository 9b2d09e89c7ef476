"""The camera's frame with what the robot makes of it: label, score, and the sources that count."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from matplotlib.font_manager import FontProperties, findfont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from omnibind_ros.recognition.recogniser import UNKNOWN

# Smaller frames are enlarged: a label must be readable. Frames that are far from square get no wider than the latter.
_SMALLEST_HEIGHT, _WIDEST_ENLARGED = 480, 1280
# A picture with a shorter side has no room for words.
_ROOM_FOR_WORDS = 60
_STRIP = 0.17
_VEIL = 0.72
_INK, _TEXT, _FAINT, _TRACK = (13, 20, 33), (255, 255, 255), (168, 180, 196), (60, 72, 92)
_SURE, _UNSURE = (46, 196, 132), (168, 180, 196)
NOTHING_YET = "nothing recognised"


@dataclass(frozen=True, slots=True)
class Caption:
    """What to write: label and score, None when there is no answer, and the names of the live sources."""

    label: str | None
    score: float
    live: Sequence[str]


class OverlayPicture:
    """Draws captions; holds the fonts."""

    def __init__(self) -> None:
        self._bold = findfont(FontProperties(family="DejaVu Sans", weight="bold"))
        self._plain = findfont(FontProperties(family="DejaVu Sans"))
        self._fonts: dict[tuple[str, int], ImageFont.FreeTypeFont] = {}

    def draw(self, rgb: NDArray[np.uint8], caption: Caption) -> NDArray[np.uint8]:
        """A copy of the frame (H, W, 3) with a strip across its bottom; enlarged when lower than 480 pixels."""
        enlarged = max(1.0, min(_SMALLEST_HEIGHT / rgb.shape[0], _WIDEST_ENLARGED / rgb.shape[1]))
        size = (round(rgb.shape[1] * enlarged), round(rgb.shape[0] * enlarged))
        picture = np.array(rgb if enlarged == 1.0 else cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        if min(size) < _ROOM_FOR_WORDS:
            return picture
        height = round(size[1] * _STRIP)
        strip = picture[-height:]
        strip[:] = (strip * (1 - _VEIL) + np.array(_INK) * _VEIL).astype(np.uint8)
        image = Image.fromarray(strip)
        self._write(ImageDraw.Draw(image), image.width, image.height, caption)
        strip[:] = np.asarray(image)
        return picture

    def _write(self, draw: ImageDraw.ImageDraw, width: int, height: int, caption: Caption) -> None:
        unit = height / 10
        known = caption.label not in (None, UNKNOWN)
        colour = _SURE if known else _UNSURE
        percent = f"{caption.score:.0%}" if caption.label is not None else ""
        number = self._font(self._bold, round(3.6 * unit))
        right = width - 2 * unit
        draw.text((right, 1.2 * unit), percent, fill=colour, font=number, anchor="ra")
        room = right - draw.textlength(percent, font=number) - 3 * unit
        label, font = self._fitted(draw, caption.label or NOTHING_YET, self._bold, 3.6 * unit, room)
        draw.text((2 * unit, 1.2 * unit), label, fill=_TEXT if known else _FAINT, font=font)
        bar = (2 * unit, 5.8 * unit, right, 6.5 * unit)
        draw.rectangle(bar, fill=_TRACK)
        if caption.label is not None:
            draw.rectangle((*bar[:2], bar[0] + (right - bar[0]) * min(max(caption.score, 0), 1), bar[3]), fill=colour)
        sources = " · ".join(caption.live) if caption.live else "no live source"
        text, font = self._fitted(draw, sources, self._plain, 1.9 * unit, right - 2 * unit)
        draw.text((2 * unit, 7.2 * unit), text, fill=_FAINT, font=font)

    def _fitted(
        self, draw: ImageDraw.ImageDraw, text: str, family: str, size: float, room: float
    ) -> tuple[str, ImageFont.FreeTypeFont]:
        """The text, cut where it would not fit even in a smaller font, and the font."""
        one_line = " ".join(text.split())
        for shrunk in (1.0, 0.8, 0.65):
            font = self._font(family, round(size * shrunk))
            if draw.textlength(one_line, font=font) <= room:
                return one_line, font
        while one_line and draw.textlength(f"{one_line}…", font=font) > room:
            one_line = one_line[:-1]
        return f"{one_line}…", font

    def _font(self, family: str, size: int) -> ImageFont.FreeTypeFont:
        if (family, size) not in self._fonts:
            self._fonts[family, size] = ImageFont.truetype(family, max(size, 1))
        return self._fonts[family, size]
