"""ROS kept on this computer, apart from any robot that runs here."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

_LARGE_MESSAGES = Path(__file__).resolve().parent.parent / "config" / "fastdds_large_messages.xml"
# Above the ephemeral ports of Linux; tests and robots use the domains up to 101.
_DOMAINS = range(215, 232)
_NEXT_TRY_S = 0.05


def stay_on_this_computer() -> None:
    """Set the environment of this process and all it starts; must be called before anything of ROS is imported.

    Loopback only, and shared memory large enough for images.
    """
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    for variable in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        os.environ[variable] = str(_LARGE_MESSAGES)


def domains() -> Iterator[int]:
    """ROS domains, one after another without end, beginning with any of them.

    None that another process got from here: each is this one's until the next is asked for. Two suites in one domain
    would hear each other's sensors, and the first to end would remove the other's shared memory.
    """
    first = time.time_ns() % len(_DOMAINS)
    for domain in cycle([*_DOMAINS[first:], *_DOMAINS[:first]]):
        with _reserved(domain) as is_ours:
            if is_ours:
                yield domain
            else:
                time.sleep(_NEXT_TRY_S)


@contextmanager
def _reserved(domain: int) -> Iterator[bool]:
    """Hold the domain's lock, which the system takes back from a process that ends; False where another holds it."""
    path = Path(tempfile.gettempdir()) / f"omnibind_ros_domain_{domain}.lock"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    except PermissionError:  # another user's, who may be using it
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)
