"""The encoders of a bundle: loaded on first need, released when nothing has used them for a while."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from omnibind_ros.errors import BackendError, OmnibindError
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.background import Inline, discard

MakeBackend = Callable[[bytes, str], Backend]
# After how long a load that failed is tried again: at first, and twice as long after each further failure.
FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A better backend for networks that run already, where making it takes long: an engine built for this GPU.

    make: from a network's bytes and name; None where there is none. executor: makes them, whenever it likes. improves:
    whether what is made is better than this backend.
    """

    make: Callable[[bytes, str], Backend | None]
    executor: Executor
    improves: Callable[[Backend], bool]


@dataclass(slots=True)
class _Slot:
    """One modality's encoder, from the first need of it until its release."""

    encoder: Encoder | None = None
    loading: Future[Encoder] | None = None
    upgrading: Future[Encoder | None] | None = None
    problem: OmnibindError | None = None
    failures: int = 0
    retry_s: float = 0.0
    used_s: float | None = None


class Encoders:
    """Belongs to one thread at a time, the worker's; times are steady, in seconds.

    make_backend(onnx_bytes, name): loads a network. loads: where that is done; without it at once. upgrade: what
    replaces the backend of an encoder while it runs, between two rounds of the worker; without it nothing does.
    """

    def __init__(
        self,
        bundle: Bundle,
        make_backend: MakeBackend,
        *,
        loads: Executor | None = None,
        upgrade: Upgrade | None = None,
    ) -> None:
        self.bundle = bundle
        self._make_backend = make_backend
        self._loads = loads or Inline()
        self._upgrade = upgrade
        self._slots: dict[Modality, _Slot] = {}
        self._errors: list[OmnibindError] = []

    @property
    def loaded(self) -> dict[Modality, Encoder]:
        """The encoders that are loaded now; any thread may ask."""
        return {modality: slot.encoder for modality, slot in list(self._slots.items()) if slot.encoder is not None}

    def get(self, modality: Modality) -> Encoder:
        """The encoder of a modality, loaded in this thread if it is not. Raises BackendError."""
        slot = self._slots.setdefault(modality, _Slot())
        if slot.encoder is None:
            slot.encoder = self._load(modality)
            slot.upgrading = self._begin_upgrade(modality, slot.encoder)
        return slot.encoder

    def load(self, modalities: Iterable[Modality]) -> None:
        """Load encoders before they are needed, in this thread. Raises BackendError."""
        for modality in modalities:
            self.get(modality)

    def request(self, modality: Modality, steady_s: float) -> Encoder | None:
        """The encoder of a modality; None while it is being loaded, and after a failure until the next try.

        Begins to load it if nobody has; what went wrong comes with `collect`.
        """
        slot = self._slots.setdefault(modality, _Slot())
        if slot.encoder is None and slot.loading is None and steady_s >= slot.retry_s:
            slot.loading = self._loads.submit(self._load, modality)
            self._settle(modality, slot, steady_s)
        return slot.encoder

    def collect(self, steady_s: float) -> list[OmnibindError]:
        """Take in what was loaded or upgraded since the last call; the errors of what could not be."""
        for modality, slot in self._slots.items():
            self._settle(modality, slot, steady_s)
        errors, self._errors = self._errors, []
        return errors

    def must_wait(self, modality: Modality, steady_s: float) -> bool:
        """Whether the encoder was requested, and there is none for now."""
        slot = self._slots.get(modality)
        return slot is not None and slot.encoder is None and (slot.loading is not None or steady_s < slot.retry_s)

    def is_building(self, modality: Modality) -> bool:
        """Whether the encoder is being loaded for the first time since it worked."""
        slot = self._slots.get(modality)
        return slot is not None and slot.loading is not None and slot.problem is None

    def problem(self, modality: Modality) -> str:
        """Why the encoder could not be loaded; empty when it could, or was not needed."""
        slot = self._slots.get(modality)
        return str(slot.problem) if slot is not None and slot.problem is not None else ""

    def used(self, modality: Modality, steady_s: float) -> None:
        """An encoder was used at this time."""
        self._slots[modality].used_s = steady_s

    def release_idle(self, steady_s: float, idle_s: float) -> None:
        """Release the encoders that were not used for `idle_s` seconds, counted at the earliest from the first call."""
        for modality, slot in list(self._slots.items()):
            if slot.encoder is None:
                continue
            if slot.used_s is None:
                slot.used_s = steady_s
            if steady_s - slot.used_s >= idle_s:
                _release(self._slots.pop(modality))

    def close(self) -> None:
        """Release every encoder; those that are being made are released when they are done."""
        for slot in self._slots.values():
            _release(slot)
        self._slots.clear()

    def _settle(self, modality: Modality, slot: _Slot, steady_s: float) -> None:
        if slot.loading is not None and slot.loading.done():
            loading, slot.loading = slot.loading, None
            slot.problem = self._problem_of(loading, modality)
            if slot.problem is None:
                slot.encoder, slot.failures = loading.result(), 0
                slot.upgrading = self._begin_upgrade(modality, slot.encoder)
            else:
                slot.retry_s = steady_s + min(FIRST_RETRY_S * 2**slot.failures, LONGEST_RETRY_S)
                slot.failures += 1
        if slot.upgrading is not None and slot.upgrading.done():
            upgrading, slot.upgrading = slot.upgrading, None
            better = upgrading.result() if self._problem_of(upgrading, modality) is None else None
            if better is not None and slot.encoder is not None:
                slot.encoder.close()
                slot.encoder = better

    def _problem_of(self, future: Future[Encoder] | Future[Encoder | None], modality: Modality) -> OmnibindError | None:
        """What a future that is done has failed with, noted for `collect`."""
        error = future.exception()
        if error is None:
            return None
        if not isinstance(error, OmnibindError):
            error = BackendError(
                f"{type(error).__name__}: {error}",
                remedy="check the bundle and the free memory",
                source=self.bundle.description.encoders[modality].file,
            )
        self._errors.append(error)
        return error

    def _begin_upgrade(self, modality: Modality, encoder: Encoder) -> Future[Encoder | None] | None:
        if self._upgrade is None or not self._upgrade.improves(encoder.backend):
            return None
        return self._upgrade.executor.submit(self._improve, modality, self._upgrade.make)

    def _load(self, modality: Modality) -> Encoder:
        description = self.bundle.description.encoders[modality]
        return self._encoder(modality, self._make_backend(self.bundle.content(description), description.file))

    def _improve(self, modality: Modality, make: Callable[[bytes, str], Backend | None]) -> Encoder | None:
        description = self.bundle.description.encoders[modality]
        backend = make(self.bundle.content(description), description.file)
        return None if backend is None else self._encoder(modality, backend)

    def _encoder(self, modality: Modality, backend: Backend) -> Encoder:
        """Checked, and run once: the first real input does not pay for allocations."""
        try:
            encoder = Encoder(self.bundle, modality, backend)
            encoder.warm_up()
        except BaseException:
            backend.close()
            raise
        return encoder


def _release(slot: _Slot) -> None:
    if slot.encoder is not None:
        slot.encoder.close()
    for future in (slot.loading, slot.upgrading):
        if future is not None:
            discard(future)
