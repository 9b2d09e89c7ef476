import mmap
import os
from pathlib import Path

import pytest

from chaos import shared_memory

SEGMENT = Path("/dev/shm/fastrtps_0123456789abcdef")  # noqa: S108


@pytest.mark.skipif(not SEGMENT.parent.is_dir(), reason="no shared memory here")
def test_the_segments_a_process_has_mapped_are_found_and_removed() -> None:
    lock = SEGMENT.with_name(f"{SEGMENT.name}_el")
    lock.touch()
    SEGMENT.write_bytes(b"\0" * mmap.PAGESIZE)
    try:
        with SEGMENT.open("r+b") as file, mmap.mmap(file.fileno(), 0):
            assert {SEGMENT, lock} <= shared_memory.segments_of(os.getpid())
        shared_memory.remove([SEGMENT, lock])
        assert not SEGMENT.exists()
        assert not lock.exists()
    finally:
        shared_memory.remove([SEGMENT, lock])


def test_a_process_that_is_gone_has_none() -> None:
    assert shared_memory.segments_of(2**22 + 1) == set()
