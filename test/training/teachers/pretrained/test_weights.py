import json
from pathlib import Path

import pytest

from omnibind_ros.errors import ConfigurationError
from training.teachers.pretrained.weights import PINNED_FILE, find_weights, stated_licence

pytest.importorskip("huggingface_hub", reason="needs requirements/training.txt")

FIRST, SECOND = "1" * 40, "2" * 40


def a_model(folder: Path, licence: str | None = "apache-2.0", content: bytes = b"weights") -> Path:
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(content)
    (folder / "config.json").write_text("{}")
    if licence:
        (folder / "README.md").write_text(f"---\nlicense: {licence}\n---\n# A model\n")
    return folder


def a_copy(cache: Path, commit: str, repository: str = "some/clip", **model) -> Path:
    """A repository as the Hub's client keeps it, its branch at this commit."""
    kept = cache / f"models--{repository.replace('/', '--')}"
    (kept / "refs").mkdir(parents=True, exist_ok=True)
    (kept / "refs" / "main").write_text(commit)
    return a_model(kept / "snapshots" / commit, **model)


def test_a_folder_is_used_as_it_is(tmp_path):
    weights = find_weights(str(a_model(tmp_path / "clip")))
    assert weights.licence == "apache-2.0"
    assert weights.revision is None
    assert set(weights.sha256) == {"model.safetensors"}


@pytest.mark.parametrize("licence", [None, "cc-by-nc-4.0"])
def test_a_folder_without_a_permissive_licence_has_to_be_accepted(tmp_path, licence):
    folder = a_model(tmp_path / "clip", licence=licence)
    with pytest.raises(ConfigurationError, match="--accept-licence"):
        find_weights(str(folder))
    assert find_weights(str(folder), accept_licence=True).licence == (licence or "unstated")


def test_a_folder_without_weights_is_refused(tmp_path):
    folder = a_model(tmp_path / "clip")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ConfigurationError, match="no weights"):
        find_weights(str(folder))


@pytest.mark.parametrize(
    "card", ["no head at all", "---\nlicense: [\n---\n", "---\n- a list\n---\n", "---\ntags: x\n---\n"]
)
def test_a_card_that_states_no_licence_is_none(tmp_path, card):
    (tmp_path / "README.md").write_text(card)
    assert stated_licence(tmp_path) is None


def test_the_first_revision_stays_even_when_the_branch_moves(tmp_path):
    a_copy(tmp_path, FIRST)
    assert find_weights("some/clip", cache=tmp_path, offline=True).revision == FIRST
    a_copy(tmp_path, SECOND, content=b"others")
    assert find_weights("some/clip", cache=tmp_path, offline=True).revision == FIRST
    assert find_weights("some/clip", cache=tmp_path, offline=True, revision=SECOND).revision == SECOND
    assert find_weights("some/clip", cache=tmp_path, offline=True).revision == FIRST


def test_weights_that_changed_are_refused(tmp_path):
    copy = a_copy(tmp_path, FIRST)
    find_weights("some/clip", cache=tmp_path, offline=True)
    (copy / "model.safetensors").write_bytes(b"changed")
    with pytest.raises(ConfigurationError, match="changed since") as caught:
        find_weights("some/clip", cache=tmp_path, offline=True)
    assert PINNED_FILE in str(caught.value)


def test_a_card_with_another_licence_than_the_catalogue_counts(tmp_path):
    a_copy(tmp_path, FIRST, repository="laion/clap-htsat-unfused", licence="cc-by-nc-4.0")
    with pytest.raises(ConfigurationError, match="cc-by-nc-4.0"):
        find_weights("clap", cache=tmp_path, offline=True)
    assert not (tmp_path / PINNED_FILE).exists()


def test_a_licence_that_is_known_is_asked_for_before_anything_is_downloaded(tmp_path):
    with pytest.raises(ConfigurationError, match="--accept-licence"):
        find_weights("clip-b32-openai", cache=tmp_path, offline=True)


def test_offline_and_not_in_the_cache_says_so(tmp_path):
    with pytest.raises(ConfigurationError, match="not in the cache") as caught:
        find_weights("clap", cache=tmp_path, offline=True)
    assert "give its path" in str(caught.value)


def test_without_a_network_it_says_what_to_do(tmp_path, monkeypatch):
    from huggingface_hub import constants  # noqa: PLC0415

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match="cannot be reached") as caught:
        find_weights("clap", cache=tmp_path)
    assert "--offline" in str(caught.value)


def test_a_damaged_list_of_what_was_first_is_told(tmp_path):
    (tmp_path / PINNED_FILE).write_text("{")
    with pytest.raises(ConfigurationError, match="remove it"):
        find_weights("some/clip", cache=tmp_path, offline=True)


def test_what_was_first_is_readable(tmp_path):
    a_copy(tmp_path, FIRST)
    weights = find_weights("some/clip", cache=tmp_path, offline=True)
    pinned = json.loads((tmp_path / PINNED_FILE).read_text())
    assert pinned == {"some/clip": {"revision": FIRST, "sha256": {FIRST: weights.sha256}}}
