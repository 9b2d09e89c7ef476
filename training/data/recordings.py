"""Files of recordings → the arrays that decoding a robot's messages gives.

Shape suffixes: N samples or points, C channels.
"""

import gzip
import re
import wave
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.event_files import read_nmnist, read_prophesee_raw
from omnibind_ros.messages.pcm import pcm_format, samples_from_bytes
from omnibind_ros.messages.points import PointCloud
from omnibind_ros.modality import Modality
from training.data.entries import file_of, item_of
from training.data.radiometric import kelvin_of_radiometric_jpeg

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
FILE_TYPES: dict[Modality, frozenset[str]] = {
    Modality.IMAGE: _PICTURES | {".gz"},
    Modality.THERMAL: _PICTURES | {".npy"},
    Modality.TOUCH: _PICTURES,
    Modality.EVENT: frozenset({".npz", ".raw", ".bin"}),
    Modality.AUDIO: frozenset({".wav"}),
    Modality.POINT: frozenset({".npy", ".pcd", ".bin"}),
    Modality.TEXT: frozenset({".txt"}),
}
"""The endings each modality is read from."""


def read_recording(modality: Modality, path: str) -> Any:
    """The decoded reading in a file; path: as in the index.

    Raises MessageError, which names the file, for anything that cannot be read.
    """
    file = file_of(path)
    try:
        return _READERS[modality](file, item_of(path))
    except MessageError as error:
        raise error.at(str(file)) from None
    except Exception as error:  # files come from anywhere, and libraries raise anything
        raise _unreadable(f"{type(error).__name__}: {error}").at(str(file)) from error


def read_picture(file: Path) -> NDArray[np.uint8]:
    """A picture's (H, W, 3) RGB uint8. Raises MessageError."""
    pixels = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if pixels is None:
        raise _unreadable("it is no picture").at(str(file))
    return np.ascontiguousarray(pixels[:, :, ::-1], np.uint8)


def _image(file: Path, item: int) -> NDArray[np.uint8]:
    if file.suffix == ".gz":
        return np.repeat(_stacked_pictures(file)[item][:, :, None], 3, axis=2)
    return read_picture(file)


def _touch(file: Path, _: int) -> NDArray[np.uint8]:
    return read_picture(file)


@lru_cache(maxsize=2)
def _stacked_pictures(file: Path) -> NDArray[np.uint8]:
    """Grey pictures (N, H, W) of a packed IDX file, as MNIST comes: sizes in big-endian words, then pixels."""
    content = gzip.decompress(file.read_bytes())
    magic, *shape = np.frombuffer(content, ">i4", 4).tolist()
    if magic != 0x803:
        raise _unreadable("it holds no stack of pictures in the IDX format")
    return np.asarray(np.frombuffer(content, np.uint8, offset=16).reshape(shape))


def _thermal(file: Path, _: int) -> NDArray[Any]:
    """(H, W): 8-bit grey, 16-bit counts, or float32: kelvin of a radiometric JPEG, whatever a `.npy` holds."""
    if file.suffix == ".npy":
        frame: NDArray[Any] = np.load(file)
        return frame if frame.dtype in (np.uint8, np.uint16) else frame.astype(np.float32)
    if file.suffix.lower() in {".jpg", ".jpeg"}:
        kelvin = kelvin_of_radiometric_jpeg(file.read_bytes())
        if kelvin is not None:
            return kelvin
    pixels = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise _unreadable("it is no picture")
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels[:, :, :3], cv2.COLOR_BGR2GRAY)
    return np.asarray(pixels)


def _event(file: Path, _: int) -> Events:
    if file.suffix == ".bin":
        return read_nmnist(file)
    if file.suffix == ".raw":
        return read_prophesee_raw(file, **_size_in_header(file))
    with np.load(file) as stored:
        x, y, t_us, p = (stored[name].ravel() for name in ("x", "y", "t", "p"))
        width = int(stored["width"]) if "width" in stored else int(x.max()) + 1
        height = int(stored["height"]) if "height" in stored else int(y.max()) + 1
    order = np.argsort(t_us, kind="stable")
    x, y, t_us, p = (column[order] for column in (x, y, t_us, p))
    return Events(x.astype(np.uint16), y.astype(np.uint16), t_us.astype(np.int64), p > 0, width, height)


def _size_in_header(file: Path) -> dict[str, int]:
    """Width and height of the sensor from the header of a raw file, which each camera maker writes in another form."""
    with file.open("rb") as content:
        header = content.read(4096).decode("ascii", "replace").lower()
    geometry = re.search(r"% geometry (\d+)x(\d+)", header)
    if geometry:
        return {"width": int(geometry[1]), "height": int(geometry[2])}
    sizes = {name: re.search(rf"{name}[ =](\d+)", header) for name in ("width", "height")}
    if not all(sizes.values()):
        raise _unreadable("its header does not say how large the sensor is", remedy="convert it to .npz")
    return {name: int(found[1]) for name, found in sizes.items() if found}


def _audio(file: Path, _: int) -> AudioChunk:
    try:
        with wave.open(str(file)) as sound:
            rate_hz, width, channels = sound.getframerate(), sound.getsampwidth(), sound.getnchannels()
            content = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError) as error:
        raise _unreadable(str(error), remedy="convert it to a WAV file of 8 to 32 bits") from error
    # WAV files of 8 bits have no sign, those of more have
    form = pcm_format("U8" if width == 1 else f"S{8 * width}LE")
    return AudioChunk(samples_from_bytes(np.frombuffer(content, np.uint8), form, channels), rate_hz)


def _point(file: Path, _: int) -> PointCloud:
    if file.suffix == ".bin":
        # four floats a point: x, y, z and intensity, as KITTI's sweeps come
        columns = np.fromfile(file, "<f4").reshape(-1, 4)
    elif file.suffix == ".pcd":
        from pypcd4.pypcd4 import PointCloud as Pcd  # noqa: PLC0415 (slow to import, and only for these files)

        columns = Pcd.from_path(file).numpy(("x", "y", "z"))
    else:
        columns = np.load(file)
    if columns.ndim != 2 or columns.shape[1] < 3:
        raise _unreadable(f"an array of {columns.shape} is no point cloud", remedy="store one row of x, y, z a point")
    xyz_N3 = columns[:, :3].astype(np.float32)
    return PointCloud(xyz_N3[np.isfinite(xyz_N3).all(axis=1)])


def _text(file: Path, _: int) -> str:
    return " ".join(file.read_text(encoding="utf-8").split())


def _unreadable(problem: str, *, remedy: str = "repair it or take it out of the index") -> MessageError:
    return MessageError(problem, remedy=remedy)


_READERS: dict[Modality, Callable[[Path, int], Any]] = {
    Modality.IMAGE: _image,
    Modality.THERMAL: _thermal,
    Modality.TOUCH: _touch,
    Modality.EVENT: _event,
    Modality.AUDIO: _audio,
    Modality.POINT: _point,
    Modality.TEXT: _text,
}
