import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.fusion.heads.registry import HEADS
from training.reproduce.suite import QUICK_SEEDS, SEEDS, SUITES, load_suite


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_compares_every_head_over_three_seeds(name):
    whole, quick = load_suite(name, quick=False), load_suite(name, quick=True)
    assert set(whole.config.fuse.heads) == set(quick.config.fuse.heads) == set(HEADS)
    assert (whole.seeds, quick.seeds) == (SEEDS, QUICK_SEEDS)
    assert whole.folder != quick.folder
    assert whole.config.modalities == quick.config.modalities
