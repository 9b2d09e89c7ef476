"""A comparison is fair only when both ways give the same array."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.preprocessing import audio, event, frames, image, point, thermal, touch
from omnibind_ros.messages.image import intensity_from_image, rgb_from_image
from omnibind_ros.preprocessing.event_representation import voxel_grid
from omnibind_ros.preprocessing.filterbank import log_mel
from omnibind_ros.preprocessing.image import PRESETS as IMAGE_PRESETS
from omnibind_ros.preprocessing.image import prepare_image
from omnibind_ros.preprocessing.point_sampling import sample_indices
from omnibind_ros.preprocessing.thermal import prepare_thermal
from omnibind_ros.preprocessing.touch import prepare_touch


def test_image() -> None:
    raw = frames.fields(frames.photo(), "rgb8")
    expected = prepare_image(rgb_from_image(raw), IMAGE_PRESETS["compact"])
    np.testing.assert_allclose(image.by_hand(raw), expected, atol=1e-6)


def test_compressed_image() -> None:
    jpeg = SimpleNamespace(format="bgr8; jpeg compressed bgr8", data=image.jpeg_file(frames.photo()))
    expected = prepare_image(rgb_from_image(jpeg), IMAGE_PRESETS["compact"])
    np.testing.assert_allclose(image.by_hand_from_jpeg(jpeg), expected, atol=1e-6)


def test_thermal() -> None:
    message = frames.fields(frames.counts(), "mono16")
    ours = prepare_thermal(intensity_from_image(message), thermal.COMPACT)
    # Our percentiles are those of every few pixels.
    np.testing.assert_allclose(thermal.by_hand(message), ours, atol=0.02)


def test_touch() -> None:
    untouched = frames.photo()
    message = frames.fields(255 - untouched, "rgb8")
    ours = prepare_touch(rgb_from_image(message), touch.COMPACT, untouched)
    np.testing.assert_allclose(touch.by_hand(message, untouched), ours, atol=1e-6)


def test_filter_bank() -> None:
    pytest.importorskip("kaldi_native_fbank")
    signal = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    np.testing.assert_allclose(audio.kaldi_log_mel(signal), log_mel(signal, audio.COMPACT.filterbank), atol=2e-3)


def test_audio_stream() -> None:
    pytest.importorskip("kaldi_native_fbank")
    recorded = audio.messages()
    ours = audio.ours(recorded)
    assert ours is not None
    np.testing.assert_allclose(audio.by_hand(recorded), ours.array, atol=1e-2)


def test_event_decoding() -> None:
    stream = event.made_up_stream(bursts=300)
    events = event.decode(event.Evt3Decoder(), stream)
    ours = list(zip(events.x.tolist(), events.y.tolist(), events.t_us.tolist(), events.p.tolist(), strict=True))
    assert event.words_in_python(stream) == ours


def test_voxel_grid() -> None:
    events = event.decode(event.Evt3Decoder(), event.made_up_stream(bursts=300))
    end_us = int(events.t_us[-1])
    ours = voxel_grid(events, start_us=end_us - event.COMPACT.window_us, end_us=end_us, bins=4, side=64)
    np.testing.assert_allclose(event.voxels_by_hand(events, end_us), ours, atol=1e-3)


def test_farthest_points() -> None:
    xyz = np.random.default_rng(0).normal(size=(300, 3)).astype(np.float32)
    assert point.plain_farthest(xyz, 80) == sample_indices(xyz, 80).tolist()
