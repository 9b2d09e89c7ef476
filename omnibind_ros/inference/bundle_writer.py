"""Writes a bundle through the same contract by which it is read."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from omnibind_ros.inference.bundle import DESCRIPTION_FILE, Bundle, load_bundle, parse_description
from omnibind_ros.inference.bundle_schema import FORMAT_VERSION


def file_reference(name: str, content: bytes) -> dict[str, str]:
    """The `file` and `sha256` keys of a file that goes into a bundle."""
    return {"file": name, "sha256": hashlib.sha256(content).hexdigest()}


def write_bundle(folder: Path, description: Mapping[str, Any], contents: Mapping[str, bytes]) -> Bundle:
    """Write a bundle and load it back.

    description: the keys of `bundle.yaml` without `format` (see `BundleDescription`); every file it names, with the
    hash from `file_reference`, must be in `contents`, and nothing else. The folder is replaced as a whole once the new
    bundle has passed every check of `load_bundle`; until then an old one stays as it was. Raises BundleError,
    and ValueError when the files named are not the files given.
    """
    checked = parse_description({"format": FORMAT_VERSION, **description}, source=str(folder / DESCRIPTION_FILE))
    named = {reference.file for reference in checked.files()}
    if named != set(contents):
        raise ValueError(f"files named but not given, or given but not named: {sorted(named ^ set(contents))}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in contents.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        text = yaml.safe_dump(checked.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=120)
        (fresh / DESCRIPTION_FILE).write_text(text, encoding="utf-8")
        load_bundle(fresh)
        fresh.chmod(0o755)
        _replace_folder(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return load_bundle(folder)


def _replace_folder(fresh: Path, folder: Path) -> None:
    # A folder cannot be replaced in one step; the old one is moved aside so that a crash leaves one of the two whole.
    old = folder.with_name(f".{folder.name}-old-{os.getpid()}")
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
