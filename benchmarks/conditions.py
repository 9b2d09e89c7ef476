"""The conditions of every measurement: one core, and memory kept as the nodes keep it."""

import contextlib
import ctypes

import cv2

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # from glibc's malloc.h
_MEBIBYTE = 1024 * 1024


def settle() -> None:
    """Without kept memory, large arrays cost page faults, of which a virtual machine charges the process only some."""
    cv2.setNumThreads(1)
    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 128 * _MEBIBYTE)
        libc.mallopt(_M_TRIM_THRESHOLD, 256 * _MEBIBYTE)
