"""A board's published figures, each with its source: config/hardware/*.yaml, or a file of the user's."""

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, PositiveFloat, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass
from typing_extensions import Self

from omnibind_ros.errors import ConfigurationError
from training.config import STRICT

SHIPPED = Path(__file__).parents[2] / "config" / "hardware"

# Values of the node's parameter `precision`.
Precision = Literal["fp32", "fp16", "int8"]
Share = Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True, config=STRICT)
class Source:
    """Where figures come from. read: whether the page itself was read, or somebody's quotation of it."""

    title: str
    address: Annotated[str, Field(pattern=r"^https?://")]
    read: Literal["original", "quotation"]


@dataclass(frozen=True, config=STRICT)
class Figure:
    """A number as it is published.

    source: a key of the board's `sources`. sparse: it counts the zeros of 2:4 sparse weights, so that dense networks,
    which ours are, reach half. derived: how it follows from what the source says, where that does not give it itself.
    """

    value: PositiveFloat
    source: str
    sparse: bool = False
    derived: str = ""

    @property
    def dense(self) -> float:
        """What dense networks can reach."""
        return self.value / 2 if self.sparse else self.value


@dataclass(frozen=True, config=STRICT)
class Software:
    """The version of the runtime that boards in the field have, and what brings it."""

    version: str
    shipped_with: str
    source: str


@dataclass(frozen=True, config=STRICT)
class Assumed:
    """What nobody publishes.

    compute, bandwidth: shares of the peaks that one small input reaches. overhead_ms: of one inference, whatever its
    network: copies, launch, waiting.
    """

    compute: Share
    bandwidth: Share
    overhead_ms: PositiveFloat


@dataclass(frozen=True, config=STRICT)
class Board:
    """A board. peak: tera-operations a second by precision. bandwidth: GB/s. memory: GB.

    power_modes: the first is the one of the other figures; each with its peak of int8, or None where that is not
    published. A board that runs ONNX Runtime is the computer that measures, and needs no figures.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]
    title: str
    runtime: Literal["tensorrt", "tensorrt_rtx", "onnxruntime"]
    sources: dict[str, Source] = field(default_factory=dict)
    peak: dict[Precision, Figure] = field(default_factory=dict)
    bandwidth: Figure | None = None
    memory: Figure | None = None
    power_modes: dict[str, Figure | None] = field(default_factory=dict)
    software: Software | None = None
    assumed: Assumed | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if not self.measured:
            missing = [name for name in ("bandwidth", "assumed") if getattr(self, name) is None]
            missing += [] if "fp32" in self.peak else ["peak.fp32"]
            if missing:
                raise ValueError(f"a board that is not measured needs {', '.join(missing)}")
        named = {figure.source for figure in self.figures()} | ({self.software.source} if self.software else set())
        unknown = named - set(self.sources)
        if unknown:
            raise ValueError(f"`sources` has no {', '.join(sorted(unknown))}")
        return self

    @property
    def measured(self) -> bool:
        """Whether students are measured here instead of estimated from figures."""
        return self.runtime == "onnxruntime"

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """What the board can compute in."""
        return ("fp32", "int8") if self.measured else tuple(self.peak)

    def figures(self) -> tuple[Figure, ...]:
        """Every figure there is."""
        return tuple(filter(None, [*self.peak.values(), self.bandwidth, self.memory, *self.power_modes.values()]))

    def share_of_peak(self, power_mode: str | None) -> float:
        """The peak in a power mode, as a share of that in the first one.

        Raises ConfigurationError for a mode that the board has not, or of which no figure is published.
        """
        if power_mode is None:
            return 1.0
        known = [name for name, figure in self.power_modes.items() if figure]
        mode, first = self.power_modes.get(power_mode), next(iter(self.power_modes.values()), None)
        if mode is None or first is None:
            raise ConfigurationError(
                f"there are no figures for the power mode {power_mode!r}",
                remedy=f"choose one of {', '.join(known)}" if known else "leave it out",
                source=self.name,
            )
        return mode.dense / first.dense


def shipped_boards() -> list[str]:
    """Names of the boards in config/hardware/."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def load_board(name: str) -> Board:
    """A shipped board by its name, or one by the path of its file. Raises ConfigurationError, which names the key."""
    path = SHIPPED / f"{name}.yaml" if name in shipped_boards() else Path(name)
    remedy = f"give a file, or one of {', '.join(shipped_boards())}"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError("there is no such board", remedy=remedy, source=name) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"no YAML: {error}", remedy="correct the file", source=str(path)) from error
    try:
        return TypeAdapter(Board).validate_python(content)
    except ValidationError as error:
        problems = "; ".join(_problem(detail["loc"], detail["msg"]) for detail in error.errors())
        raise ConfigurationError(problems, remedy="correct the file", source=str(path)) from error


def _problem(location: tuple[int | str, ...], message: str) -> str:
    return f"`{'.'.join(map(str, location))}`: {message}" if location else message


def to_markdown(boards: Sequence[Board]) -> str:
    """The figures that estimates are made of, a row a board, and the sources below."""
    header = ["`--hardware`", "board", "fp32", "fp16", "int8", "GB/s", "GB", "runtime", "assumed"]
    lines = [header, ["---"] * len(header), *(_cells(board) for board in boards)]
    sources = [
        f"- `{board.name}`, `{key}`: [{source.title}]({source.address})"
        f"{'' if source.read == 'original' else ', as others quote it'}"
        for board in boards
        for key, source in board.sources.items()
    ]
    return "\n".join([*(f"| {' | '.join(cells)} |" for cells in lines), "", *sources])


def _cells(board: Board) -> list[str]:
    if board.measured:
        return [f"`{board.name}`", board.title, *["measured"] * 3, "", "", "ONNX Runtime", ""]
    peaks = [_cell(board.peak.get(precision)) for precision in ("fp32", "fp16", "int8")]
    software, assumed = board.software, board.assumed
    kind = "TensorRT for RTX" if board.runtime == "tensorrt_rtx" else "TensorRT"
    return [
        f"`{board.name}`",
        board.title,
        *peaks,
        _cell(board.bandwidth),
        _cell(board.memory),
        f"{kind} {software.version} ({software.shipped_with})" if software else kind,
        f"{assumed.compute:.0%} of the peak, {assumed.bandwidth:.0%} of GB/s, {assumed.overhead_ms} ms"
        if assumed
        else "",
    ]


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    published = f" ({figure.value:g} sparse)" if figure.sparse else ""
    how = f", {figure.derived}" if figure.derived else ""
    return f"{figure.dense:g}{published}, `{figure.source}`{how}"
