"""Loops over single events or points, compiled to machine code."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


def compiled(function: FunctionT) -> FunctionT:
    """Compile a loop on its first call, without the interpreter lock, and keep the machine code for the next start.

    Where no cache can be written (a read-only installation and no home folder, a full disk) it is compiled at every
    start instead.
    """
    dispatcher: Any = numba.njit(nogil=True)(function)
    with suppress(RuntimeError):  # there is no folder for a cache
        dispatcher._cache = _CacheIfPossible(function)  # type: ignore[no-untyped-call]
    return cast(FunctionT, dispatcher)


class _CacheIfPossible(FunctionCache):
    """Numba's own cache lets the call fail for which it could not save the machine code."""

    def save_overload(self, sig: Any, data: Any) -> None:
        """Save what was compiled for a signature."""
        with suppress(OSError):
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]
