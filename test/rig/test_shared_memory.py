import mmap
import os
from pathlib import Path

import pytest

from rig import shared_memory

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


@pytest.mark.skipif(not SEGMENT.parent.is_dir(), reason="no shared memory here")
def test_the_ports_of_a_domain_are_those_in_its_range() -> None:
    ports = {SEGMENT.with_name(name) for name in ("fastrtps_port99400_el", "sem.fastrtps_port99649_mutex")}
    others = {SEGMENT.with_name(name) for name in ("fastrtps_port99399", "fastrtps_port99650")}
    try:
        for path in ports | others:
            path.touch()
        assert shared_memory.ports_of(368) == ports
    finally:
        shared_memory.remove(ports | others)
