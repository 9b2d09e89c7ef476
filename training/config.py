"""Settings of a training run: one frozen dataclass a step; its defaults are those of the default bundle.

Values are checked when a configuration is made; `training.config_file` reads them from YAML.
"""

from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import (
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass
from typing_extensions import Self

from omnibind_ros.modality import Modality

DIMENSION = 128
STRICT = ConfigDict(extra="forbid")
SIMULATION = "simulation"

ImageTower = Literal["convolutional", "clip"]
Recipe = Literal["compact", "mlp", "lora"]
StudentSize = Literal["nano", "small", "base"]
Teacher = Literal["text", "image"]
Positives = Literal["label", "caption"]
HeldOut = Literal["fusion", "validation", "test"]


@dataclass(frozen=True, config=STRICT)
class DataConfig:
    """What the samples are made of, and how they become inputs.

    source: `simulation`, `digits` (the real digits benchmark), or the path of a folder, a CSV or a Parquet file.
    shares: of the groups that each split gets where the source does not say it; training gets the rest.
    inputs: constants of the preprocessing that differ from the preset's, by modality; the bundle carries them.
    mirrored: whether the mirror image of a picture shows the same thing, so that training may use it.
    unseen: labels that are in the test split alone: nothing is trained on them, they are known by their texts only.
    """

    source: str = SIMULATION
    shares: dict[HeldOut, Annotated[float, Field(gt=0, lt=1)]] = field(
        default_factory=lambda: {"fusion": 0.15, "validation": 0.1, "test": 0.15}
    )
    inputs: dict[Modality, dict[str, Any]] = field(default_factory=dict)
    mirrored: bool = True
    unseen: tuple[str, ...] = ()

    @field_validator("shares")
    @classmethod
    def _leave_some_for_training(cls, shares: dict[str, float]) -> dict[str, float]:
        if sum(shares.values()) >= 1:
            raise ValueError("the shares leave nothing for training: their sum has to be below 1")
        return shares


@dataclass(frozen=True, config=STRICT)
class MatchConfig:
    """How recordings of different sensors become rows; what was recorded together always stays together.

    by: whether partners are drawn from the same label, or are those of the same label with the most similar caption.
    most_uses: rows an item may be in; the rows beyond go without its modality. most_rows: of a label in a split, None
    for as many as its most frequent modality has. least_similarity: cosine of captions below which there is no match.
    captions: number of sentences about each row.
    """

    by: Literal["label", "description"] = "label"
    most_uses: Annotated[int, Field(ge=1)] = 16
    most_rows: Annotated[int, Field(ge=1)] | None = None
    least_similarity: float = 0.5
    captions: Annotated[int, Field(ge=1, le=8)] = 4


@dataclass(frozen=True, config=STRICT)
class CacheConfig:
    """faulty_every: one item in so many is also stored as a broken sensor would have sent it; 0 for none."""

    faulty_every: Annotated[int, Field(ge=0)] = 4
    workers: Annotated[int, Field(ge=1)] = 2


@dataclass(frozen=True, config=STRICT)
class SimulateConfig:
    """How many samples are drawn of every label.

    The fusion head learns on instances of its own: on those the students were trained on they err too rarely to teach
    it whom to trust.
    faulty_every: one sample in so many is also stored as broken sensors would have shown it.
    """

    train_per_label: PositiveInt = 140
    fusion_per_label: PositiveInt = 32
    validation_per_label: PositiveInt = 16
    test_per_label: PositiveInt = 24
    faulty_every: PositiveInt = 4
    workers: PositiveInt = 2


@dataclass(frozen=True, config=STRICT)
class TeachConfig:
    """Contrastive training of the image teacher and of the text tower's projection.

    image_tower: `convolutional`, a small ConvNet, or `clip`, the vision transformer of CLIP; both from scratch.
    """

    image_tower: ImageTower = "convolutional"
    epochs: PositiveInt = 12
    batch: PositiveInt = 128
    learning_rate: PositiveFloat = 2e-3
    projection_learning_rate: PositiveFloat = 2e-4
    phrases: NonNegativeInt = 2000


@dataclass(frozen=True, config=STRICT)
class DistilConfig:
    """Cross-modal alignment distillation of one student.

    recipe: `compact` trains a whole small encoder of the given size, `mlp` an MLP behind the frozen image teacher (the
    paper's), `lora` low-rank adapters in the teacher besides. A teacher of pictures cannot see points and text: their
    students are compact whatever the recipe. align_centre: the teacher the student is contrasted with; it also takes
    the text's place in the cross-correspondence. positives: which texts of a batch count as a row's own, those of its
    label or only the same caption (equation 2 as it stands). A term whose weight is 0 is left out. share: the part of
    the training things of each label that a modality's student may see; below 1 the modality is scarce. least_steps:
    what is scarce is seen more often, until there are so many. sizes: of the modalities whose size is another.
    """

    recipe: Recipe = "compact"
    size: StudentSize = "small"
    sizes: dict[Modality, StudentSize] = field(default_factory=dict)
    align_centre: Teacher = "text"
    positives: Positives = "label"
    weight_contrast: NonNegativeFloat = 1.0
    weight_cross: NonNegativeFloat = 1.0
    weight_self: NonNegativeFloat = 1.0
    mask_diagonal: bool = True
    epochs: PositiveInt = 16
    least_steps: NonNegativeInt = 0
    batch: PositiveInt = 128
    learning_rate: PositiveFloat = 2e-3
    lora_rank: PositiveInt = 8
    lora_alpha: PositiveInt = 16
    share: dict[Modality, Annotated[float, Field(gt=0, le=1)]] = field(default_factory=dict)
    text_steps: PositiveInt = 600
    text_phrases: NonNegativeInt = 6000

    def size_of(self, modality: Modality) -> StudentSize:
        """The size of a modality's student."""
        return self.sizes.get(modality, self.size)

    @model_validator(mode="after")
    def _teaches_something(self) -> Self:
        if not (self.weight_contrast or self.weight_cross or self.weight_self):
            raise ValueError("give at least one of weight_contrast, weight_cross and weight_self a value above 0")
        return self


@dataclass(frozen=True, config=STRICT)
class FuseConfig:
    """Training of fusion heads on embeddings of frozen students.

    heads: which ones, by their names in `training.fusion.heads.registry`; the bundle's is `reliable`. The weights are
    those of the recognition's cross-entropy and of the contrast to mistaken labels (OmniBind, equation 9).
    """

    heads: tuple[str, ...] = ("reliable",)
    steps: PositiveInt = 1200
    batch: PositiveInt = 256
    learning_rate: PositiveFloat = 1e-3
    most_tokens: PositiveInt = 8
    corrupted_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    weight_recognition: NonNegativeFloat = 1.0
    weight_negatives: NonNegativeFloat = 1.0


@dataclass(frozen=True, config=STRICT)
class CalibrateConfig:
    """Temperature and abstention threshold by number of live tokens.

    corrupted_share: of the sets they are fitted on. On clean sets alone many sensors are never wrong, which would teach
    a certainty that the first broken sensor disproves.
    """

    coverage: Annotated[float, Field(gt=0, le=1)] = 0.95
    corrupted_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    most_tokens: PositiveInt = 8
    draws: PositiveInt = 4


@dataclass(frozen=True, config=STRICT)
class TrainingConfig:
    """Everything that decides what a run makes, besides the code."""

    name: str = "omnibind-sim"
    seed: int = 0
    modalities: tuple[Modality, ...] = tuple(Modality)
    data: DataConfig = DataConfig()
    match: MatchConfig = MatchConfig()
    cache: CacheConfig = CacheConfig()
    simulate: SimulateConfig = SimulateConfig()
    teach: TeachConfig = TeachConfig()
    distil: DistilConfig = DistilConfig()
    fuse: FuseConfig = FuseConfig()
    calibrate: CalibrateConfig = CalibrateConfig()

    @property
    def sensed(self) -> tuple[Modality, ...]:
        """The modalities with a sensor: all but text."""
        return tuple(modality for modality in self.modalities if modality is not Modality.TEXT)
