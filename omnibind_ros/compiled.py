"""Loops over single events or points, compiled to machine code."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


def compiled(function: FunctionT) -> FunctionT:
    """Compile a loop on its first call, without the interpreter lock, and keep the machine code for the next start.

    Where no cache can be written (a read-only installation and no home folder) it is compiled at every start instead.
    """
    try:
        return cast(FunctionT, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:
        return cast(FunctionT, numba.njit(nogil=True)(function))
