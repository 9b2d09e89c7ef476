"""Whether large messages get through: shared memory, socket buffers, open files."""

import resource
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning

PROFILE_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
_SHARED_MEMORY = Path("/dev") / "shm"
_MIB = 1024 * 1024
# A segment of our profile for each process, with some room.
_SHARED_NEEDED = 128 * _MIB
_BUFFER_NEEDED = 2097152
_FILES_NEEDED = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What the system grants, in bytes; None where it does not tell."""

    shared_free: int | None
    receive_buffer: int | None
    open_files: int


def limits_here() -> Limits:
    """Those of this process."""
    try:
        free: int | None = shutil.disk_usage(_SHARED_MEMORY).free
    except OSError:
        free = None
    try:
        buffer: int | None = int(Path("/proc/sys/net/core/rmem_max").read_text(encoding="ascii"))
    except (OSError, ValueError):  # hidden in many containers
        buffer = None
    return Limits(free, buffer, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def check_transport(environment: Mapping[str, str], limits: Limits, profile: Path) -> Iterator[Finding]:
    """profile: of the middleware for large messages, as it is installed here."""
    yield _profile(environment, profile)
    if limits.shared_free is None:
        yield warning("shared memory", "there is no /dev/shm", "mount one; in a container: `--ipc=host`")
    elif limits.shared_free < _SHARED_NEEDED:
        yield warning(
            "shared memory",
            f"{limits.shared_free // _MIB} MiB are free in /dev/shm: large messages may be lost",
            "`rm /dev/shm/fastrtps_*` while no ROS runs; in a container: `--ipc=host` or `--shm-size=1g`",
        )
    else:
        yield ok("shared memory", f"{limits.shared_free // _MIB} MiB are free")
    if limits.receive_buffer is not None and limits.receive_buffer < _BUFFER_NEEDED:
        yield warning(
            "socket buffers",
            f"net.core.rmem_max is {limits.receive_buffer}: sensors that are plugged in may be heard seconds late",
            f"`sudo sysctl -w net.core.rmem_max={_BUFFER_NEEDED}`, and for ever in /etc/sysctl.d/",
        )
    elif limits.receive_buffer is not None:
        yield ok("socket buffers", f"net.core.rmem_max is {limits.receive_buffer}")
    if 0 <= limits.open_files < _FILES_NEEDED:
        yield warning(
            "open files", f"a process may have {limits.open_files}", f"`ulimit -n {_FILES_NEEDED}` before the nodes"
        )
    else:
        yield ok("open files", "enough")


def _profile(environment: Mapping[str, str], profile: Path) -> Finding:
    given = next((environment[name] for name in PROFILE_VARIABLES if environment.get(name)), "")
    if not given:
        return warning(
            "large messages",
            "this shell sets no profile for Fast DDS, whose own shared memory loses most images and clouds",
            f"`export {PROFILE_VARIABLES[0]}={profile}` where drivers are started; our launch files do",
        )
    if not Path(given).is_file():
        return problem("large messages", f"{given} is not there", f"`export {PROFILE_VARIABLES[0]}={profile}`")
    return ok("large messages", given)
