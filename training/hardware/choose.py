"""Which size and precision each encoder gets, so that all of them and the fusion head fit a budget."""

from collections.abc import Iterable
from dataclasses import dataclass

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.config import StudentSize
from training.hardware.board import Board, Precision
from training.hardware.cost import Costs, Option

# A step to `small` counts twice one to `base`: several encoders of middle size are better than one large and one tiny.
_GAIN: dict[StudentSize, int] = {"nano": 0, "small": 2, "base": 3}
# Less than any step of size, in all modalities together.
_LOSS: dict[Precision, int] = {"fp32": 0, "fp16": 1, "int8": 2}
_SIZE_OVER_PRECISION = 1 + max(_LOSS.values()) * len(Modality)


class BudgetError(ConfigurationError):
    """A budget that even the smallest encoders exceed. least_ms: what they take."""

    def __init__(self, budget_ms: float, least_ms: float) -> None:
        self.least_ms = least_ms
        super().__init__(
            f"nothing fits {budget_ms:g} ms: the smallest encoders and the fusion head take {least_ms:.3f} ms",
            remedy="allow more, leave modalities out, or choose another board or power mode",
        )


@dataclass(frozen=True)
class Plan:
    """One option a modality; their milliseconds, one after the other, are within the budget."""

    options: tuple[Option, ...]
    fusion_ms: float
    budget_ms: float

    @property
    def total_ms(self) -> float:
        """All encoders and the fusion head."""
        return self.fusion_ms + sum(option.milliseconds for option in self.options)

    @property
    def sizes(self) -> dict[Modality, StudentSize]:
        """The size of each student."""
        return {option.modality: option.size for option in self.options}

    @property
    def precision(self) -> Precision:
        """What the node's parameter `precision` has to be: encoders without a file in it run in fp32."""
        return max((option.precision for option in self.options), key=_LOSS.__getitem__)


def choose(costs: Costs, budget_ms: float) -> Plan:
    """The plan with the largest students, of these the one of the highest precision, of these the fastest; exact.

    A node has one precision, and runs encoders that have no file in it in fp32: a plan mixes no more than that.
    Raises BudgetError when nothing fits.
    """
    reduced = {option.precision for option in costs.options}
    found = [best for precision in sorted(reduced) if (best := _best(costs, precision, budget_ms)) is not None]
    if not found:
        raise BudgetError(budget_ms, _least(costs, reduced))
    _, options = max(found, key=lambda plan: (plan[0], -sum(option.milliseconds for option in plan[1])))
    return Plan(options, costs.fusion_ms, budget_ms)


def _least(costs: Costs, reduced: Iterable[Precision]) -> float:
    least = [
        sum(min(option.milliseconds for option in options) for options in _by_modality(costs, precision))
        for precision in reduced
    ]
    return costs.fusion_ms + min(least, default=0.0)


def _by_modality(costs: Costs, precision: Precision) -> list[list[Option]]:
    usable = [option for option in costs.options if option.precision in ("fp32", precision)]
    modalities = dict.fromkeys(option.modality for option in costs.options)
    return [[option for option in usable if option.modality is modality] for modality in modalities]


def _best(costs: Costs, precision: Precision, budget_ms: float) -> tuple[int, tuple[Option, ...]] | None:
    """The best score within the budget, and how it is reached: the fastest way to every score, modality by modality."""
    fastest: dict[int, tuple[float, tuple[Option, ...]]] = {0: (costs.fusion_ms, ())}
    for options in _by_modality(costs, precision):
        longer: dict[int, tuple[float, tuple[Option, ...]]] = {}
        for score, (milliseconds, chosen) in fastest.items():
            for option in options:
                total, reached = milliseconds + option.milliseconds, score + _score(option)
                if total <= budget_ms and total < longer.get(reached, (float("inf"),))[0]:
                    longer[reached] = (total, (*chosen, option))
        fastest = longer
    if not fastest:
        return None
    best = max(fastest)
    return best, fastest[best][1]


def _score(option: Option) -> int:
    return _SIZE_OVER_PRECISION * _GAIN[option.size] - _LOSS[option.precision]


def to_markdown(plan: Plan, board: Board) -> str:
    """The plan as a table."""
    rows = [[str(option.modality), option.size, option.precision, option.milliseconds] for option in plan.options]
    rows += [["fusion head", "", "fp32", plan.fusion_ms], ["**total**", "", "", plan.total_ms]]
    rows += [["budget", "", "", plan.budget_ms], ["margin", "", "", plan.budget_ms - plan.total_ms]]
    how = "measured" if board.measured else "estimated"
    lines = [f"| modality | size | precision | {how} ms |", "| --- | --- | --- | ---: |"]
    lines += [f"| {name} | {size} | {precision} | {value:.3f} |" for name, size, precision, value in rows]
    return "\n".join(lines)
