from pathlib import Path

import pytest
from every_modality import write_bundle_of_every_modality
from fabricated import SECOND, audio_message, image_message, thermal_message

from omnibind_ros.errors import MessageError
from omnibind_ros.fusion.source_state import LivenessSettings
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.reader import Reader, content_fingerprint, same_reading
from omnibind_ros.pipeline.source_settings import AudioFormat, SourceSettings
from omnibind_ros.preprocessing import image

NOW = 1_700_000_000 * SECOND
LIVENESS = LivenessSettings(0.5, 1.0, 1.0)


def reader(bundle: Bundle, modality: Modality, audio: AudioFormat | None = None) -> Reader:
    return Reader(SourceSettings("sensor", modality, "topic", LIVENESS, audio=audio or AudioFormat()), bundle)


@pytest.mark.parametrize(("modality", "make"), [(Modality.IMAGE, image_message), (Modality.THERMAL, thermal_message)])
def test_a_frame_becomes_the_input_its_encoder_takes(bundle: Bundle, modality: Modality, make) -> None:
    one = reader(bundle, modality)
    one.read(make(NOW), NOW)
    model_input = one.take()
    assert model_input is not None
    assert model_input.array.shape == bundle.settings[modality].input_shape
    assert model_input.stamp_ns == NOW
    assert 0 < model_input.quality <= 1
    assert one.take() is None


def test_of_several_frames_the_newest_is_taken(bundle: Bundle) -> None:
    one = reader(bundle, Modality.IMAGE)
    for step in range(3):
        one.read(image_message(NOW + step), NOW + step)
    model_input = one.take()
    assert model_input is not None
    assert model_input.stamp_ns == NOW + 2


def test_sound_becomes_an_input_when_enough_of_it_was_heard(bundle: Bundle) -> None:
    one = reader(bundle, Modality.AUDIO)
    for chunk in range(4):
        stamp_ns = NOW + chunk * SECOND // 10
        one.read(audio_message(stamp_ns), stamp_ns)
    assert one.take() is None
    stamp_ns = NOW + 4 * SECOND // 10
    one.read(audio_message(stamp_ns), stamp_ns)
    model_input = one.take()
    assert model_input is not None
    assert model_input.array.shape == bundle.settings[Modality.AUDIO].input_shape
    assert model_input.stamp_ns == pytest.approx(NOW + SECOND // 2, abs=SECOND // 100)


@pytest.mark.parametrize(
    "audio",
    [AudioFormat(rate_hz=7), AudioFormat(rate_hz=10**9), AudioFormat(channels=0), AudioFormat(sample_format="?")],
)
def test_an_impossible_sound_format_is_refused(bundle: Bundle, audio: AudioFormat) -> None:
    with pytest.raises(MessageError):
        reader(bundle, Modality.AUDIO, audio)


@pytest.mark.parametrize(
    "changes",
    [{"step": 7}, {"encoding": "smell8"}, {"height": 0, "data": b""}, {"data": b"short"}],
    ids=["step", "encoding", "size", "data"],
)
def test_a_malformed_image_is_refused_and_the_next_one_read(bundle: Bundle, changes: dict[str, object]) -> None:
    one = reader(bundle, Modality.IMAGE)
    with pytest.raises(MessageError):
        one.read(image_message(NOW, **changes), NOW)
    one.read(image_message(NOW + 1), NOW + 1)
    assert one.take() is not None


def test_a_fingerprint_tells_frames_apart_but_not_their_stamps() -> None:
    first = content_fingerprint(Modality.IMAGE, image_message(NOW, seed=1))
    assert first == content_fingerprint(Modality.IMAGE, image_message(NOW + SECOND, seed=1))
    assert first != content_fingerprint(Modality.IMAGE, image_message(NOW, seed=2))


@pytest.mark.parametrize("modality", [Modality.AUDIO, Modality.EVENT, Modality.TEXT])
def test_what_may_repeat_has_no_fingerprint(modality: Modality) -> None:
    assert content_fingerprint(modality, object()) is None


def test_two_bundles_read_alike_when_their_constants_are_the_same(bundle: Bundle, tmp_path: Path) -> None:
    smaller = image.PRESETS["compact"].model_copy(update={"side": 32})
    every = write_bundle_of_every_modality(tmp_path / "every")
    other = write_bundle_of_every_modality(tmp_path / "other", {Modality.IMAGE: smaller})
    assert same_reading(Modality.IMAGE, bundle, every)
    assert not same_reading(Modality.IMAGE, every, other)
    assert same_reading(Modality.TEXT, every, other)
    assert not same_reading(Modality.TEXT, bundle, every)
