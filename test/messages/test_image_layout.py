import array
from types import SimpleNamespace

import numpy as np
import pytest

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.image_layout import bytes_of, pixels_of


def message(**changes):
    fields = {"height": 4, "width": 6, "encoding": "mono16", "is_bigendian": 0, "step": 12, "data": bytes(48)}
    return SimpleNamespace(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"step": 11}, "shorter than a row"),
        ({"step": 0}, "shorter than a row"),
        ({"data": bytes(47)}, "47 bytes of data"),
        ({"data": bytes(49)}, "49 bytes of data"),
        ({"data": b""}, "0 bytes of data"),
        ({"step": 13}, "48 bytes of data"),
        ({"height": 0}, "6 x 0"),
        ({"width": 0, "step": 0, "data": b""}, "0 x 4"),
        ({"height": 2**32 - 1, "width": 2**32 - 1, "step": 2**32 - 1}, "more than"),
        ({"height": 2**31}, "more than"),
        ({"width": None}, "no integer width"),
        ({"data": None}, "not a row of bytes"),
        ({"data": [0] * 47 + [256]}, "not a row of bytes"),
        ({"data": array.array("H", range(24))}, "not a row of bytes"),
        ({"encoding": "uyvy", "width": 5}, "in pairs"),
        ({"encoding": "nv12", "height": 3}, "in pairs"),
    ],
)
def test_fields_that_do_not_fit_are_refused_with_what_is_wrong(changes, problem):
    with pytest.raises(MessageError, match=problem) as caught:
        pixels_of(message(**changes))
    assert caught.value.remedy


def test_a_view_is_given_unless_the_byte_order_is_foreign():
    data = array.array("B", range(48))
    pixels, _ = pixels_of(message(data=data))
    assert np.shares_memory(pixels, bytes_of(data))
    swapped, _ = pixels_of(message(data=data, is_bigendian=1))
    np.testing.assert_array_equal(swapped, pixels.byteswap())
    assert swapped.dtype.isnative


def test_rows_that_begin_at_a_fraction_of_a_value_come_out_whole():
    values = np.arange(24, dtype="<u2").reshape(4, 6)
    rows = np.hstack((values.view(np.uint8), np.full((4, 1), 255, dtype=np.uint8)))
    pixels, _ = pixels_of(message(step=13, data=rows.tobytes()))
    np.testing.assert_array_equal(pixels, values)
    assert pixels.flags.aligned
