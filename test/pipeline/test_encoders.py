import itertools
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest
from fake_backend import FakeBackend, fake_encoder
from tiny_bundle import DIMENSION

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.encoders import FIRST_RETRY_S, LONGEST_RETRY_S, Encoders, Upgrade


class Loaded(list[FakeBackend]):
    """Every backend that was made."""

    def __init__(self, bundle: Bundle) -> None:
        super().__init__()
        self._shapes = {f"{modality}.onnx": settings.input_shape for modality, settings in bundle.settings.items()}

    def make(self, _: bytes, name: str) -> FakeBackend:
        self.append(fake_encoder(self._shapes[name], DIMENSION))
        return self[-1]


@pytest.fixture
def loaded(bundle: Bundle) -> Loaded:
    return Loaded(bundle)


@pytest.fixture
def encoders(bundle: Bundle, loaded: Loaded) -> Encoders:
    return Encoders(bundle, loaded.make)


def test_an_encoder_is_loaded_once_and_on_need(encoders: Encoders, loaded: Loaded) -> None:
    assert encoders.loaded == {}
    assert encoders.get(Modality.IMAGE) is encoders.get(Modality.IMAGE)
    assert len(loaded) == 1
    assert set(encoders.loaded) == {Modality.IMAGE}


def test_loading_ahead_runs_each_once(encoders: Encoders, loaded: Loaded) -> None:
    encoders.load([Modality.IMAGE, Modality.AUDIO])
    assert [len(backend.fed) for backend in loaded] == [1, 1]


def test_what_nothing_uses_is_released_and_loaded_again_on_need(encoders: Encoders, loaded: Loaded) -> None:
    for modality in (Modality.IMAGE, Modality.AUDIO):
        encoders.get(modality)
        encoders.used(modality, 100.0)
    encoders.used(Modality.AUDIO, 109.0)
    encoders.release_idle(110.0, 10.0)
    assert set(encoders.loaded) == {Modality.AUDIO}
    assert [backend.closed for backend in loaded] == [True, False]
    encoders.get(Modality.IMAGE)
    assert len(loaded) == 3


def test_what_was_never_used_gets_its_time_too(encoders: Encoders) -> None:
    encoders.load([Modality.IMAGE])
    encoders.release_idle(100.0, 10.0)
    encoders.release_idle(109.0, 10.0)
    assert encoders.loaded
    encoders.release_idle(110.0, 10.0)
    assert not encoders.loaded


def test_one_that_cannot_be_loaded_is_tried_again(bundle: Bundle, loaded: Loaded) -> None:
    def fail(model: bytes, name: str) -> FakeBackend:
        if not failures:
            return loaded.make(model, name)
        raise failures.pop()

    failures = [BackendError("no memory", remedy="free some")]
    encoders = Encoders(bundle, fail)
    with pytest.raises(BackendError):
        encoders.get(Modality.IMAGE)
    assert encoders.get(Modality.IMAGE).backend is loaded[0]


def test_closing_releases_all(encoders: Encoders, loaded: Loaded) -> None:
    encoders.load([Modality.IMAGE, Modality.AUDIO])
    encoders.close()
    assert all(backend.closed for backend in loaded)
    assert encoders.loaded == {}


class Later(Executor):
    """Does its jobs when a test says so."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, job: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.jobs.append((future, lambda: job(*arguments, **named)))
        return future

    def work(self) -> None:
        for future, job in self.jobs:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except Exception as error:
                    future.set_exception(error)
        self.jobs.clear()


class Refusing:
    """Makes backends, but for the first so many times."""

    def __init__(self, loaded: Loaded, times: int, error: Exception) -> None:
        self._loaded = loaded
        self._error = error
        self.times = times
        self.tried = 0

    def make(self, model: bytes, name: str) -> FakeBackend:
        self.tried += 1
        if self.tried <= self.times:
            raise self._error
        return self._loaded.make(model, name)


NO_MEMORY = BackendError("no memory", remedy="free some", source="image.onnx")


def test_while_it_is_loaded_elsewhere_there_is_none_yet(bundle: Bundle, loaded: Loaded) -> None:
    later = Later()
    encoders = Encoders(bundle, loaded.make, loads=later)
    for now_s in (0.0, 0.1, 0.2):
        assert encoders.request(Modality.IMAGE, now_s) is None
        assert encoders.is_building(Modality.IMAGE)
        assert encoders.must_wait(Modality.IMAGE, now_s)
    assert not encoders.must_wait(Modality.AUDIO, 0.2), "nobody needs it"
    assert len(later.jobs) == 1
    later.work()
    assert encoders.collect(0.3) == []
    encoder = encoders.request(Modality.IMAGE, 0.3)
    assert encoder is not None
    assert encoder.backend is loaded[0]
    assert len(loaded[0].fed) == 1, "it was warmed up there"
    assert not encoders.is_building(Modality.IMAGE)
    assert not encoders.must_wait(Modality.IMAGE, 0.3)


def test_a_load_that_fails_is_told_and_tried_again_ever_more_rarely(bundle: Bundle, loaded: Loaded) -> None:
    refusing = Refusing(loaded, 8, NO_MEMORY)
    encoders = Encoders(bundle, refusing.make)
    tried_s = []
    for tenth in range(5000):
        now_s = tenth / 10
        before = refusing.tried
        encoder = encoders.request(Modality.IMAGE, now_s)
        if refusing.tried > before:
            tried_s.append(now_s)
            assert encoders.collect(now_s) == ([] if encoder else [NO_MEMORY])
        assert encoders.collect(now_s) == []
        if encoder is not None:
            break
        assert encoders.problem(Modality.IMAGE) == "image.onnx: no memory (free some)"
        assert not encoders.is_building(Modality.IMAGE)
    pauses = [round(later - earlier, 1) for earlier, later in itertools.pairwise(tried_s)]
    assert pauses[:3] == [FIRST_RETRY_S, 2 * FIRST_RETRY_S, 4 * FIRST_RETRY_S]
    assert pauses[-2:] == [LONGEST_RETRY_S, LONGEST_RETRY_S]
    assert encoders.problem(Modality.IMAGE) == ""


def test_what_nobody_foresaw_names_the_network(bundle: Bundle, loaded: Loaded) -> None:
    encoders = Encoders(bundle, Refusing(loaded, 1, RuntimeError("bad driver")).make)
    assert encoders.request(Modality.IMAGE, 0.0) is None
    (error,) = encoders.collect(0.0)
    assert str(error).startswith("image.onnx: RuntimeError: bad driver")


def test_a_network_that_fails_when_it_is_warmed_up_is_not_held(bundle: Bundle, loaded: Loaded) -> None:
    def broken(_: object) -> dict[str, Any]:
        raise NO_MEMORY

    def make(model: bytes, name: str) -> FakeBackend:
        backend = loaded.make(model, name)
        backend.compute = broken
        return backend

    encoders = Encoders(bundle, make)
    assert encoders.request(Modality.IMAGE, 0.0) is None
    assert encoders.collect(0.0) == [NO_MEMORY]
    assert loaded[0].closed


def test_what_is_loaded_after_closing_is_released_at_once(bundle: Bundle, loaded: Loaded) -> None:
    later = Later()
    encoders = Encoders(bundle, loaded.make, loads=later)
    encoders.request(Modality.IMAGE, 0.0)
    (future, job) = later.jobs.pop()
    assert future.set_running_or_notify_cancel()
    encoders.close()
    future.set_result(job())
    assert [backend.closed for backend in loaded] == [True]
    encoders.request(Modality.IMAGE, 0.0)
    encoders.close()
    later.work()
    assert len(loaded) == 1, "what was not begun is not loaded at all"


class Engines:
    """An upgrade whose backends come when a test says so."""

    def __init__(self, bundle: Bundle) -> None:
        self.made = Loaded(bundle)
        self.later = Later()
        self.upgrade = Upgrade(self.made.make, self.later, lambda backend: backend not in self.made)


@pytest.fixture
def engines(bundle: Bundle) -> Engines:
    return Engines(bundle)


def test_a_better_backend_takes_over_between_two_rounds(bundle: Bundle, loaded: Loaded, engines: Engines) -> None:
    encoders = Encoders(bundle, loaded.make, upgrade=engines.upgrade)
    assert encoders.request(Modality.IMAGE, 0.0) is encoders.loaded[Modality.IMAGE], "it works while that is made"
    assert encoders.loaded[Modality.IMAGE].backend is loaded[0]
    engines.later.work()
    assert encoders.loaded[Modality.IMAGE].backend is loaded[0], "not in the middle of a round"
    assert encoders.collect(1.0) == []
    assert encoders.loaded[Modality.IMAGE].backend is engines.made[0]
    assert len(engines.made[0].fed) == 1, "it was warmed up"
    assert loaded[0].closed
    encoders.collect(2.0)
    assert len(engines.made) == 1
    encoders.close()
    assert engines.made[0].closed


def test_what_was_loaded_ahead_is_upgraded_too(bundle: Bundle, loaded: Loaded, engines: Engines) -> None:
    encoders = Encoders(bundle, loaded.make, upgrade=engines.upgrade)
    encoders.load([Modality.IMAGE])
    engines.later.work()
    encoders.collect(0.0)
    assert encoders.loaded[Modality.IMAGE].backend is engines.made[0]


def test_what_is_good_already_is_not_upgraded(bundle: Bundle, loaded: Loaded, engines: Engines) -> None:
    encoders = Encoders(bundle, engines.made.make, upgrade=engines.upgrade)
    encoders.load([Modality.IMAGE])
    assert engines.later.jobs == []


def test_an_upgrade_that_fails_changes_nothing_and_is_told(bundle: Bundle, loaded: Loaded, engines: Engines) -> None:
    upgrade = Upgrade(Refusing(engines.made, 1, NO_MEMORY).make, engines.later, lambda backend: True)
    encoders = Encoders(bundle, loaded.make, upgrade=upgrade)
    encoders.load([Modality.IMAGE])
    engines.later.work()
    assert encoders.collect(0.0) == [NO_MEMORY]
    assert encoders.loaded[Modality.IMAGE].backend is loaded[0]
    assert encoders.problem(Modality.IMAGE) == ""


def test_where_nothing_is_better_nothing_changes(bundle: Bundle, loaded: Loaded, engines: Engines) -> None:
    upgrade = Upgrade(lambda model, name: None, engines.later, lambda backend: True)
    encoders = Encoders(bundle, loaded.make, upgrade=upgrade)
    encoders.load([Modality.IMAGE])
    engines.later.work()
    assert encoders.collect(0.0) == []
    assert encoders.loaded[Modality.IMAGE].backend is loaded[0]


def test_an_upgrade_of_what_was_released_meanwhile_is_released(
    bundle: Bundle, loaded: Loaded, engines: Engines
) -> None:
    encoders = Encoders(bundle, loaded.make, upgrade=engines.upgrade)
    encoders.load([Modality.IMAGE])
    (future, job) = engines.later.jobs.pop()
    assert future.set_running_or_notify_cancel()
    encoders.used(Modality.IMAGE, 0.0)
    encoders.release_idle(10.0, 10.0)
    future.set_result(job())
    assert engines.made[0].closed
    assert encoders.loaded == {}
