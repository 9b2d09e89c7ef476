"""Many independent pieces of work on several processes, with a progress bar."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

import cv2
import torch
from rich.progress import Progress


def run_jobs(name: str, function: Callable[..., object], jobs: Sequence[tuple[Any, ...]], workers: int) -> None:
    """Call a module's function with each job's arguments, in any order; the first error is raised."""
    if not jobs:
        return
    # Fresh processes of one thread each: libraries that split small arrays among threads slow each other down.
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    before = {variable: os.environ.get(variable) for variable in alone}
    os.environ.update(alone)
    try:
        with (
            Progress() as progress,
            ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_work_alone) as pool,
        ):
            task = progress.add_task(name, total=len(jobs))
            for future in as_completed([pool.submit(function, *job) for job in jobs]):
                future.result()
                progress.advance(task)
    finally:
        for variable, value in before.items():
            if value is None:
                del os.environ[variable]
            else:
                os.environ[variable] = value


def _work_alone() -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    os.nice(5)
