import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.pcm import pcm_format, samples_from_bytes, samples_from_numbers

# A sample at half of negative full scale in every format.
HALF_DOWN = {
    "S8": b"\xc0",
    "U8": b"\x40",
    "S16LE": b"\x00\xc0",
    "S16BE": b"\xc0\x00",
    "S24LE": b"\x00\x00\xc0",
    "S24BE": b"\xc0\x00\x00",
    "S32LE": b"\x00\x00\x00\xc0",
    "S32BE": b"\xc0\x00\x00\x00",
    "F32LE": np.array(-0.5, "<f4").tobytes(),
    "F32BE": np.array(-0.5, ">f4").tobytes(),
    "F64LE": np.array(-0.5, "<f8").tobytes(),
    "F64BE": np.array(-0.5, ">f8").tobytes(),
}


def as_bytes(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8)


@pytest.mark.parametrize("name", HALF_DOWN)
def test_every_format_gives_the_same_value(name: str) -> None:
    samples = samples_from_bytes(as_bytes(HALF_DOWN[name] * 6), name, channels=2)
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, np.full((3, 2), -0.5))


@pytest.mark.parametrize(("spelling", "name"), [("s16le", "S16LE"), ("S16_LE", "S16LE"), ("S24_3LE", "S243LE")])
def test_spellings_of_gstreamer_and_alsa_are_understood(spelling: str, name: str) -> None:
    assert pcm_format(spelling) == name


@pytest.mark.parametrize("name", ["", "mp3", "MULAW", "S17LE", "S24_32LE"])
def test_an_unknown_format_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(MessageError, match="S16LE"):
        samples_from_bytes(as_bytes(b"\0\0"), name, 1)


@pytest.mark.parametrize("dtype", ["float32", "int32", "int16", "int8", "uint8"])
def test_number_arrays_reach_full_scale_only_at_full_scale(dtype: str) -> None:
    if dtype == "float32":
        numbers = np.array([-1.0, 0.0, 1.0], dtype)
    else:
        limits = np.iinfo(dtype)
        numbers = np.array([limits.min, 128 if dtype == "uint8" else 0, limits.max], dtype)
    samples = samples_from_numbers(numbers, 1)[:, 0]
    np.testing.assert_allclose(samples, [-1.0, 0.0, 1.0], atol=1 / 127)
    assert samples[1] == 0.0
    assert np.abs(samples).max() <= 1.0


def test_a_float_overshoot_is_limited_but_integers_cast_to_float_are_refused() -> None:
    np.testing.assert_array_equal(samples_from_numbers(np.array([1.3, -2.0], np.float32), 1), [[1.0], [-1.0]])
    with pytest.raises(MessageError, match="full scale"):
        samples_from_numbers(np.array([12_000.0, -31_000.0], np.float32), 1)


def mp3_frame(kilobits_index: int = 9) -> bytes:
    """A silent MPEG-1 layer III frame: 144 · 128 kbit/s / 44.1 kHz = 417 bytes."""
    return (bytes([0xFF, 0xFB, kilobits_index << 4, 0xC4]) + bytes(413))[:417]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (mp3_frame(), "MP3"),
        (mp3_frame() * 3, "MP3"),
        (b"ID3\x04" + bytes(60), "MP3"),
        (b"RIFF\x00\x10\x00\x00WAVEfmt " + bytes(60), "RIFF"),
        (b"OggS" + bytes(60), "OggS"),
    ],
)
def test_compressed_audio_and_files_are_never_read_as_samples(data: bytes, what: str) -> None:
    with pytest.raises(MessageError, match=what):
        samples_from_bytes(as_bytes(data), "S8", 1)


@given(data=st.binary(max_size=64), name=st.sampled_from(sorted(HALF_DOWN)), channels=st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_finite_frames_or_a_message_error(data: bytes, name: str, channels: int) -> None:
    try:
        samples = samples_from_bytes(as_bytes(data), name, channels)
    except MessageError:
        return
    assert samples.shape == (len(data) // len(HALF_DOWN[name]) // channels, channels)
    assert len(samples) > 0
    assert np.abs(samples).max() <= 1.0
