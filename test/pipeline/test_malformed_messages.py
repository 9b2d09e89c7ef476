"""Any field of any message may hold anything: the source counts an error that it foresaw, and lives on."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality
from fabricated import SECOND, audio_message, generator, header, image_message, thermal_message
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.fusion.source_state import LivenessSettings
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.messages.evt3 import encode
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.source import Source
from omnibind_ros.pipeline.source_settings import SourceSettings

NOW = 1_700_000_000 * SECOND
LIVENESS = LivenessSettings(ttl_s=0.5, frozen_after_s=0.0, max_clock_offset_s=1.0)


def event_packet(stamp_ns: int) -> SimpleNamespace:
    x, y = generator(stamp_ns).integers(0, 8, (2, 20)).astype(np.uint16)
    events = encode(x, y, np.arange(20, dtype=np.int64), x > y).tobytes()
    fields = {"width": 8, "height": 8, "seq": 0, "time_base": 0, "encoding": "evt3", "is_bigendian": False}
    return SimpleNamespace(header=header(stamp_ns), events=events, **fields)


def cloud(stamp_ns: int) -> SimpleNamespace:
    data = generator(stamp_ns).normal(1, 0.1, (20, 3)).astype("<f4").tobytes()
    fields = [SimpleNamespace(name=name, offset=4 * i, datatype=7, count=1) for i, name in enumerate("xyz")]
    layout = {"height": 1, "width": 20, "point_step": 12, "row_step": 240, "is_bigendian": False, "is_dense": True}
    return SimpleNamespace(header=header(stamp_ns), fields=fields, data=data, **layout)


def compressed_image(stamp_ns: int) -> SimpleNamespace:
    return SimpleNamespace(header=header(stamp_ns), format="png", data=b"\x89PNG\r\n\x1a\n" + bytes(40))


def sound(stamp_ns: int) -> SimpleNamespace:
    return audio_message(stamp_ns, duration_s=1.5)


def prompt(stamp_ns: int) -> SimpleNamespace:
    return SimpleNamespace(data="a red mug")


MAKERS: list[tuple[Modality, Callable[[int], SimpleNamespace]]] = [
    (Modality.IMAGE, image_message),
    (Modality.IMAGE, compressed_image),
    (Modality.THERMAL, thermal_message),
    (Modality.TOUCH, image_message),
    (Modality.EVENT, event_packet),
    (Modality.AUDIO, sound),
    (Modality.POINT, cloud),
    (Modality.TEXT, prompt),
]
# What the fields of ROS messages can hold: numbers of any size, names known and unknown, bytes of any length.
NUMBERS = st.one_of(st.integers(0, 20), st.integers(0, 2**64 - 1), st.integers(-(2**31), -1), st.booleans())
NAMES = st.one_of(
    st.sampled_from(["rgb8", "mono16", "32FC1", "bayer_rggb8", "yuv422", "jpeg", "png", "evt3", "mono", "x"]),
    st.text(max_size=8),
)
BYTES = st.binary(max_size=400)


def contents_like(content: Any) -> st.SearchStrategy[Any]:
    if isinstance(content, str):
        return NAMES
    if isinstance(content, (bytes, bytearray)):
        return st.one_of(BYTES, st.integers(0, len(content)).map(lambda size: content[:size]))
    if isinstance(content, list):
        field = st.builds(
            SimpleNamespace, name=st.sampled_from("xyzi"), offset=NUMBERS, datatype=NUMBERS, count=NUMBERS
        )
        return st.lists(field, max_size=5)
    if isinstance(content, SimpleNamespace):
        return st.fixed_dictionaries({name: contents_like(one) for name, one in vars(content).items()}).map(
            lambda fields: SimpleNamespace(**fields)
        )
    return NUMBERS


@pytest.fixture(scope="module")
def every_modality(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle_of_every_modality(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.mark.parametrize(("modality", "make"), MAKERS, ids=lambda one: str(getattr(one, "__name__", one)))
def test_errors_are_foreseen_counted_and_named(
    every_modality: Bundle, modality: Modality, make: Callable[[int], SimpleNamespace]
) -> None:
    names = sorted(set(vars(make(NOW))) - {"header"})

    @given(data=st.data(), spoilt=st.sets(st.sampled_from(names), min_size=1))
    @settings(max_examples=60, deadline=None)
    def spoil(data: st.DataObject, spoilt: set[str]) -> None:
        source = Source(SourceSettings("sensor", modality, "topic", LIVENESS), every_modality)
        message = make(NOW)
        for name in sorted(spoilt):
            setattr(message, name, data.draw(contents_like(getattr(message, name)), label=name))
        source.receive(message, NOW, 0.0)
        prepared, errors = source.prepare()
        assert source.report(NOW, 0.0).errors == len(errors)
        for error in errors:
            assert error.source == "sensor"
            assert "our mistake" not in error.remedy, error
        if prepared is not None:
            expected = every_modality.settings[modality].input_shape
            assert prepared.model_input.array.shape == expected
            assert np.isfinite(prepared.model_input.array).all()
            assert 0 <= prepared.model_input.quality <= 1

    spoil()
