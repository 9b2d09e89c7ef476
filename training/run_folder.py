"""Where a run keeps its files, and which of its steps are done already."""

import ast
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.config import TrainingConfig
from training.processes import accelerator, is_main, same_everywhere

FINISHED = "finished.json"
CHECKPOINT_FILE = "checkpoint.pt"
LOG_FOLDER = "tensorboard"
_STARTED = "started.json"


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
        self,
        name: str,
        action: Callable[[Path], object],
        settings: Any,
        after: Sequence[str],
        *,
        force: bool = False,
        together: bool = False,
    ) -> bool:
        """Run a step unless it is done; True when it ran. A step that broke off finds its checkpoint again.

        settings: whatever decides the step's result, as JSON-able values; after: the steps whose results it reads.
        together: all processes run it, each but the main one in a folder that is removed afterwards; otherwise the main
        one alone runs it and the others wait. Raises FileNotFoundError when a step it reads has not been run.
        """
        mark = self.step(name) / FINISHED
        fingerprint = self._fingerprint(settings, after)
        done = not force and mark.exists() and json.loads(mark.read_text())["fingerprint"] == fingerprint
        if same_everywhere(done):
            print(f"{name}: done already")
            return False
        if is_main():
            mark.unlink(missing_ok=True)
            self._clear(name, fingerprint, force)
        accelerator().wait_for_everyone()
        print(f"{name}: running", flush=True)
        started, began = time.time(), time.monotonic()
        if is_main() or together:
            action(self._own_folder(name))
        accelerator().wait_for_everyone()
        if is_main():
            seconds = round(time.monotonic() - began, 1)
            mark.write_text(json.dumps({"fingerprint": fingerprint, "started": started, "seconds": seconds}))
            self._remove_unfinished(name)
            print(f"{name}: done in {seconds:.0f} s", flush=True)
        accelerator().wait_for_everyone()
        return True

    def _clear(self, name: str, fingerprint: str, force: bool) -> None:
        """Remove the logs and checkpoints of an attempt with other settings, and note this one's."""
        started = self.step(name) / _STARTED
        if force or not started.exists() or started.read_text() != fingerprint:
            self._remove_unfinished(name)
            shutil.rmtree(self.step(name) / LOG_FOLDER, ignore_errors=True)
        started.write_text(fingerprint)

    def _remove_unfinished(self, name: str) -> None:
        for path in (self.step(name) / CHECKPOINT_FILE, self.step(name) / _STARTED):
            path.unlink(missing_ok=True)
        for folder in self.step(name).glob("process-*"):
            shutil.rmtree(folder)

    def _own_folder(self, name: str) -> Path:
        return self.step(name if is_main() else f"{name}/process-{accelerator().process_index}")

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


def link_step(folder: Path, other: Path, name: str) -> None:
    """Let the run in a folder find a step that the run in another one made; nothing where one is there or none made."""
    if (other / name).exists() and not (folder / name).exists():
        (folder / name).symlink_to((other / name).resolve(), target_is_directory=True)


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
