"""Pictures of what the sensors send."""

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from fabricated import audio_message, header, image_message, thermal_message
from numpy.typing import NDArray

from omnibind_ros.dashboard.pictures import LARGEST, MESSAGES_SHOWN, picture_of
from omnibind_ros.errors import MessageError
from omnibind_ros.messages.evt3 import encode
from omnibind_ros.modality import Modality

WIDTH, HEIGHT = LARGEST


def shown(modality: Modality, *messages: Any) -> NDArray[Any]:
    """The picture as a browser decodes it, RGB."""
    jpeg = np.frombuffer(picture_of(modality, messages), np.uint8)
    return cv2.cvtColor(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def frame(pixels: NDArray[np.uint8], encoding: str = "rgb8") -> Any:
    height, width = pixels.shape[:2]
    return image_message(
        1, height=height, width=width, step=pixels.nbytes // height, data=pixels.tobytes(), encoding=encoding
    )


def cloud(xyz_N3: NDArray[np.float32], frame_id: str = "lidar") -> Any:
    fields = [SimpleNamespace(name=name, offset=4 * place, datatype=7, count=1) for place, name in enumerate("xyz")]
    data = xyz_N3.astype("<f4").tobytes()
    return SimpleNamespace(
        header=header(1, frame_id), height=1, width=len(xyz_N3), fields=fields, is_bigendian=False, point_step=12,
        row_step=len(data), is_dense=True, data=data,
    )  # fmt: skip


def events(x: int, y: int, *, brighter: bool, seq: int) -> Any:
    columns = np.arange(x, x + 20, dtype=np.uint16)
    rows = np.full(20, y, np.uint16)
    t_us = np.arange(20, dtype=np.int64) + 1000 * seq
    packet = encode(columns, rows, t_us, np.full(20, brighter)).tobytes()
    return SimpleNamespace(
        header=header(1), height=100, width=120, seq=seq, time_base=0, encoding="evt3", is_bigendian=False,
        events=packet,
    )  # fmt: skip


def test_a_large_frame_becomes_small_and_keeps_its_shape_and_colours() -> None:
    pixels = np.zeros((1080, 1920, 3), np.uint8)
    pixels[:, :960] = (200, 30, 30)
    picture = shown(Modality.IMAGE, frame(pixels))
    assert picture.shape == (270, WIDTH, 3)
    assert np.abs(picture[135, 60].astype(int) - (200, 30, 30)).max() < 12


def test_a_small_frame_is_left_as_it_is() -> None:
    assert shown(Modality.TOUCH, image_message(1)).shape == (48, 64, 3)


def test_what_is_warm_is_bright() -> None:
    counts = np.full((48, 64), 29_000, np.uint16)
    counts[:, 32:] = 31_000
    picture = shown(Modality.THERMAL, thermal_message(1, data=counts.tobytes()))
    assert picture[24, 50].sum() > picture[24, 10].sum() + 200


@pytest.mark.parametrize("value", [0, 65535])
def test_a_thermal_picture_without_differences_is_still_one(value: int) -> None:
    counts = np.full((48, 64), value, np.uint16)
    assert shown(Modality.THERMAL, thermal_message(1, data=counts.tobytes())).shape == (48, 64, 3)


def test_brighter_and_darker_events_have_their_colours() -> None:
    picture = shown(Modality.EVENT, events(10, 20, brighter=True, seq=0), events(70, 60, brighter=False, seq=1)).astype(
        int
    )
    assert picture.shape == (100, 120, 3)
    assert picture[20, 20, 2] > picture[20, 20, 0] + 60
    assert picture[60, 80, 0] > picture[60, 80, 2] + 30
    assert picture[90, 90].max() < 60


def test_loud_sound_fills_more_of_the_picture_than_silence() -> None:
    silence = audio_message(1)
    silence.audio.data = bytes(len(silence.audio.data))
    loud = (shown(Modality.AUDIO, *[audio_message(1)] * MESSAGES_SHOWN[Modality.AUDIO])[..., 1] > 120).mean()
    quiet = (shown(Modality.AUDIO, silence)[..., 1] > 120).mean()
    assert loud > 0.3
    assert quiet < 0.1


@pytest.mark.parametrize("frame_id", ["lidar", "camera_depth_optical_frame"])
def test_a_cloud_is_seen_from_its_sensor(frame_id: str) -> None:
    # A wall with a post in front of its left half, in each of the two conventions for axes.
    y, z = (axis.ravel() for axis in np.meshgrid(np.linspace(-2, 2, 80), np.linspace(-1, 1, 60)))
    x = np.where((y > 0.8) & (y < 1.2), 1.0, 4.0)
    xyz = np.stack((x, y * x / 4, z * x / 4), axis=1)
    if frame_id != "lidar":
        xyz = np.stack((-xyz[:, 1], -xyz[:, 2], xyz[:, 0]), axis=1)
    picture = shown(Modality.POINT, cloud(xyz.astype(np.float32), frame_id)).astype(int)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    post, wall = picture[HEIGHT // 2, WIDTH // 4].sum(), picture[HEIGHT // 2, 3 * WIDTH // 4].sum()
    assert post > wall + 100


@pytest.mark.parametrize("points", [0, 1])
def test_a_cloud_of_hardly_any_points_has_a_picture(points: int) -> None:
    assert shown(Modality.POINT, cloud(np.ones((points, 3), np.float32))).shape == (HEIGHT, WIDTH, 3)


def test_what_cannot_be_read_is_told() -> None:
    with pytest.raises(MessageError):
        picture_of(Modality.IMAGE, [image_message(1, encoding="rgb99")])
    with pytest.raises(MessageError):
        picture_of(Modality.THERMAL, [thermal_message(1, encoding="32FC1", data=np.full((48, 64), np.nan, "f4"))])
