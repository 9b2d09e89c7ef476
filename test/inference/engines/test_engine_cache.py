import errno
import fcntl
import os
import threading
from pathlib import Path

import pytest
from simulated_gpu import GPU, SimulatedCuda, simulated_library, tiny_network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.engine_cache import KEPT_PER_NETWORK, UNUSED_DAYS, EngineCache
from omnibind_ros.inference.engines.engine_key import EngineKey, engine_key
from omnibind_ros.inference.engines.library import Library

DAY_S = 86_400


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    return simulated_library(monkeypatch, SimulatedCuda())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "engines"


@pytest.fixture
def cache(folder: Path) -> EngineCache:
    return EngineCache(folder)


def used_at(folder: Path, key: EngineKey, time_s: float) -> None:
    os.utime(folder / f"{key.file}.json", (time_s, time_s))


def keys(library: Library, count: int, part: str = "image") -> list[EngineKey]:
    return [engine_key(tiny_network(part, sha256=str(number) * 64), library, GPU) for number in range(count)]


def test_an_engine_is_found_by_its_key_only(library: Library, cache: EngineCache) -> None:
    key, other = keys(library, 2)
    cache.keep_plan(key, b"engine")
    assert cache.plan(key) == b"engine"
    assert cache.plan(other) is None
    cache.discard_plan(key)
    assert cache.plan(key) is None


def test_an_engine_renamed_to_another_key_is_not_used(library: Library, cache: EngineCache, folder: Path) -> None:
    key, other = keys(library, 2)
    cache.keep_plan(key, b"engine")
    for ending in ("", ".json"):
        (folder / f"{key.file}{ending}").rename(folder / f"{other.file}{ending}")
    assert cache.plan(other) is None


def test_timings_are_kept_for_all_networks_of_the_gpu(library: Library, cache: EngineCache) -> None:
    key, other = keys(library, 2)
    assert cache.timings(key) == b""
    cache.keep_timings(key, b"timings")
    assert cache.timings(other) == b"timings"


def test_only_the_newest_engines_of_a_network_stay(library: Library, cache: EngineCache, folder: Path) -> None:
    old = keys(library, KEPT_PER_NETWORK + 2)
    (thermal,) = keys(library, 1, "thermal")
    for age, key in enumerate([*old, thermal]):
        cache.keep_plan(key, b"engine")
        used_at(folder, key, 10 * DAY_S - age)
    cache.prune(now_s=10 * DAY_S)
    kept = [key for key in (*old, thermal) if cache.plan(key)]
    assert kept == [*old[:KEPT_PER_NETWORK], thermal]


def test_what_nobody_used_for_long_goes(library: Library, cache: EngineCache, folder: Path) -> None:
    used, unused = keys(library, 2)
    for key, age_days in ((used, UNUSED_DAYS - 1), (unused, UNUSED_DAYS + 1)):
        cache.keep_plan(key, b"engine")
        used_at(folder, key, (1000 - age_days) * DAY_S)
    cache.prune(now_s=1000 * DAY_S)
    assert cache.plan(used) == b"engine"
    assert cache.plan(unused) is None


def test_timings_do_not_count_as_engines_of_a_network(library: Library, cache: EngineCache) -> None:
    first, second = keys(library, 2)
    for key in (first, second):
        cache.keep_plan(key, b"engine")
    cache.keep_timings(first, b"timings")
    cache.prune(now_s=0)
    assert cache.plan(first)
    assert cache.timings(first)


def test_the_second_builder_waits_for_the_first(cache: EngineCache, folder: Path) -> None:
    waits, is_second = threading.Event(), threading.Event()

    def second() -> None:
        with EngineCache(folder).building(waits.set):
            is_second.set()

    with cache.building(lambda: pytest.fail("nobody else is building")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(timeout=10)
        assert not is_second.is_set()
    assert is_second.wait(timeout=10)
    thread.join()


def test_a_builder_clears_what_a_killed_one_left(cache: EngineCache, folder: Path) -> None:
    folder.mkdir()
    (folder / ".tiny.partial").write_bytes(b"half an eng")
    (folder / "tiny-image-0.plan").write_bytes(b"engine without a note")
    with cache.building(lambda: None):
        assert {path.name for path in folder.iterdir()} == {".builder.lock"}


def test_a_disk_that_cannot_lock_is_an_error_with_a_remedy(cache: EngineCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with (
        pytest.raises(BackendError, match=r"cannot be locked: No locks available.*XDG_CACHE_HOME"),
        cache.building(print),
    ):
        pass
