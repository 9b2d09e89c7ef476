import os
import threading

import pytest

from chaos.proc import figures_of


def test_the_figures_of_this_process_are_those_it_knows_of_itself() -> None:
    figures = figures_of(os.getpid())
    assert figures.threads >= threading.active_count()
    assert figures.resident_bytes > 1_000_000
    opened = os.open(os.devnull, os.O_RDONLY)
    try:
        assert figures_of(os.getpid()).open_files == figures.open_files + 1
    finally:
        os.close(opened)


def test_a_process_that_is_gone_has_none() -> None:
    with pytest.raises(OSError, match="No such"):
        figures_of(2**22 + 1)
