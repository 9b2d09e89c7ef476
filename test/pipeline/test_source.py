import threading
from types import SimpleNamespace

import pytest
from fabricated import SECOND, audio_message, image_message

from omnibind_ros.fusion.source_state import LivenessSettings, SourceState
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.inbox import STREAM_BOUND
from omnibind_ros.pipeline.reader import Reader
from omnibind_ros.pipeline.source import Source
from omnibind_ros.pipeline.source_settings import SourceSettings

NOW = 1_700_000_000 * SECOND


def make_source(bundle: Bundle, modality: Modality = Modality.IMAGE, *, enabled: bool = True) -> Source:
    liveness = LivenessSettings(ttl_s=0.5, frozen_after_s=1.0, max_clock_offset_s=1.0)
    return Source(SourceSettings("sensor", modality, "sensor/data", liveness, enabled=enabled), bundle)


def receive(source: Source, message: SimpleNamespace, at_ns: int = NOW) -> None:
    source.receive(message, at_ns, at_ns / SECOND)


@pytest.fixture
def source(bundle: Bundle) -> Source:
    return make_source(bundle)


def test_a_message_is_prepared_once(source: Source) -> None:
    receive(source, image_message(NOW, frame_id="camera_link"))
    prepared, errors = source.prepare()
    assert errors == []
    assert prepared is not None
    assert prepared.source is source
    assert prepared.frame_id == "camera_link"
    assert prepared.model_input.stamp_ns == NOW
    assert source.prepare() == (None, [])


def test_a_message_without_a_stamp_is_from_when_it_came_in(source: Source) -> None:
    receive(source, image_message(0))
    prepared, _ = source.prepare()
    assert prepared is not None
    assert prepared.model_input.stamp_ns == NOW


def test_only_the_newest_frame_is_decoded_and_the_others_are_drops(source: Source) -> None:
    receive(source, image_message(NOW, step=1))  # malformed: decoding it would be an error
    receive(source, image_message(NOW + 1), NOW + 1)
    prepared, errors = source.prepare()
    assert errors == []
    assert prepared is not None
    assert prepared.model_input.stamp_ns == NOW + 1
    assert source.report(NOW, 0).dropped == 1


def test_every_chunk_of_sound_counts(bundle: Bundle) -> None:
    source = make_source(bundle, Modality.AUDIO)
    for chunk in range(10):
        stamp_ns = NOW + chunk * SECOND // 10
        receive(source, audio_message(stamp_ns), stamp_ns)
    prepared, errors = source.prepare()
    assert errors == []
    assert prepared is not None
    assert source.report(NOW, 0).dropped == 0


def test_sound_that_nobody_takes_is_bounded(bundle: Bundle) -> None:
    source = make_source(bundle, Modality.AUDIO)
    for chunk in range(STREAM_BOUND + 7):
        receive(source, audio_message(NOW + chunk))
    assert source.report(NOW, 0).dropped == 7


def test_an_error_names_the_source_and_the_remedy(source: Source) -> None:
    receive(source, image_message(NOW, step=1))
    prepared, (error,) = source.prepare()
    assert prepared is None
    assert str(error).startswith("sensor: step 1 is shorter")
    assert "set step to 192" in str(error)
    source.update(NOW)
    report = source.report(NOW, 0)
    assert (report.state, report.errors) == (SourceState.FAULTY, 1)
    assert "set step to 192" in report.reason


def test_an_error_that_nobody_foresaw_is_one_of_the_source_too(source: Source) -> None:
    receive(source, SimpleNamespace(header=image_message(NOW).header))
    prepared, (error,) = source.prepare()
    assert prepared is None
    assert error.source == "sensor"
    source.update(NOW)
    assert source.state is SourceState.FAULTY


def test_a_sensor_that_was_replaced_gets_a_fresh_window(bundle: Bundle) -> None:
    source = make_source(bundle, Modality.AUDIO)
    for chunk in range(4):
        stamp_ns = NOW + chunk * SECOND // 10
        receive(source, audio_message(stamp_ns), stamp_ns)
    assert source.prepare() == (None, [])
    source.publishers_changed(0)
    source.publishers_changed(1)
    stamp_ns = NOW + 4 * SECOND // 10
    receive(source, audio_message(stamp_ns), stamp_ns)
    assert source.prepare() == (None, [])


def test_what_came_in_late_from_the_sensor_before_is_not_in_the_window_of_the_next(bundle: Bundle) -> None:
    source = make_source(bundle, Modality.AUDIO)
    source.publishers_changed(1)
    source.publishers_changed(0)
    for chunk in range(4):  # sent before it went, delivered after
        stamp_ns = NOW + chunk * SECOND // 10
        receive(source, audio_message(stamp_ns), stamp_ns)
    assert source.prepare() == (None, [])
    source.publishers_changed(1)
    stamp_ns = NOW + 4 * SECOND // 10
    receive(source, audio_message(stamp_ns), stamp_ns)
    assert source.prepare() == (None, [])


def test_what_waits_is_forgotten_when_the_sensor_goes(source: Source) -> None:
    receive(source, image_message(NOW))
    source.publishers_changed(0)
    assert source.prepare() == (None, [])


def test_discarded_messages_keep_the_source_live_but_are_never_read(source: Source) -> None:
    receive(source, image_message(NOW, step=1))
    source.discard()
    source.update(NOW)
    assert source.state is SourceState.LIVE
    assert source.prepare() == (None, [])


def test_a_source_can_start_disabled_and_be_enabled(bundle: Bundle) -> None:
    source = make_source(bundle, enabled=False)
    source.publishers_changed(1)
    source.update(NOW)
    assert source.state is SourceState.DISABLED
    source.enable(True)
    source.update(NOW)
    assert source.state is SourceState.WAITING


def test_the_rate_is_that_of_the_messages_and_falls_to_zero_in_silence(source: Source) -> None:
    for number in range(11):
        source.receive(image_message(NOW), NOW + number, 100 + number / 20)
    assert source.report(NOW, 100.5).rate_hz == pytest.approx(20)
    assert source.report(NOW, 105.0).rate_hz == 0


def test_quality_and_latency_are_reported(source: Source) -> None:
    receive(source, image_message(NOW))
    source.prepare()
    source.encoded(0.012)
    report = source.report(NOW + SECOND // 10, 0)
    assert report.latency_s == 0.012
    assert report.quality is not None
    assert report.age_s == pytest.approx(0.1)


def test_receiving_never_waits_for_decoding(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    decoding, go_on = threading.Event(), threading.Event()

    def slow(message: object) -> object:
        decoding.set()
        assert go_on.wait(10)
        raise RuntimeError("enough")

    monkeypatch.setattr("omnibind_ros.messages.image.rgb_from_image", slow)
    source = make_source(bundle)
    receive(source, image_message(NOW))
    worker = threading.Thread(target=source.prepare)
    worker.start()
    assert decoding.wait(10)
    receive(source, image_message(NOW + 1), NOW + 1)  # would hang here
    source.publishers_changed(2)
    source.report(NOW, 0)
    go_on.set()
    worker.join(10)
    assert not worker.is_alive()


def info(**changes: object) -> SimpleNamespace:
    """An `audio_common_msgs/AudioInfo`."""
    fields = {"channels": 1, "sample_rate": 16_000, "sample_format": "S16LE", "bitrate": 0, "coding_format": "wave"}
    return SimpleNamespace(**{**fields, **changes})


def hears(source: Source, chunks: int, start_ns: int, *, rate_hz: int = 16_000) -> list[bool]:
    """Chunks of a tenth of a second each; whether a window was complete with each."""
    complete = []
    for chunk in range(chunks):
        stamp_ns = start_ns + chunk * SECOND // 10
        receive(source, audio_message(stamp_ns, rate_hz=rate_hz), stamp_ns)
        prepared, errors = source.prepare()
        assert errors == []
        complete.append(prepared is not None)
    return complete


def test_sound_is_read_as_its_driver_says(bundle: Bundle) -> None:
    source = make_source(bundle, Modality.AUDIO)
    source.describe(info(sample_rate=32_000))
    assert True not in hears(source, 4, NOW, rate_hz=32_000)
    untold = make_source(bundle, Modality.AUDIO)
    assert True in hears(untold, 4, NOW, rate_hz=32_000), "it takes the same samples for twice the time"


def test_what_a_driver_says_again_changes_nothing_and_another_word_begins_anew(bundle: Bundle) -> None:
    source = make_source(bundle, Modality.AUDIO)
    source.describe(info())
    hears(source, 5, NOW)
    source.describe(info(bitrate=64))
    assert True in hears(source, 6, NOW + SECOND // 2), "the window was kept"
    source.describe(info(sample_rate=8_000))
    assert True not in hears(source, 3, NOW + 2 * SECOND, rate_hz=8_000)


def test_what_a_driver_said_holds_for_the_next_sensor_and_the_next_bundle(bundle: Bundle) -> None:
    source = make_source(bundle, Modality.AUDIO)
    source.describe(info(coding_format="mp3"))

    def problem() -> str:
        receive(source, audio_message(NOW))
        _, (error,) = source.prepare()
        return str(error)

    assert "coded as 'mp3'" in problem()
    source.publishers_changed(0)
    source.publishers_changed(1)
    assert "coded as 'mp3'" in problem()
    source.read_with(bundle, Reader(source.settings, bundle))
    assert "coded as 'mp3'" in problem()
    source.describe(info())
    hears(source, 1, NOW + SECOND)


def test_what_is_held_is_decoded_later_and_only_the_newest_of_it(source: Source) -> None:
    for number in range(3):
        receive(source, image_message(NOW + number, step=1), NOW + number)
        assert source.hold() == []
        assert source.waits
    receive(source, image_message(NOW + 3), NOW + 3)
    prepared, errors = source.prepare()
    assert errors == []
    assert prepared is not None
    assert prepared.model_input.stamp_ns == NOW + 3
    assert not source.waits


def test_a_stream_that_is_held_is_read_all_the_same(bundle: Bundle) -> None:
    source = make_source(bundle, Modality.AUDIO)
    for chunk in range(STREAM_BOUND + 50):
        stamp_ns = NOW + chunk * SECOND // 10
        receive(source, audio_message(stamp_ns), stamp_ns)
        assert source.hold() == []
    assert source.waits
    prepared, _ = source.prepare()
    assert prepared is not None
    assert source.report(NOW, 0).dropped == 0
    assert source.prepare() == (None, [])


def test_what_was_kept_comes_again_unless_something_newer_did(source: Source) -> None:
    receive(source, image_message(NOW))
    first, _ = source.prepare()
    assert first is not None
    source.keep(first)
    assert source.waits
    assert source.prepare() == (first, [])
    source.keep(first)
    receive(source, image_message(NOW + 1), NOW + 1)
    second, _ = source.prepare()
    assert second is not None
    assert second.model_input.stamp_ns == NOW + 1
    assert source.prepare() == (None, [])


def test_what_was_kept_is_thrown_away_with_the_rest(source: Source) -> None:
    receive(source, image_message(NOW))
    prepared, _ = source.prepare()
    assert prepared is not None
    source.keep(prepared)
    source.discard()
    assert source.prepare() == (None, [])
