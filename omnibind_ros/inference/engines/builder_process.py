"""An engine built in a process of its own: it may crash or run out of memory without the robot."""

import subprocess
from collections.abc import Sequence

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.inference.engines.engine_builder import Report


class BuilderProcess:
    """Starts `command`, which writes lines of `BuildProgress` and ends itself when its standard input is closed.

    Raises OSError when it cannot be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._ended = False
        # Not in our session: Ctrl-C in the terminal is for the robot, which ends the builder itself.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def wait(self, network: str, report: Report) -> bool:
        """Report what the process tells until it ends; whether it has built the engine of `network`.

        Where it ends without saying how that went, `FAILED` is reported, unless `end` was called.
        """
        last: BuildProgress | None = None
        with self._process:
            for line in self._process.stdout or ():
                try:
                    last = BuildProgress.from_line(line)
                except ValueError:  # what a library prints
                    continue
                report(last)
        if last is not None and last.state in (BuildState.READY, BuildState.FAILED):
            return last.state is BuildState.READY
        if not self._ended:
            problem = BackendError(
                f"the builder ended with {self._process.returncode}",
                remedy="its log or that of the system says why; for a lack of memory run `build_engines` ahead of time",
            )
            report(BuildProgress(network, BuildState.FAILED, problem=str(problem)))
        return False

    def end(self) -> None:
        """End the process, from any thread. What is half built is lost."""
        self._ended = True
        self._process.kill()
