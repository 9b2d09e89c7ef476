import array
import contextlib
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.io.wavfile
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.audio import AudioDecoder

ARRAYS = {"float32_data": 1, "int32_data": 2, "int16_data": 8, "int8_data": 16, "uint8_data": 32}
ARRAY_TYPES = {"float32_data": "f4", "int32_data": "i4", "int16_data": "i2", "int8_data": "i1", "uint8_data": "u1"}


def header(sec: int = 12, nanosec: int = 5) -> Any:
    return SimpleNamespace(stamp=SimpleNamespace(sec=sec, nanosec=nanosec), frame_id="microphone")


def audio_data(data: Any) -> Any:
    return SimpleNamespace(data=data)


def audio_data_stamped(data: Any, **stamp: int) -> Any:
    return SimpleNamespace(header=header(**stamp), audio=audio_data(data))


def audio_info(**changes: Any) -> Any:
    fields = {"channels": 2, "sample_rate": 44_100, "sample_format": "S16LE", "bitrate": 128, "coding_format": "wave"}
    return SimpleNamespace(**(fields | changes))


def audio_stamped(field: str, values: Any, *, channels: int = 1, rate: int = 16_000, **info: Any) -> Any:
    data = {name: np.empty(0, kind) for name, kind in ARRAY_TYPES.items()} | {field: values}
    fields = {"format": ARRAYS[field], "channels": channels, "rate": rate, "chunk": len(values) // channels} | info
    audio = SimpleNamespace(audio_data=SimpleNamespace(**data), info=SimpleNamespace(**fields))
    return SimpleNamespace(header=header(), audio=audio)


STEREO = np.array([[0, 16384], [-32768, 8192], [1, -1]], "<i2")
STEREO_SAMPLES = STEREO / 32768


@pytest.mark.parametrize(
    "container",
    [bytes, bytearray, memoryview, list, lambda b: np.frombuffer(b, np.uint8), lambda b: array.array("B", b)],
)
def test_audio_data_of_every_python_type_is_read_with_the_parameters_of_its_info(container: Any) -> None:
    decoder = AudioDecoder()
    decoder.update_info(audio_info())
    chunk = decoder.decode(audio_data(container(STEREO.tobytes())))
    np.testing.assert_array_equal(chunk.samples_NC, STEREO_SAMPLES)
    assert chunk.rate_hz == 44_100
    assert not chunk.stamped


def test_without_info_the_configured_parameters_hold() -> None:
    chunk = AudioDecoder(8_000, 1, "U8").decode(audio_data(b"\x80\xff"))
    assert chunk.rate_hz == 8_000
    np.testing.assert_allclose(chunk.samples_NC[:, 0], [0.0, 127 / 128])


def test_a_header_counts_as_a_stamp_unless_the_driver_left_it_empty() -> None:
    decoder = AudioDecoder()
    assert decoder.decode(audio_data_stamped(b"\0\0")).stamped
    assert not decoder.decode(audio_data_stamped(b"\0\0", sec=0, nanosec=0)).stamped


@pytest.mark.parametrize("field", ARRAYS)
def test_audio_stamped_is_read_from_the_array_its_format_names(field: str) -> None:
    values = np.array([0, 64, 32, 100, 1, 2], ARRAY_TYPES[field])
    if field == "float32_data":
        values /= 128
    chunk = AudioDecoder().decode(audio_stamped(field, values, channels=3, rate=48_000))
    full_scale = {"float32_data": 1, "int32_data": 2**31, "int16_data": 2**15}.get(field, 2**7)
    silence = 128 if field == "uint8_data" else 0
    np.testing.assert_allclose(chunk.samples_NC, (values.reshape(2, 3).astype(float) - silence) / full_scale)
    assert (chunk.rate_hz, chunk.stamped) == (48_000, True)


@pytest.mark.parametrize("coding", ["mp3", "MP3", "opus", ""])
def test_a_compressed_stream_is_refused_with_the_remedy_until_it_is_wave(coding: str) -> None:
    decoder = AudioDecoder()
    with pytest.raises(MessageError, match="format:=wave"):
        decoder.update_info(audio_info(coding_format=coding))
    with pytest.raises(MessageError, match="format:=wave"):
        decoder.decode(audio_data(b"\0\0"))
    decoder.update_info(audio_info(channels=1))
    assert decoder.decode(audio_data(b"\0\0")).samples_NC.shape == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"channels": 0},
        {"sample_rate": 0},
        {"sample_rate": 4_000_000_000},
        {"sample_rate": None},
        {"sample_rate": 16e3},
        {"sample_format": "S17LE"},
        {"sample_format": None},
        {"coding_format": 3},
    ],
)
def test_an_impossible_info_is_refused_and_the_parameters_known_before_are_kept(changes: dict[str, Any]) -> None:
    decoder = AudioDecoder()
    decoder.update_info(audio_info())
    with pytest.raises(MessageError):
        decoder.update_info(audio_info(**changes))
    chunk = decoder.decode(audio_data(STEREO.tobytes()))
    assert (chunk.rate_hz, chunk.samples_NC.shape) == (44_100, (3, 2))


SIXTEEN_BIT = np.array([1, 2, 3, 4], np.int16)


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (audio_data(b""), "no audio data"),
        (audio_data(b"\0\0\0"), "whole frames"),
        (audio_data("text"), "uint8"),
        (audio_data(None), "uint8"),
        (audio_data([1, 2, 300]), "uint8"),
        (audio_data(np.zeros((2, 2), np.uint8)), "uint8"),
        (audio_data(np.zeros(4, np.float32)), "uint8"),
        (SimpleNamespace(header=header(), audio=None), "neither"),
        (SimpleNamespace(pixels=b"\0\0"), "neither"),
        (None, "neither"),
        (audio_stamped("int16_data", SIXTEEN_BIT, rate=0), "rate"),
        (audio_stamped("int16_data", SIXTEEN_BIT, rate=-16_000), "rate"),
        (audio_stamped("int16_data", SIXTEEN_BIT, rate=2**31 - 1), "rate"),
        (audio_stamped("int16_data", SIXTEEN_BIT, channels=3, chunk=0), "divide"),
        (audio_stamped("int16_data", SIXTEEN_BIT, channels=2, chunk=4), "info.chunk"),
        (audio_stamped("int16_data", SIXTEEN_BIT, format=1), "int16_data"),
        (audio_stamped("int16_data", SIXTEEN_BIT, format=4), "format 4"),
        (audio_stamped("int16_data", SIXTEEN_BIT[:0], chunk=512), "no audio data"),
        (audio_stamped("float32_data", np.array([0, np.nan], np.float32)), "NaN"),
        (audio_stamped("float32_data", np.array([0, np.inf], np.float32)), "NaN"),
        (audio_stamped("float32_data", np.array([0.0, 1e30], np.float32)), "full scale"),
        (audio_stamped("int16_data", np.array([0.0, 1.0])), "int16"),
    ],
)
def test_a_message_that_cannot_be_read_is_refused_with_a_remedy(message: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=problem) as caught:
        AudioDecoder().decode(message)
    assert caught.value.remedy


def test_zero_channels_are_refused() -> None:
    message = audio_stamped("int16_data", SIXTEEN_BIT)
    message.audio.info.channels = 0
    with pytest.raises(MessageError, match=r"info\.channels 0"):
        AudioDecoder().decode(message)


def test_samples_in_two_arrays_are_ambiguous_and_refused() -> None:
    message = audio_stamped("int16_data", SIXTEEN_BIT)
    message.audio.audio_data.uint8_data = np.zeros(4, np.uint8)
    with pytest.raises(MessageError, match="uint8_data"):
        AudioDecoder().decode(message)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=24),
    st.lists(st.integers(-300, 300), max_size=12),
    st.lists(st.floats(width=32), max_size=12),
    st.lists(st.lists(st.integers(), max_size=2), max_size=3),
    st.builds(np.array, st.lists(st.integers(-128, 127), max_size=12), st.sampled_from(["i1", "i2", "i4", "f4", "f8"])),
)
LIKELY_INFO = {
    "format": st.one_of(st.sampled_from([1, 2, 4, 8, 16, 32]), ANYTHING),
    "channels": st.one_of(st.integers(0, 4), ANYTHING),
    "rate": st.one_of(st.sampled_from([0, -1, 8_000, 16_000, 48_000]), ANYTHING),
    "chunk": st.one_of(st.integers(0, 6), ANYTHING),
}


def assert_decodes_or_refuses(decoder: AudioDecoder, message: Any) -> None:
    try:
        chunk = decoder.decode(message)
    except MessageError:
        return
    assert chunk.samples_NC.dtype == np.float32
    assert chunk.samples_NC.ndim == 2
    assert chunk.samples_NC.size > 0
    assert np.abs(chunk.samples_NC).max() <= 1.0
    assert 1_000 <= chunk.rate_hz <= 768_000


@given(data=ANYTHING, info=st.fixed_dictionaries({}, optional=dict.fromkeys(vars(audio_info()), ANYTHING)))
@settings(max_examples=100, deadline=None)
def test_malformed_messages_of_ros_drivers_are_refused_or_read(data: Any, info: dict[str, Any]) -> None:
    decoder = AudioDecoder()
    assert_decodes_or_refuses(decoder, audio_data(data))
    with contextlib.suppress(MessageError):
        decoder.update_info(SimpleNamespace(**info))
    assert_decodes_or_refuses(decoder, audio_data_stamped(data))


@given(
    data=st.fixed_dictionaries({}, optional=dict.fromkeys(ARRAYS, ANYTHING)),
    info=st.one_of(
        st.none(), st.builds(lambda d: SimpleNamespace(**d), st.fixed_dictionaries({}, optional=LIKELY_INFO))
    ),
)
@settings(max_examples=100, deadline=None)
def test_malformed_messages_with_typed_arrays_are_refused_or_read(data: dict[str, Any], info: Any) -> None:
    audio = SimpleNamespace(audio_data=SimpleNamespace(**data), info=info)
    assert_decodes_or_refuses(AudioDecoder(), SimpleNamespace(header=header(), audio=audio))


def serialized(definitions: dict[str, str], build: Any) -> Any:
    """A message of the given definitions as it comes out of a bag: built, serialized to CDR, deserialized."""
    typesys = pytest.importorskip("rosbags.typesys")
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    for name, text in definitions.items():
        store.register(typesys.get_types_from_msg(text, name))
    message = build(store.types)
    return store.deserialize_cdr(bytes(store.serialize_cdr(message, message.__msgtype__)), message.__msgtype__)


def ros_header(types: Any) -> Any:
    time = types["builtin_interfaces/msg/Time"](sec=3, nanosec=7)
    return types["std_msgs/msg/Header"](stamp=time, frame_id="microphone")


def test_a_serialized_audio_data_stamped_is_read() -> None:
    definitions = {
        "audio_common_msgs/msg/AudioData": "uint8[] data",
        "audio_common_msgs/msg/AudioDataStamped": "std_msgs/Header header\naudio_common_msgs/AudioData audio",
    }

    def build(types: Any) -> Any:
        data = types["audio_common_msgs/msg/AudioData"](data=np.frombuffer(STEREO.tobytes(), np.uint8))
        return types["audio_common_msgs/msg/AudioDataStamped"](header=ros_header(types), audio=data)

    chunk = AudioDecoder(default_channels=2).decode(serialized(definitions, build))
    np.testing.assert_array_equal(chunk.samples_NC, STEREO_SAMPLES)
    assert chunk.stamped


def test_a_serialized_audio_stamped_is_read() -> None:
    package = "audio_common_msgs"
    definitions = {
        f"{package}/msg/AudioData": "float32[] float32_data\nint32[] int32_data\nint16[] int16_data\n"
        "int8[] int8_data\nuint8[] uint8_data",
        f"{package}/msg/AudioInfo": "int32 format\nint32 channels\nint32 rate\nint32 chunk",
        f"{package}/msg/Audio": f"{package}/AudioData audio_data\n{package}/AudioInfo info",
        f"{package}/msg/AudioStamped": f"std_msgs/Header header\n{package}/Audio audio",
    }

    def build(types: Any) -> Any:
        arrays = {name: np.empty(0, kind) for name, kind in ARRAY_TYPES.items()} | {"int16_data": STEREO.reshape(-1)}
        audio = types[f"{package}/msg/Audio"](
            audio_data=types[f"{package}/msg/AudioData"](**arrays),
            info=types[f"{package}/msg/AudioInfo"](format=8, channels=2, rate=22_050, chunk=3),
        )
        return types[f"{package}/msg/AudioStamped"](header=ros_header(types), audio=audio)

    chunk = AudioDecoder().decode(serialized(definitions, build))
    np.testing.assert_array_equal(chunk.samples_NC, STEREO_SAMPLES)
    assert chunk.rate_hz == 22_050


@pytest.mark.parametrize("folder", ["audio/esc10_16k", "audio/fsdd_8k"])
def test_real_recordings_decode_to_what_was_recorded(recordings: Any, folder: str) -> None:
    files = sorted((recordings / folder).rglob("*.wav"))[:: 200 if "fsdd" in folder else 8]
    if not files:
        pytest.skip(f"no recordings in {recordings / folder}")
    for file in files:
        rate_hz, samples = scipy.io.wavfile.read(file)
        chunk = AudioDecoder(default_rate_hz=rate_hz).decode(audio_data(array.array("B", samples.tobytes())))
        np.testing.assert_array_equal(chunk.samples_NC[:, 0], samples / np.float32(32768))
        typed = AudioDecoder().decode(audio_stamped("int16_data", samples, rate=rate_hz))
        np.testing.assert_array_equal(typed.samples_NC, chunk.samples_NC)
