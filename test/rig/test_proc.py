import os
import threading

import pytest

from rig.proc import figures_of, files_of


def test_the_figures_of_this_process_are_those_it_knows_of_itself() -> None:
    figures = figures_of(os.getpid())
    assert figures.threads >= threading.active_count()
    assert figures.resident_bytes > 1_000_000
    used = os.times()
    assert abs(figures.cpu_s - used.user - used.system) < 1.0
    opened = os.open(os.devnull, os.O_RDONLY)
    try:
        assert figures_of(os.getpid()).open_files == figures.open_files + 1
    finally:
        os.close(opened)


def test_a_process_that_is_gone_has_none() -> None:
    with pytest.raises(OSError, match="No such"):
        figures_of(2**22 + 1)


def test_a_process_has_mapped_its_own_libraries() -> None:
    assert any("multiarray" in file.name or "libc" in file.name for file in files_of(os.getpid()))
