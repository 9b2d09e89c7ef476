"""Where a run keeps its files, and which of its steps are done already."""

import ast
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.config import TrainingConfig

FINISHED = "finished.json"


class RunFolder:
    """build/training/<run>: one folder a step, each with a `finished.json` once its step has ended.

    A step is done when its settings, the code it depends on and the steps before it are still those it ran with.
    """

    def __init__(self, folder: Path, config: TrainingConfig) -> None:
        self.folder = folder
        self.config = config

    def step(self, name: str) -> Path:
        """Folder of a step, made when missing."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def perform(
        self, name: str, action: Callable[[Path], None], settings: Any, after: Sequence[str], *, force: bool = False
    ) -> bool:
        """Run a step unless it is done; True when it ran.

        settings: whatever decides the step's result, as JSON-able values; after: the steps whose results it reads.
        Raises FileNotFoundError when one of those has not been run.
        """
        mark = self.step(name) / FINISHED
        fingerprint = self._fingerprint(settings, after)
        if not force and mark.exists() and json.loads(mark.read_text())["fingerprint"] == fingerprint:
            print(f"{name}: done already")
            return False
        mark.unlink(missing_ok=True)
        print(f"{name}: running", flush=True)
        started, began = time.time(), time.monotonic()
        action(self.step(name))
        seconds = round(time.monotonic() - began, 1)
        mark.write_text(json.dumps({"fingerprint": fingerprint, "started": started, "seconds": seconds}))
        print(f"{name}: done in {seconds:.0f} s", flush=True)
        return True

    def durations(self) -> dict[str, float]:
        """Seconds each finished step took, by its name."""
        marks = sorted(self.folder.glob(f"**/{FINISHED}"))
        return {str(m.parent.relative_to(self.folder)): json.loads(m.read_text())["seconds"] for m in marks}

    def _fingerprint(self, settings: Any, after: Sequence[str]) -> str:
        parts = [json.dumps(settings, sort_keys=True), str(self.config.seed)]
        for earlier in after:
            mark = self.folder / earlier / FINISHED
            if not mark.exists():
                raise FileNotFoundError(f"the step `{earlier}` comes first: python -m training {earlier.split('/')[0]}")
            parts.append(mark.read_text())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def settings_of(section: Any) -> dict[str, Any]:
    """A configuration dataclass as JSON-able values."""
    return asdict(section)


def source_hash(places: Sequence[Path]) -> str:
    """One hash over the Python code of folders and files, so that data made by other code is not taken for current.

    Comments, layout and docstrings do not count.
    """
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            tree = ast.parse(path.read_bytes())
            for node in ast.walk(tree):
                body = getattr(node, "body", None)
                if isinstance(body, list):
                    node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
            digest.update(f"{path.name} {ast.dump(tree)}".encode())
    return digest.hexdigest()


def _is_text(line: ast.AST) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)
