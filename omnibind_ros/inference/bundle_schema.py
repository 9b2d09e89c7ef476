"""What a `bundle.yaml` says. The format is described for users in docs/bundle.md."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from omnibind_ros.modality import Modality

FORMAT_VERSION = 1
# What is answered when no label fits; no label may be called so.
NO_LABEL = "unknown"

# A plain file name in the bundle's own folder or below it: no absolute path, no `..`, no backslash, no drive.
RelativePath = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$", max_length=200)
]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

# Types inside a network: half precision and QDQ integers for TensorRT, dynamically quantised integers for CPUs.
Reduction = Literal["fp16", "int8", "int8_cpu"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileReference(_Section):
    """A file of the bundle and the SHA-256 of its bytes."""

    file: RelativePath
    sha256: Sha256


class Space(_Section):
    """The embedding space all encoders of the bundle share; vectors of two spaces never mix."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    dimension: Annotated[int, Field(ge=2, le=8192)]


class InputDescription(_Section):
    """Shape (without the batch) and type of an encoder's input."""

    shape: tuple[Annotated[int, Field(ge=1)], ...]
    dtype: Literal["float32", "int64"]


class ReducedEncoder(FileReference):
    """An encoder in lower precision, and how it compares with the original on samples it was not calibrated on.

    cosine: mean of both embeddings of a sample. top_1_change: share of samples whose best label became another one.
    accuracy_loss: share of samples recognised less; negative for more.
    """

    cosine: Annotated[float, Field(ge=-1, le=1)]
    top_1_change: Annotated[float, Field(ge=0, le=1)]
    accuracy_loss: Annotated[float, Field(ge=-1, le=1)]


class EncoderDescription(FileReference):
    """One modality's encoder: an ONNX file, and the preprocessing with every constant it was trained with.

    reduced: the same in lower precision, with inputs and outputs of the same types.
    """

    input: InputDescription
    preprocessing: dict[str, Any]
    max_batch: Annotated[int, Field(ge=1, le=1024)]
    reduced: dict[Reduction, ReducedEncoder] = {}


class FusionDescription(FileReference):
    """The fusion head: an ONNX file that takes embeddings, modality numbers, qualities and the live mask."""

    name: Annotated[str, Field(min_length=1)]


class ExamplesDescription(_Section):
    """How much the labelled examples of the label bank count: `inference.label_examples.LabelExamples`."""

    alpha: Annotated[float, Field(gt=0)]
    beta: Annotated[float, Field(gt=0)]


class LabelDescription(FileReference):
    """The label bank: a safetensors file with `centres` (K, k, D) float32, and the K names in its order.

    examples: where some labels were taught by examples; the file then has `keys` (M, D) float32, their embeddings, and
    `key_labels` (M,) int64, the number of each one's label.
    """

    names: Annotated[tuple[str, ...], Field(min_length=2)]
    examples: ExamplesDescription | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if len(set(self.names)) != len(self.names):
            raise ValueError("label names must be unique")
        if any(not name.strip() for name in self.names):
            raise ValueError("label names must not be empty")
        return self


class CalibrationDescription(_Section):
    """Temperature and abstention threshold by number of fused embeddings: entry i is for i + 1, the last for more."""

    temperatures: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)]
    thresholds: Annotated[tuple[Annotated[float, Field(ge=0, le=1)], ...], Field(min_length=1)]
    coverage: Annotated[float, Field(gt=0, le=1)]


def is_unknown(label: str) -> bool:
    """Whether nobody could tell this label from the answer that no label fits."""
    return label.strip().casefold() == NO_LABEL


class BundleDescription(_Section):
    """The whole of `bundle.yaml`."""

    format: Literal[1]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]
    licence: Annotated[str, Field(min_length=1)]
    space: Space
    encoders: dict[Modality, EncoderDescription]
    tokenizer: FileReference | None = None
    fusion: FusionDescription
    labels: LabelDescription
    calibration: CalibrationDescription
    model_card: FileReference
    provenance: dict[str, Any]
    metrics: dict[str, Any]

    @model_validator(mode="after")
    def _text_has_a_tokenizer(self) -> Self:
        if not self.encoders:
            raise ValueError("a bundle needs at least one encoder")
        if Modality.TEXT in self.encoders and self.tokenizer is None:
            raise ValueError("the text encoder needs a tokenizer")
        return self

    def files(self) -> tuple[FileReference, ...]:
        """Every file the bundle refers to."""
        single = (self.fusion, self.labels, self.model_card, *((self.tokenizer,) if self.tokenizer else ()))
        reduced = (file for encoder in self.encoders.values() for file in encoder.reduced.values())
        return (*self.encoders.values(), *reduced, *single)
