"""Messages as broken drivers send them: fields that contradict each other, impossible sizes, garbage."""

import array
import copy
from collections.abc import Callable
from typing import Any

import numpy as np

Breakage = Callable[[Any, np.random.Generator], None]


def _set(**fields: Any) -> Breakage:
    def breakage(message: Any, _: np.random.Generator) -> None:
        for name, value in fields.items():
            setattr(message, name, value)

    return breakage


def _cut(field: str) -> Breakage:
    def breakage(message: Any, rng: np.random.Generator) -> None:
        data = getattr(message, field)
        setattr(message, field, data[: int(rng.integers(0, max(1, len(data))))])

    return breakage


def _garbage(field: str) -> Breakage:
    def breakage(message: Any, rng: np.random.Generator) -> None:
        setattr(message, field, array.array("B", rng.bytes(max(1, len(getattr(message, field))))))

    return breakage


def _stamp_of_another_age(message: Any, rng: np.random.Generator) -> None:
    message.header.stamp.sec = int(rng.integers(-(2**31), 2**31))


def _audio_cut_in_the_middle_of_a_sample(message: Any, _: np.random.Generator) -> None:
    message.audio.data = message.audio.data[:-1]


def _audio_empty(message: Any, _: np.random.Generator) -> None:
    message.audio.data = array.array("B")


def _fields_beyond_the_point(message: Any, _: np.random.Generator) -> None:
    message.fields[0].offset = 2**31


def _field_of_no_type(message: Any, _: np.random.Generator) -> None:
    message.fields[1].datatype = 99


def _no_point_is_finite(message: Any, _: np.random.Generator) -> None:
    message.data = array.array("B", np.full(len(message.data) // 4, np.nan, "<f4").tobytes())


_IMAGE: tuple[Breakage, ...] = (
    _set(step=7),
    _set(encoding="smell8"),
    _set(encoding=""),
    _set(height=0, width=0, step=0, data=array.array("B")),
    _set(height=2**32 - 1, width=2**32 - 1),
    _set(is_bigendian=7),
    _cut("data"),
    _stamp_of_another_age,
)
_COMPRESSED: tuple[Breakage, ...] = (_set(format=""), _cut("data"), _garbage("data"), _stamp_of_another_age)
_CLOUD: tuple[Breakage, ...] = (
    _set(fields=[]),
    _set(point_step=0),
    _set(width=2**32 - 1),
    _fields_beyond_the_point,
    _field_of_no_type,
    _no_point_is_finite,
    _cut("data"),
    _stamp_of_another_age,
)
_EVENTS: tuple[Breakage, ...] = (
    _set(encoding="evt9"),
    _set(width=0, height=0),
    _cut("events"),
    _garbage("events"),
    _stamp_of_another_age,
)
_AUDIO: tuple[Breakage, ...] = (_audio_cut_in_the_middle_of_a_sample, _audio_empty, _stamp_of_another_age)
_TEXT: tuple[Breakage, ...] = (_set(data=""), _set(data="\x00\x07\x1b[2J"), _set(data="mug " * 50_000))

BREAKAGES: dict[str, tuple[Breakage, ...]] = {
    "Image": _IMAGE,
    "CompressedImage": _COMPRESSED,
    "PointCloud2": _CLOUD,
    "EventPacket": _EVENTS,
    "AudioDataStamped": _AUDIO,
    "String": _TEXT,
}


def malformed(message: Any, rng: np.random.Generator) -> Any:
    """A copy of a message, broken in one of the ways of its type."""
    breakages = BREAKAGES[type(message).__name__]
    broken = copy.deepcopy(message)
    breakages[int(rng.integers(len(breakages)))](broken, rng)
    return broken
