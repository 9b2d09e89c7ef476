import numpy as np

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
