import errno
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core.caching import FunctionCache

from omnibind_ros.compiled import compiled


@compiled
def total(numbers: np.ndarray) -> int:
    result = 0
    for number in numbers:
        result += number
    return result


def test_a_compiled_loop_gives_what_python_gives() -> None:
    assert total(np.arange(10)) == 45


def test_a_loop_is_compiled_where_no_cache_can_be_written() -> None:
    code_without_a_file = eval("lambda number: 2 * number")  # noqa: S307 - numba finds no place for its cache
    assert compiled(code_without_a_file)(21) == 42


def test_a_full_disk_costs_no_more_than_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_is_full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FunctionCache, "save_overload", disk_is_full)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert compiled(total.py_func)(np.arange(10)) == 45
