import pytest
from fake_backend import FakeBackend, fake_encoder
from tiny_bundle import DIMENSION

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.encoders import Encoders


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
