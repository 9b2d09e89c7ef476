"""How the C library keeps memory that was freed."""

import contextlib
import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # from glibc's malloc.h
_MEBIBYTE = 1024 * 1024


def keep_freed_memory() -> None:
    """Reuse the memory of large messages instead of returning it: page faults are most of the cost of receiving one."""
    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 128 * _MEBIBYTE)
        libc.mallopt(_M_TRIM_THRESHOLD, 256 * _MEBIBYTE)
