"""The encoders of a bundle: loaded on first need, released when nothing has used them for a while."""

from collections.abc import Callable, Iterable

from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality

MakeBackend = Callable[[bytes, str], Backend]


class Encoders:
    """Belongs to one thread at a time. `make_backend(onnx_bytes, name)` loads a network."""

    def __init__(self, bundle: Bundle, make_backend: MakeBackend) -> None:
        self.bundle = bundle
        self._make_backend = make_backend
        self._loaded: dict[Modality, Encoder] = {}
        self._used_s: dict[Modality, float] = {}

    @property
    def loaded(self) -> dict[Modality, Encoder]:
        """The encoders that are loaded now."""
        return dict(self._loaded)

    def get(self, modality: Modality) -> Encoder:
        """The encoder of a modality, loaded if it is not. Raises BackendError."""
        if modality not in self._loaded:
            description = self.bundle.description.encoders[modality]
            backend = self._make_backend(self.bundle.content(description), description.file)
            self._loaded[modality] = Encoder(self.bundle, modality, backend)
        return self._loaded[modality]

    def load(self, modalities: Iterable[Modality]) -> None:
        """Load and warm up encoders before they are needed. Raises BackendError."""
        for modality in modalities:
            self.get(modality).warm_up()

    def used(self, modality: Modality, steady_s: float) -> None:
        """An encoder was used at this steady time in seconds."""
        self._used_s[modality] = steady_s

    def release_idle(self, steady_s: float, idle_s: float) -> None:
        """Release the encoders that were not used for `idle_s` seconds, counted at the earliest from the first call."""
        for modality in self.loaded:
            if steady_s - self._used_s.setdefault(modality, steady_s) >= idle_s:
                self._loaded.pop(modality).close()
                del self._used_s[modality]

    def close(self) -> None:
        """Release every encoder."""
        for encoder in self._loaded.values():
            encoder.close()
        self._loaded.clear()
        self._used_s.clear()
