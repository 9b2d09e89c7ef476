"""Whether this computer's clock is set."""

from datetime import datetime, timezone

from omnibind_ros.diagnosis.finding import Finding, ok, problem

# Before this package was written: the clock of a computer without a battery, after a start without network.
_EARLIEST = datetime(2025, 1, 1, tzinfo=timezone.utc)


def check_system_clock(system_ns: int) -> Finding:
    """system_ns: Unix time in nanoseconds."""
    now = datetime.fromtimestamp(system_ns / 1e9, tz=timezone.utc)
    if now < _EARLIEST:
        return problem(
            "clock",
            f"this computer says it is {now:%Y-%m-%d}: stamps of other computers will be refused as wrong",
            "connect it to a time server: `sudo timedatectl set-ntp true`",
        )
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC; stamps of other computers may lie `max_clock_offset` from it")
