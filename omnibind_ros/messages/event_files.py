"""Event recordings on disk that are no bags: N-MNIST's files and Prophesee's raw files.

They stand beside the messages because they are decoded the same way, into the same arrays.
"""

from pathlib import Path

import numpy as np

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.evt3 import Evt3Decoder

NMNIST_SIDE = 34
_NMNIST_BYTES = 5


def read_nmnist(path: Path) -> Events:
    """Events of one N-MNIST recording, 34×34 pixels, about 0.3 s.

    Five bytes an event, big-endian: x, y, then 1 bit of polarity and 23 of microseconds (Orchard et al., "Converting
    Static Image Datasets to Spiking Neuromorphic Datasets Using Saccades", Frontiers in Neuroscience 2015).
    Raises MessageError for a file of another format.
    """
    content = np.fromfile(path, np.uint8)
    if len(content) % _NMNIST_BYTES:
        raise MessageError(
            f"{len(content)} bytes are no whole number of 5-byte events",
            remedy="download the N-MNIST recording again",
            source=str(path),
        )
    x, y, third, fourth, fifth = content.reshape(-1, _NMNIST_BYTES).T
    t_us = (third & 0x7F).astype(np.int64) << 16 | fourth.astype(np.int64) << 8 | fifth
    try:
        return Events(x.astype(np.uint16), y.astype(np.uint16), t_us, third >= 0x80, NMNIST_SIDE, NMNIST_SIDE)
    except MessageError as error:
        raise error.at(str(path)) from None


def read_prophesee_raw(path: Path, *, width: int, height: int) -> Events:
    """Events of one Prophesee raw file in EVT3, for a sensor of this size, which older files do not say.

    Raises MessageError for a file that says it has another format, or that is none.
    """
    content = path.read_bytes()
    start, header = 0, []
    while content.startswith(b"% ", start):
        end = content.find(b"\n", start) + 1 or len(content)
        header.append(content[start:end].decode("ascii", "replace").strip())
        start = end
        if header[-1] == "% end":
            break
    if not any(line.lower() == "% evt 3.0" or line.lower().startswith("% format evt3") for line in header):
        raise MessageError(
            "not a Prophesee raw file in EVT3",
            remedy="record with EVT3, or convert the file with the camera maker's tools",
            source=str(path),
        )
    try:
        return Evt3Decoder().decode(
            np.frombuffer(content, np.uint8, offset=start), is_bigendian=False, width=width, height=height
        )
    except MessageError as error:
        raise error.at(str(path)) from None
