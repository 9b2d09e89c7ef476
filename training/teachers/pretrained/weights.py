"""Where the files of a pretrained model are: a folder, or a local copy of a Hub repository at one fixed commit.

What a repository was when it was first used is noted in `omnibind-pinned.json` beside the copies: the commit and the
SHA-256 of every file of weights. From then on that commit is used, and other bytes are refused.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from omnibind_ros.errors import ConfigurationError
from training.teachers.pretrained.catalogue import UNSTATED, check_licence, find_teacher

PINNED_FILE = "omnibind-pinned.json"
CARD_FILE = "README.md"
_SAFE = ["*.json", "*.txt", "*.model", "*.safetensors", CARD_FILE]
_PICKLED = ["pytorch_model*.bin", "pytorch_model*.bin.index.json"]
_OFFLINE = "HF_HUB_OFFLINE"


@dataclass(frozen=True)
class Weights:
    """The files of a model. revision: its commit, None for a folder. sha256: of every file of weights."""

    folder: Path
    origin: str
    revision: str | None
    licence: str
    sha256: Mapping[str, str]


def find_weights(
    name: str,
    *,
    cache: Path | None = None,
    revision: str | None = None,
    offline: bool = False,
    accept_licence: bool = False,
) -> Weights:
    """The files of a teacher: a folder, a name of the catalogue, or a Hub repository.

    cache: where copies of repositories are kept; None: where the Hugging Face libraries keep theirs. offline: use only
    what is there. Raises ConfigurationError, with what to do, when there is no such model, no network, another licence
    than a permissive one, or when the weights are not those of the first time.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        licence = stated_licence(folder) or UNSTATED
        check_licence(licence, name, accepted=accept_licence)
        return Weights(folder, str(folder.absolute()), None, licence, _hashes(folder))
    repository, known = find_teacher(name)
    if known is not None:
        check_licence(known.licence, name, accepted=accept_licence)
    cache = (cache or _default_cache()).expanduser()
    pinned = _read_pinned(cache)
    wanted = revision or (known.revision if known else None) or pinned.get(repository, {}).get("revision")
    folder = _download(repository, wanted, cache, offline=offline or bool(os.environ.get(_OFFLINE)))
    licence = stated_licence(folder) or (known.licence if known else UNSTATED)
    check_licence(licence, name, accepted=accept_licence)
    weights = Weights(folder, repository, folder.name, licence, _hashes(folder))
    _hold_to_the_first(weights, pinned, cache)
    return weights


def stated_licence(folder: Path) -> str | None:
    """The licence that the head of a model's card states."""
    card = folder / CARD_FILE
    if not card.is_file():
        return None
    _, mark, rest = card.read_text(encoding="utf-8", errors="replace").partition("---\n")
    try:
        head = yaml.safe_load(rest.partition("\n---")[0]) if mark else None
    except yaml.YAMLError:
        return None
    licence = head.get("license") if isinstance(head, dict) else None
    return str(licence).lower() if licence else None


def _default_cache() -> Path:
    from huggingface_hub import constants  # noqa: PLC0415 seconds to import, needed here only

    return Path(constants.HF_HUB_CACHE)


def _download(repository: str, revision: str | None, cache: Path, *, offline: bool) -> Path:
    from huggingface_hub import errors, snapshot_download  # noqa: PLC0415 seconds to import, needed here only

    def copy(patterns: list[str]) -> Path:
        return Path(
            snapshot_download(
                repository,
                revision=revision,
                cache_dir=cache,
                allow_patterns=patterns,
                ignore_patterns=["*/*"],
                local_files_only=offline,
            )
        )

    try:
        folder = copy(_SAFE)
        return folder if offline or any(folder.glob("*.safetensors")) else copy(_PICKLED)
    except errors.GatedRepoError as error:
        raise ConfigurationError(
            "the publisher wants your agreement first",
            remedy=f"agree on https://huggingface.co/{repository}, then `hf auth login` and repeat the command",
            source=repository,
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise ConfigurationError(
            f"the Hugging Face Hub has no such model{f' at {revision}' if revision else ''}",
            remedy="correct the name or --revision",
            source=repository,
        ) from error
    except (errors.LocalEntryNotFoundError, errors.HfHubHTTPError, OSError) as error:
        why = "it is not in the cache, and the network may not be used" if offline else "the Hub cannot be reached"
        raise ConfigurationError(
            f"{why}; the cache is {cache}",
            remedy="connect this computer and leave out --offline, or copy the model's folder from a computer that is "
            "connected and give its path instead of the name",
            source=repository,
        ) from error


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted((*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")))
    if not files:
        raise ConfigurationError(
            "no weights there (*.safetensors)",
            remedy="save the model with save_pretrained, or download it again",
            source=str(folder),
        )
    return {path.name: sha256_of(path) for path in files}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _read_pinned(cache: Path) -> dict[str, Any]:
    path = cache / PINNED_FILE
    try:
        return dict(json.loads(path.read_text())) if path.exists() else {}
    except ValueError as error:
        raise ConfigurationError("no JSON", remedy="remove it: it is then made again", source=str(path)) from error


def _hold_to_the_first(weights: Weights, pinned: dict[str, Any], cache: Path) -> None:
    """Note the first revision and the hashes of every one; raise ConfigurationError when a file is not as noted."""
    assert weights.revision is not None  # noqa: S101 a copy of a repository has one
    entry = pinned.setdefault(weights.origin, {"revision": weights.revision, "sha256": {}})
    noted = entry["sha256"].setdefault(weights.revision, {})
    changed = [file for file, digest in weights.sha256.items() if noted.get(file, digest) != digest]
    if changed:
        raise ConfigurationError(
            f"{', '.join(changed)} changed since it was first used",
            remedy=f"remove {weights.folder} to download it again; if the publisher replaced it, remove the entry "
            f"`{weights.origin}` of {cache / PINNED_FILE}",
            source=weights.origin,
        )
    if not weights.sha256.items() <= noted.items():
        noted.update(weights.sha256)
        (cache / PINNED_FILE).write_text(json.dumps(pinned, indent=2))
