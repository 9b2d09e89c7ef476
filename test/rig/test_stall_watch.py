import signal
import subprocess
import sys
import time
from pathlib import Path

from rig.stall_watch import StallWatch

_WATCHED = """
import sys
from rig.stall_watch import StallWatch
with StallWatch() as watch:
    print("watching", flush=True)
    sys.stdin.readline()
print(watch.longest_s)
"""


def test_it_sees_that_its_process_stood_still() -> None:
    command = [sys.executable, "-c", _WATCHED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "watching\n"
        process.send_signal(signal.SIGSTOP)
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2][0] != "T":
            time.sleep(0.001)
        time.sleep(0.3)  # this is how long it stands still
        process.send_signal(signal.SIGCONT)
        output, _ = process.communicate("\n")
    assert float(output) > 0.25


def test_a_context_that_ends_at_once_has_seen_nothing() -> None:
    with StallWatch() as watch:
        pass
    assert watch.longest_s == 0
