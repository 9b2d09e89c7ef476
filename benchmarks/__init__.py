"""Benchmarks: how long things take, beside the obvious other way to do them, measured in the same run."""

import os

# Before any library starts its threads: every figure is of one core.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
