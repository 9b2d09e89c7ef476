"""The commands in the documentation, and what of this package each runs."""

import re
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TUTORIALS = tuple(sorted((ROOT / "docs" / "tutorials").glob("*.md")))
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), *TUTORIALS)
# Nodes: they run until they are told to end.
NODES = (
    "perception",
    "encoder",
    "fusion",
    "memory",
    "monitor",
    "overlay",
    "dashboard",
    "file_player",
    "sensor_simulator",
    "record",
)
_TRAINING = re.compile(r"(environment/run\.sh |\.venv/bin/)?python -m training ")


@dataclass(frozen=True)
class Command:
    document: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: {self.text}"

    @property
    def module(self) -> str | None:
        """The module of ours that it runs."""
        run = re.match(r"ros2 run omnibind_ros (\w+)", self.text)
        if run:
            return _programs()[run[1]]
        python = re.match(r"(?:\.venv/bin/|environment/run\.sh )python -m (omnibind_ros[\w.]*)", self.text)
        return python[1] if python else None

    @property
    def executable(self) -> str:
        return (self.module or "").removesuffix(".command").rpartition(".")[2]

    @property
    def training(self) -> list[str] | None:
        """The arguments of `python -m training`, where it is that."""
        if not _TRAINING.match(self.text):
            return None
        return shlex.split(self.text.partition("-m training ")[2])

    def as_run_here(self) -> str:
        python = shlex.quote(sys.executable)
        text = re.sub(r"ros2 run omnibind_ros \w+", f"{python} -m {self.module}", self.text)
        if self.executable == "dashboard":  # its port may be taken
            text += " --ros-args -p port:=0"
        return f"exec {text}"


def commands(documents: Iterable[Path] = DOCUMENTS) -> list[Command]:
    found = []
    for document in documents:
        text = document.read_text(encoding="utf-8")
        for block in re.finditer(r"^```bash\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            first = text[: block.start(1)].count("\n") + 1
            joined = block[1].replace("\\\n", "  ")
            for number, line in enumerate(joined.splitlines()):
                stripped = re.sub(r"(^|\s+)# .*$", "", line).strip()
                if stripped:
                    found.append(Command(str(document.relative_to(ROOT)), first + number, stripped))
    return found


def _programs() -> dict[str, str]:
    lines = re.findall(r'"(\w+) = ([\w.]+):main"', (ROOT / "setup.py").read_text(encoding="utf-8"))
    return dict(lines)
