from dataclasses import replace
from types import SimpleNamespace

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.reproduce.ablation import ablation
from training.reproduce.suite import VARIANTS, Suite


@pytest.fixture
def run(tiny_config, splits, teachers, tmp_path):
    """A run of which the data and the teachers are made already; `settings` are those of the students it trained."""
    made = SimpleNamespace(
        config=replace(tiny_config, distil=replace(tiny_config.distil, epochs=1)),
        data_step="simulate",
        teachers=teachers,
        settings={},
        split=lambda name: splits["test" if name == "validation" else name],
        step=lambda name: tmp_path / name,
    )

    def perform(name, action, settings, after):
        assert after == ("simulate", "teach")
        made.step(name).mkdir(parents=True)
        made.settings[name] = settings
        action(made.step(name))

    made.perform = perform
    return made


def test_every_variant_of_every_ablated_modality_is_trained_and_measured(run):
    measured = ablation(run, Suite("sim", run.config, (Modality.THERMAL,), seeds=(0,)))
    assert list(measured) == ["thermal"]
    assert list(measured["thermal"]) == [variant.name for variant in VARIANTS]
    assert all(0 <= accuracy <= 1 for accuracy in measured["thermal"].values())
    weights = {(s["weight_cross"], s["weight_self"], s["align_centre"]) for s in run.settings.values()}
    assert len(weights) == len(VARIANTS)
