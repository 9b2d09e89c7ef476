"""Small pictures of what a sensor sends, whatever it is, for people to look at.

Shapes: H, W of a picture, at most `LARGEST` pixels; N points or samples.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.audio import AudioDecoder
from omnibind_ros.messages.events import EventDecoder
from omnibind_ros.messages.header import frame_of
from omnibind_ros.messages.image import intensity_from_image, rgb_from_image
from omnibind_ros.messages.points import points_from_cloud
from omnibind_ros.modality import Modality

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB."""

LARGEST = (480, 360)
# How many of a sensor's newest messages one picture shows: about two seconds of sound, a twentieth of one of events.
MESSAGES_SHOWN: Mapping[Modality, int] = {Modality.AUDIO: 20, Modality.EVENT: 3}
_JPEG_QUALITY = 80
_INK = (13, 20, 33)
_BRIGHTER, _DARKER = (94, 214, 255), (255, 122, 89)
_SOUND = (94, 214, 172)
_COLUMNS = 160
_LARGEST_DOT = 10
# Loudness is heard in decibels; so many below full scale nothing is drawn.
_QUIETEST_DB = 45.0


def picture_of(modality: Modality, messages: Sequence[Any]) -> bytes:
    """The newest messages of a sensor, oldest first and at least one, as a JPEG.

    Raises MessageError for messages that cannot be shown; those of text have no picture.
    """
    picture = _PICTURES[modality](messages)
    done, encoded = cv2.imencode(
        ".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    )
    if not done:
        raise MessageError("the picture cannot be written as a JPEG", remedy="check the size of the images")
    return encoded.tobytes()


def _camera(messages: Sequence[Any]) -> Picture:
    return _fit(rgb_from_image(messages[-1]))


def _thermal(messages: Sequence[Any]) -> Picture:
    """False colour between the coldest and the warmest hundredth."""
    values = intensity_from_image(messages[-1]).astype(np.float32)
    finite = values[np.isfinite(values)]
    if not len(finite):
        raise MessageError("no pixel holds a value", remedy="check the thermal camera")
    low, high = np.percentile(finite, (1, 99))
    scaled = np.nan_to_num((values - low) / max(float(high - low), 1e-6), nan=0.0)
    grey = (np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return _fit(_rgb(cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)))


def _events(messages: Sequence[Any]) -> Picture:
    """The newest events, blue where it became brighter and orange where it became darker."""
    decoder = EventDecoder()
    batches = [decoder.decode(message) for message in messages]
    newest = batches[-1]
    picture = _canvas(newest.width, newest.height)
    for batch in batches:
        if (batch.width, batch.height) == (newest.width, newest.height):
            picture[batch.y, batch.x] = np.where(batch.p[:, None], _BRIGHTER, _DARKER)
    return _fit(picture)


def _sound(messages: Sequence[Any]) -> Picture:
    """The loudness of every moment, newest on the right."""
    decoder = AudioDecoder()
    samples_N = np.concatenate([decoder.decode(message).samples_NC.mean(axis=1) for message in messages])
    width, height = LARGEST
    picture = _canvas(width, height)
    middle, bar = height // 2, width // _COLUMNS
    for column, part in enumerate(np.array_split(samples_N, _COLUMNS)):
        loudness_db = 20 * np.log10(max(float(np.abs(part).max(initial=0.0)), 1e-6))
        reach = round(middle * 0.9 * max(0.0, 1 + loudness_db / _QUIETEST_DB)) + 1
        left = column * bar
        cv2.rectangle(picture, (left, middle - reach), (left + max(bar - 2, 0), middle + reach), _SOUND, cv2.FILLED)
    return picture


def _cloud(messages: Sequence[Any]) -> Picture:
    """The cloud as its sensor sees it, what is near the brightest."""
    x_N, y_N, z_N = _forward_left_up(messages[-1])
    width, height = LARGEST
    picture = _canvas(width, height)
    if not len(x_N):
        return picture
    distance_N = np.hypot(np.hypot(x_N, y_N), z_N)
    columns = _spread(-np.arctan2(y_N, x_N), width)
    rows = _spread(-np.arctan2(z_N, np.hypot(x_N, y_N)), height)
    near, far = np.percentile(distance_N, (1, 99))
    nearness_N = 1 - np.clip((distance_N - near) / max(float(far - near), 1e-6), 0, 1)
    grey_N = (60 + 195 * nearness_N).astype(np.uint8)
    colours_N3 = _rgb(cv2.applyColorMap(grey_N[:, None], cv2.COLORMAP_VIRIDIS))[:, 0]
    # Squares a little larger than a point's share of the picture, so that surfaces close.
    side = min(1 + int(np.sqrt(width * height / len(x_N))), _LARGEST_DOT)
    order = np.argsort(nearness_N, kind="stable")  # what is near hides what lies behind it
    for down in range(side):
        for right in range(side):
            at = (np.minimum(rows[order] + down, height - 1), np.minimum(columns[order] + right, width - 1))
            picture[at] = colours_N3[order]
    return picture


def _forward_left_up(message: Any) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    xyz_N3 = points_from_cloud(message).xyz_N3
    if "optical" in frame_of(message):  # REP 103: z forward, x right, y down
        return xyz_N3[:, 2], -xyz_N3[:, 0], -xyz_N3[:, 1]
    return xyz_N3[:, 0], xyz_N3[:, 1], xyz_N3[:, 2]


def _spread(angles_N: NDArray[np.float32], pixels: int) -> NDArray[np.int64]:
    """Angles over the whole picture, but for the outermost few."""
    low, high = np.percentile(angles_N, (0.5, 99.5))
    places_N = (angles_N - low) / max(float(high - low), 1e-6) * (pixels - 1)
    return np.asarray(np.clip(places_N, 0, pixels - 1), np.int64)


def _canvas(width: int, height: int) -> Picture:
    return np.full((height, width, 3), _INK, np.uint8)


_PICTURES: dict[Modality, Callable[[Sequence[Any]], Picture]] = {
    Modality.IMAGE: _camera,
    Modality.TOUCH: _camera,
    Modality.THERMAL: _thermal,
    Modality.EVENT: _events,
    Modality.AUDIO: _sound,
    Modality.POINT: _cloud,
}


def _fit(picture: Picture) -> Picture:
    scale = min(LARGEST[0] / picture.shape[1], LARGEST[1] / picture.shape[0])
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _rgb(bgr: Any) -> Picture:
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
