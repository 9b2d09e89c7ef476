"""What a browser may ask for, and how the rest is refused."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.dashboard.commands import ReloadBundle, SetLabels, SwitchSource, read_command
from omnibind_ros.errors import ControlError


def labels(*names: object) -> bytes:
    return json.dumps({"labels": names}).encode()


def test_what_makes_sense_is_read() -> None:
    assert read_command(SwitchSource, b'{"enabled": false}').enabled is False
    assert read_command(SetLabels, labels(" red mug ", "hammer")).labels == ["red mug", "hammer"]
    assert read_command(SetLabels, labels()).labels == []
    assert read_command(ReloadBundle, b"{}") == ReloadBundle()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (labels("mug"), "at least 2"),
        (labels("mug", "Mug"), "twice"),
        (labels("mug", "a\x1bb"), "cannot be shown"),
        (labels("mug", "x" * 201), "200"),
        (labels("mug", " "), "at least 1 character"),
        (labels("mug", 7), "string"),
        (b'{"labels": ["mug", "cup"], "bundle": "/etc"}', "bundle"),
        (b"[", "JSON"),
    ],
)
def test_labels_that_cannot_be_are_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ControlError, match=reason):
        read_command(SetLabels, body)


@pytest.mark.parametrize("body", [b'{"enabled": "no"}', b'{"enabled": 0}', b"{}", b"null", b"\xff"])
def test_a_switch_is_on_or_off(body: bytes) -> None:
    with pytest.raises(ControlError):
        read_command(SwitchSource, body)


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_no_body_is_more_than_refused(body: bytes) -> None:
    for kind in (SwitchSource, SetLabels, ReloadBundle):
        try:
            read_command(kind, body)
        except ControlError as error:
            assert error.remedy
