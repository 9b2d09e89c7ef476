"""Decoded readings → the files that `recordings.py` reads back."""

import wave
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.event_array import Events
from omnibind_ros.modality import Modality


def write_recording(modality: Modality, reading: Any, stem: Path) -> Path:
    """Write one reading beside others; returns the file, which is `stem` with an ending."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    match modality:
        case Modality.IMAGE | Modality.TOUCH:
            return _picture(reading[:, :, ::-1], stem)
        case Modality.THERMAL:
            return _array(reading, stem) if reading.dtype == np.float32 else _picture(reading, stem)
        case Modality.AUDIO:
            return _sound(reading, stem)
        case Modality.EVENT:
            return _events(reading, stem)
        case Modality.POINT:
            return _array(reading.xyz_N3, stem)
        case Modality.TEXT:
            file = _file(stem, ".txt")
            file.write_text(reading, encoding="utf-8")
            return file


def _picture(pixels: NDArray[Any], stem: Path) -> Path:
    file = _file(stem, ".png")
    cv2.imwrite(str(file), np.ascontiguousarray(pixels))
    return file


def _array(array: NDArray[Any], stem: Path) -> Path:
    file = _file(stem, ".npy")
    np.save(file, array)
    return file


def _sound(chunk: AudioChunk, stem: Path) -> Path:
    """16 bits, as most recorders write."""
    file = _file(stem, ".wav")
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(chunk.samples_NC.shape[1])
        sound.setsampwidth(2)
        sound.setframerate(chunk.rate_hz)
        sound.writeframes(np.rint(np.clip(chunk.samples_NC, -1, 32767 / 32768) * 32768).astype("<i2").tobytes())
    return file


def _events(events: Events, stem: Path) -> Path:
    file = _file(stem, ".npz")
    np.savez_compressed(
        file, x=events.x, y=events.y, t=events.t_us, p=events.p, width=events.width, height=events.height
    )
    return file


def _file(stem: Path, ending: str) -> Path:
    return stem.with_name(stem.name + ending)
