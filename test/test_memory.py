import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from omnibind_ros.memory import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
np.ones(4_000_000, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    np.ones(4_000_000, np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="page faults are counted as Linux does")
def test_large_arrays_one_after_another_reuse_their_memory() -> None:
    assert page_faults("kept") < page_faults("returned") / 5
