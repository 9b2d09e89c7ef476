"""Raw PCM samples of every format a capture driver publishes, as float32.

Shape suffixes: N samples over time, C channels, B bytes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError

# Some float drivers overshoot full scale a little; values far outside mean integers that were only cast to float.
_LARGEST_FLOAT = 8.0


@dataclass(frozen=True, slots=True)
class _Format:
    """How one sample lies in memory. `offset` is its value at silence, `scale` its value at full scale."""

    dtype: str
    offset: float
    scale: float
    packed_bytes: int | None = None


# Names as in GStreamer and ALSA, without underscores.
_FORMATS = {
    "S8": _Format("i1", 0.0, 2.0**7),
    "U8": _Format("u1", 2.0**7, 2.0**7),
    "S16LE": _Format("<i2", 0.0, 2.0**15),
    "S16BE": _Format(">i2", 0.0, 2.0**15),
    "S24LE": _Format("<i4", 0.0, 2.0**31, packed_bytes=3),
    "S24BE": _Format(">i4", 0.0, 2.0**31, packed_bytes=3),
    "S243LE": _Format("<i4", 0.0, 2.0**31, packed_bytes=3),
    "S243BE": _Format(">i4", 0.0, 2.0**31, packed_bytes=3),
    "S32LE": _Format("<i4", 0.0, 2.0**31),
    "S32BE": _Format(">i4", 0.0, 2.0**31),
    "F32LE": _Format("<f4", 0.0, 1.0),
    "F32BE": _Format(">f4", 0.0, 1.0),
    "F64LE": _Format("<f8", 0.0, 1.0),
    "F64BE": _Format(">f8", 0.0, 1.0),
}


def pcm_format(name: str) -> str:
    """Canonical name of a sample format, e.g. `S16LE` for `s16le` or `S16_LE`. Raises MessageError if it is unknown."""
    canonical = name.strip().upper().replace("_", "")
    if canonical not in _FORMATS:
        raise MessageError(
            f"sample format {name!r} is not supported",
            remedy=f"have the capture driver publish one of {', '.join(_FORMATS)}",
        )
    return canonical


def samples_from_bytes(data_B: NDArray[np.uint8], format_name: str, channels: int) -> NDArray[np.float32]:
    """Interleaved PCM bytes as (N, C) float32 in [-1, 1].

    Raises MessageError when the bytes are none, not whole frames, not finite, or compressed rather than PCM.
    """
    layout = _FORMATS[pcm_format(format_name)]
    sample_bytes = layout.packed_bytes or np.dtype(layout.dtype).itemsize
    if data_B.size == 0:
        raise MessageError("the message holds no audio data", remedy="check that the capture driver has a device")
    _refuse_containers(data_B)
    if data_B.size % (sample_bytes * channels):
        raise MessageError(
            f"{data_B.size} bytes are not whole frames of {channels} channel(s) of {format_name}",
            remedy="set the channels and sample format that the capture driver really publishes",
        )
    if layout.packed_bytes:
        data_B = _widen(data_B, little_endian=layout.dtype.startswith("<"))
    samples = np.frombuffer(np.ascontiguousarray(data_B), dtype=layout.dtype)
    return _scaled(samples, layout.offset, layout.scale).reshape(-1, channels)


def samples_from_numbers(
    numbers: NDArray[np.float32] | NDArray[np.signedinteger] | NDArray[np.unsignedinteger], channels: int
) -> NDArray[np.float32]:
    """Interleaved numbers of type float32, int32, int16, int8 or uint8 as (N, C) float32 in [-1, 1].

    Raises MessageError when they are none, not whole frames or not finite.
    """
    if numbers.size == 0:
        raise MessageError("the message holds no audio data", remedy="check that the capture driver has a device")
    if numbers.size % channels:
        raise MessageError(
            f"{numbers.size} samples do not divide into {channels} channels",
            remedy="have the driver set info.channels to the number of channels it records",
        )
    if numbers.dtype.kind == "f":
        return _scaled(numbers, 0.0, 1.0).reshape(-1, channels)
    scale = 2.0 ** (8 * numbers.dtype.itemsize - 1)
    offset = scale if numbers.dtype.kind == "u" else 0.0
    return _scaled(numbers, offset, scale).reshape(-1, channels)


def _scaled(samples: NDArray[np.generic], offset: float, scale: float) -> NDArray[np.float32]:
    if samples.dtype.kind == "f":
        peak = float(np.max(np.abs(samples)))  # not finite as soon as one sample is not
        if not np.isfinite(peak):
            raise MessageError("the audio holds NaN or infinite samples", remedy="check the driver that publishes it")
        if peak > _LARGEST_FLOAT:
            raise MessageError(
                f"float samples reach {peak:.0f}, full scale is 1",
                remedy="have the driver divide its samples by their full scale, or publish them as integers",
            )
        return np.asarray(np.clip(samples, -1.0, 1.0), dtype=np.float32)
    floats = samples.astype(np.float32)
    if offset:
        floats -= np.float32(offset)
    floats *= np.float32(1.0 / scale)
    return floats


def _widen(data_B: NDArray[np.uint8], *, little_endian: bool) -> NDArray[np.uint8]:
    """24-bit samples as 32-bit ones with a zero in the least significant byte."""
    packed = data_B.reshape(-1, 3)
    wide = np.zeros((len(packed), 4), np.uint8)
    wide[:, slice(1, 4) if little_endian else slice(0, 3)] = packed
    return wide.reshape(-1)


def _refuse_containers(data_B: NDArray[np.uint8]) -> None:
    """Compressed audio and file headers are bytes too: read as samples they would be loud noise."""
    start = data_B[:12].tobytes()
    if start.startswith(b"ID3") or _starts_with_mp3_frame(data_B):
        raise MessageError(
            "the data is MP3, not samples", remedy="set format:=wave on the audio capture node (its default is mp3)"
        )
    if start.startswith((b"RIFF", b"fLaC", b"OggS")):
        raise MessageError(
            f"the data is a {start[:4].decode()} file, not samples", remedy="publish the raw samples without the file"
        )


_MP3_KILOBITS = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG-1 layer III
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2 and 2.5 layer III
}
_MP3_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _starts_with_mp3_frame(data_B: NDArray[np.uint8]) -> bool:
    """True for a layer III header that is followed, a frame later, by another one or by the end of the data."""
    length = _mp3_frame_bytes(data_B)
    if length == 0 or length > data_B.size:
        return False
    return length == data_B.size or _mp3_frame_bytes(data_B[length:]) > 0


def _mp3_frame_bytes(data_B: NDArray[np.uint8]) -> int:
    """Length of the frame whose header (ISO/IEC 11172-3, 2.4.1.3) the data starts with; 0 when it starts with none."""
    if data_B.size < 4 or data_B[0] != 0xFF or (data_B[1] & 0xE6) != 0xE2:
        return 0
    version = int(data_B[1] >> 3 & 3)
    bitrate_index, rate_index, padding = int(data_B[2] >> 4), int(data_B[2] >> 2 & 3), int(data_B[2] >> 1 & 1)
    if version == 1 or bitrate_index in (0, 15) or rate_index == 3:
        return 0
    kilobits = _MP3_KILOBITS[3 if version == 3 else 2][bitrate_index]
    samples_per_byte = 144 if version == 3 else 72
    return samples_per_byte * kilobits * 1000 // _MP3_RATES_HZ[version][rate_index] + padding
