"""ROS kept on this computer, apart from any robot that runs here."""

import os
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

_LARGE_MESSAGES = Path(__file__).resolve().parent.parent / "config" / "fastdds_large_messages.xml"
# Above the ephemeral ports of Linux; tests and robots use the domains up to 101.
_DOMAINS = range(215, 232)


def stay_on_this_computer() -> None:
    """Set the environment of this process and all it starts; must be called before anything of ROS is imported.

    Loopback only, and shared memory large enough for images.
    """
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    for variable in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        os.environ[variable] = str(_LARGE_MESSAGES)


def domains() -> Iterator[int]:
    """ROS domains, one after another without end, beginning with any of them."""
    first = time.time_ns() % len(_DOMAINS)
    return cycle([*_DOMAINS[first:], *_DOMAINS[:first]])
