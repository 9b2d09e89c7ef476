"""Settings of a training run: one frozen dataclass a step, with the two presets `full` and `quick`."""

from dataclasses import dataclass, field, replace

from omnibind_ros.modality import Modality

DIMENSION = 128


@dataclass(frozen=True)
class SimulateConfig:
    """How many samples are drawn of every label, and the share of the training samples each modality may use.

    The fusion head learns on instances of its own: on those the students were trained on they err too rarely to teach
    it whom to trust. A share below 1 makes a modality scarce: its student sees only that part of the instances.
    faulty_every: one sample in so many is also stored as broken sensors would have shown it.
    """

    train_per_label: int = 140
    fusion_per_label: int = 32
    validation_per_label: int = 16
    test_per_label: int = 24
    faulty_every: int = 4
    workers: int = 2
    share: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TeachConfig:
    """Contrastive training of the image teacher and of the text tower's projection."""

    epochs: int = 12
    batch: int = 128
    learning_rate: float = 2e-3
    projection_learning_rate: float = 2e-4
    phrases: int = 2000


@dataclass(frozen=True)
class DistilConfig:
    """Cross-modal alignment distillation of one student."""

    epochs: int = 16
    batch: int = 128
    learning_rate: float = 2e-3
    weight_cross: float = 1.0
    weight_self: float = 1.0
    mask_diagonal: bool = True
    text_steps: int = 600
    text_phrases: int = 6000


@dataclass(frozen=True)
class FuseConfig:
    """Training of the fusion head on embeddings of frozen students."""

    steps: int = 1200
    batch: int = 256
    learning_rate: float = 1e-3
    most_tokens: int = 8
    corrupted_share: float = 0.5
    weight_negatives: float = 1.0


@dataclass(frozen=True)
class CalibrateConfig:
    """Temperature and abstention threshold by number of live tokens.

    corrupted_share: of the sets they are fitted on. On clean sets alone many sensors are never wrong, which would teach
    a certainty that the first broken sensor disproves.
    """

    coverage: float = 0.95
    corrupted_share: float = 0.2
    most_tokens: int = 8
    draws: int = 4


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides what a run makes, besides the code."""

    name: str = "omnibind-sim"
    seed: int = 0
    modalities: tuple[Modality, ...] = tuple(Modality)
    simulate: SimulateConfig = SimulateConfig()
    teach: TeachConfig = TeachConfig()
    distil: DistilConfig = DistilConfig()
    fuse: FuseConfig = FuseConfig()
    calibrate: CalibrateConfig = CalibrateConfig()

    @property
    def sensed(self) -> tuple[Modality, ...]:
        """The modalities with a sensor: all but text."""
        return tuple(modality for modality in self.modalities if modality is not Modality.TEXT)


def full() -> TrainingConfig:
    """The default bundle: about a quarter of an hour on two cores."""
    return TrainingConfig()


def quick() -> TrainingConfig:
    """Tiny counts that only show that every step works; the bundle recognises little."""
    config = full()
    return replace(
        config,
        simulate=replace(
            config.simulate, train_per_label=4, fusion_per_label=2, validation_per_label=2, test_per_label=2
        ),
        teach=replace(config.teach, epochs=2, batch=32, phrases=200),
        distil=replace(config.distil, epochs=2, batch=32, text_steps=20, text_phrases=200),
        fuse=replace(config.fuse, steps=30, batch=64),
        calibrate=replace(config.calibrate, draws=1),
    )
