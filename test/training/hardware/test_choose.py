from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.hardware.board import load_board
from training.hardware.choose import BudgetError, Plan, choose, to_markdown
from training.hardware.cost import Costs, Option

SIZES, PRECISIONS = ("nano", "small", "base"), ("fp32", "fp16", "int8")
GAIN = {"nano": 0, "small": 2, "base": 3}


def costs(*, fusion_ms: float = 1.0, modalities=(Modality.IMAGE, Modality.TOUCH), **milliseconds: float) -> Costs:
    """Every modality takes as long; those of lower precision nine and eight tenths of that."""
    by_precision = dict(zip(PRECISIONS, (1.0, 0.9, 0.8), strict=True))
    return Costs(
        tuple(
            Option(modality, size, precision, milliseconds[size] * factor)
            for modality, size, (precision, factor) in product(modalities, SIZES, by_precision.items())
        ),
        fusion_ms,
    )


def picked(plan: Plan) -> list[tuple[str, str]]:
    return [(option.size, option.precision) for option in plan.options]


@pytest.mark.parametrize(
    ("budget_ms", "expected", "precision"),
    [
        (9.0, [("base", "fp32"), ("base", "fp32")], "fp32"),
        (8.9, [("base", "fp16"), ("base", "fp32")], "fp16"),
        (7.5, [("base", "int8"), ("base", "int8")], "int8"),
        (5.0, [("small", "fp32"), ("small", "fp32")], "fp32"),  # and not one base beside one nano
        (3.0, [("nano", "fp32"), ("nano", "fp32")], "fp32"),
    ],
)
def test_sizes_come_before_precision_and_middle_sizes_before_extremes(budget_ms, expected, precision) -> None:
    plan = choose(costs(nano=1, small=2, base=4), budget_ms)
    assert sorted(picked(plan)) == sorted(expected)
    assert plan.precision == precision
    assert plan.total_ms <= budget_ms


def test_a_plan_has_one_precision_beside_fp32() -> None:
    for budget_ms in (8.2, 8.0, 7.8, 7.6):
        used = {precision for _, precision in picked(choose(costs(nano=1, small=2, base=4), budget_ms))}
        assert len(used - {"fp32"}) <= 1


def test_an_impossible_budget_is_refused_with_the_least_that_is_reached() -> None:
    with pytest.raises(BudgetError, match=r"nothing fits 2.5 ms.* take 2.600 ms") as raised:
        choose(costs(nano=1, small=2, base=4), 2.5)
    assert raised.value.least_ms == pytest.approx(1 + 2 * 0.8)
    assert picked(choose(costs(nano=1, small=2, base=4), raised.value.least_ms)) == [("nano", "int8")] * 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=18, max_size=18),
    st.integers(3, 90),
)
def test_no_other_combination_within_the_budget_is_better(milliseconds: list[int], budget_ms: int) -> None:
    combinations = product((Modality.IMAGE, Modality.AUDIO), SIZES, PRECISIONS)
    options = [Option(*one, float(took)) for one, took in zip(combinations, milliseconds, strict=True)]
    images, sounds = options[:9], options[9:]
    allowed = [
        (one, other)
        for one, other in product(images, sounds)
        if len({one.precision, other.precision} - {"fp32"}) <= 1
        and 1 + one.milliseconds + other.milliseconds <= budget_ms
    ]

    def rank(pair: tuple[Option, ...]) -> tuple[int, int, float]:
        sizes = sum(GAIN[option.size] for option in pair)
        lost = sum(PRECISIONS.index(option.precision) for option in pair)
        return sizes, -lost, -sum(option.milliseconds for option in pair)

    if not allowed:
        with pytest.raises(BudgetError):
            choose(Costs(tuple(options), 1.0), budget_ms)
        return
    assert rank(choose(Costs(tuple(options), 1.0), budget_ms).options) == max(map(rank, allowed))


def test_the_table_has_every_encoder_the_total_and_the_margin() -> None:
    table = to_markdown(choose(costs(nano=1, small=2, base=4), 10), load_board("cpu"))
    for row in (
        "| modality | size | precision | measured ms |",
        "| touch | base | fp32 | 4.000 |",
        "| fusion head |  | fp32 | 1.000 |",
        "| **total** |  |  | 9.000 |",
        "| margin |  |  | 1.000 |",
    ):
        assert row in table
