"""Audio messages of both packages named `audio_common_msgs` → samples.

Shape suffixes: N samples over time, C channels, B bytes.
"""

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.messages.pcm import pcm_format, samples_from_bytes, samples_from_numbers

RATES_HZ = (1_000, 768_000)
_MOST_CHANNELS = 255

# PortAudio's sample format numbers, which `audio.info.format` uses, with the array that holds such samples.
_ARRAYS: dict[int, tuple[str, str]] = {
    1: ("float32_data", "f4"),
    2: ("int32_data", "i4"),
    8: ("int16_data", "i2"),
    16: ("int8_data", "i1"),
    32: ("uint8_data", "u1"),
}


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    """A stretch of audio from one message.

    samples_NC: (N, C) float32 in [-1, 1], all channels. rate_hz: samples per second.
    stamped: True if its time is the message's header stamp, which capture drivers set to the first sample; False if the
    message carries none and its time can only be when it was received, after its last sample.
    """

    samples_NC: NDArray[np.float32]
    rate_hz: int
    stamped: bool = True


class AudioDecoder:
    """Decodes one stream's messages; holds the parameters that `AudioData` does not carry itself.

    The defaults hold until an AudioInfo arrives. Raises MessageError when they make no sense.
    """

    def __init__(self, default_rate_hz: int = 16_000, default_channels: int = 1, default_format: str = "S16LE") -> None:
        self._rate_hz = _within(default_rate_hz, "sample rate", RATES_HZ)
        self._channels = _within(default_channels, "number of channels", (1, _MOST_CHANNELS))
        self._format = pcm_format(default_format)
        self._coding = "wave"

    def update_info(self, message: Any) -> None:
        """Take the stream's parameters from an `AudioInfo` message.

        Raises MessageError when they make no sense, keeping those known before, or when the stream is compressed; such
        a stream is then refused by `decode` too until another AudioInfo says `wave`.
        """
        rate_hz = _within(_integer(message, "sample_rate"), "sample_rate", RATES_HZ)
        channels = _within(_integer(message, "channels"), "channels", (1, _MOST_CHANNELS))
        coding = _text(message, "coding_format").strip().lower()
        if coding == "wave":
            self._format = pcm_format(_text(message, "sample_format"))
        self._rate_hz, self._channels, self._coding = rate_hz, channels, coding
        self._refuse_compressed()

    def decode(self, message: Any) -> AudioChunk:
        """Samples of an AudioData, AudioDataStamped, Audio or AudioStamped message, told apart by their fields.

        Raises MessageError for any other message, and for one whose samples cannot be read.
        """
        body = getattr(message, "audio", message)
        if hasattr(body, "audio_data"):
            samples_NC, rate_hz = _samples_with_info(body)
        elif hasattr(body, "data"):
            self._refuse_compressed()
            data_B = _numbers(body.data, "u1", "data")
            samples_NC = samples_from_bytes(data_B.view(np.uint8), self._format, self._channels)
            rate_hz = self._rate_hz
        else:
            raise MessageError(
                f"a {type(message).__name__} message has neither `data` nor `audio_data`",
                remedy="give a topic of type audio_common_msgs/AudioData, AudioDataStamped or AudioStamped",
            )
        return AudioChunk(samples_NC, rate_hz, stamped=stamp_ns_of(message) is not None)

    def _refuse_compressed(self) -> None:
        if self._coding != "wave":
            raise MessageError(
                f"the stream is coded as {self._coding!r}, only uncompressed audio can be read",
                remedy="set format:=wave on the audio capture node",
            )


def _samples_with_info(body: Any) -> tuple[NDArray[np.float32], int]:
    info = getattr(body, "info", None)
    rate_hz = _within(_integer(info, "rate"), "info.rate", RATES_HZ)
    channels = _within(_integer(info, "channels"), "info.channels", (1, _MOST_CHANNELS))
    format_number = _integer(info, "format")
    if format_number not in _ARRAYS:
        raise MessageError(
            f"info.format {format_number} is not supported",
            remedy="set the capturer's format to 1 (float32), 2 (int32), 8 (int16), 16 (int8) or 32 (uint8)",
        )
    arrays = {name: _numbers(getattr(body.audio_data, name, None), kind, name) for name, kind in _ARRAYS.values()}
    filled = [name for name, numbers in arrays.items() if numbers.size]
    expected = _ARRAYS[format_number][0]
    if filled and filled != [expected]:
        raise MessageError(
            f"info.format {format_number} stands for {expected}, but the samples are in {' and '.join(filled)}",
            remedy="have the driver fill the one array that info.format names",
        )
    numbers = arrays[expected]
    frames_announced = _integer(info, "chunk")
    if frames_announced > 0 and numbers.size not in (0, frames_announced * channels):
        raise MessageError(
            f"{numbers.size} samples are not info.chunk {frames_announced} × info.channels {channels}",
            remedy="have the driver set info.channels to what it records and info.chunk to the frames in one message",
        )
    return samples_from_numbers(numbers, channels), rate_hz


def _within(number: int, what: str, limits: tuple[int, int]) -> int:
    low, high = limits
    if not low <= number <= high:
        raise MessageError(
            f"{what} {number} is not between {low} and {high}", remedy="correct it where the audio is captured"
        )
    return number


def _integer(owner: Any, field: str) -> int:
    try:
        return operator.index(getattr(owner, field, None))  # type: ignore[arg-type]
    except TypeError:
        raise MessageError(f"the message has no whole number `{field}`", remedy="check the type of the topic") from None


def _text(owner: Any, field: str) -> str:
    value = getattr(owner, field, None)
    if not isinstance(value, str):
        raise MessageError(f"the message has no text `{field}`", remedy="check the type of the topic")
    return value


def _numbers(value: Any, kind: str, field: str) -> NDArray[Any]:
    """A message's sequence field as a one-dimensional array of exactly the type `kind`, without a copy if it can be."""
    dtype = np.dtype(kind)
    try:
        if isinstance(value, (bytes, bytearray, memoryview)):
            numbers = np.frombuffer(value, np.uint8)
            numbers = numbers.view(np.int8) if kind == "i1" else numbers
        else:
            numbers = np.asarray(value)
    except (TypeError, ValueError, OverflowError, BufferError):
        numbers = np.asarray(None)
    if numbers.ndim == 1 and numbers.size == 0:
        return np.empty(0, dtype)
    if numbers.ndim == 1 and numbers.dtype.newbyteorder("=") == dtype:
        return numbers.astype(dtype, copy=False)
    if numbers.ndim == 1 and isinstance(value, (list, tuple)) and _fits(numbers, dtype):
        return numbers.astype(dtype)
    raise MessageError(f"`{field}` does not hold {dtype.name} values", remedy="check the type of the topic")


def _fits(numbers: NDArray[Any], dtype: np.dtype[Any]) -> bool:
    """Whether a plain list's numbers can all be held by the field's type."""
    if dtype.kind == "f":
        return numbers.dtype.kind in "iuf"
    limits = np.iinfo(dtype)
    return numbers.dtype.kind in "iu" and int(numbers.min()) >= limits.min and int(numbers.max()) <= limits.max
