import json

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.reproduce import reproduce as module
from training.reproduce.suite import SEEDS, load_suite


def test_seeds_share_their_samples_and_end_in_one_table(results, tmp_path, monkeypatch):
    suite = load_suite("sim", quick=False)
    asked = []

    def train_all(name, function, jobs, workers):
        assert (name, function, workers) == ("sim", module.train_seed, 2)
        for suite_of_job, folder, seed in jobs:
            asked.append((suite_of_job, seed))
            evaluated = folder / f"seed-{seed}" / "evaluate"
            evaluated.mkdir(parents=True)
            for picture in ("heads", "robustness", "confidence", "confusion", "embeddings"):
                (evaluated / f"{picture}.png").write_bytes(b"picture")
            ablation = {"touch": {"contrast only": 0.5, "+ cross": 0.52, "+ self": 0.53, "all": 0.55 + seed / 100}}
            content = {**results, "ablation": ablation, "minutes": 1.5}
            (folder / f"seed-{seed}" / module.SUITE_FILE).write_text(json.dumps(content))

    performed = []
    monkeypatch.setattr(module, "run_jobs", train_all)
    monkeypatch.setattr(module, "_perform", lambda run, steps: performed.append([step.name for step in steps]))
    output = tmp_path / "results"
    found = module.reproduce(suite, tmp_path / "build", output, workers=2)
    assert performed == [["simulate", "index", "match", "cache"]], "the samples are drawn once"
    assert asked == [(suite, seed) for seed in SEEDS]
    assert found["ablation"]["touch"]["all"]["values"] == pytest.approx([0.55, 0.56, 0.57])
    assert json.loads((output / "sim.json").read_text())["targets"] == found["targets"]
    assert "| touch | 50.0 ± 0.0 |" in (output / "sim.md").read_text()
    assert (output / "sim_heads.png").read_bytes() == b"picture"


def test_a_seed_finds_the_samples_that_were_drawn(tmp_path, monkeypatch, results):
    suite = load_suite("sim", quick=True)
    drawn = tmp_path / "data" / "simulate"
    drawn.mkdir(parents=True)
    (drawn / "finished.json").write_text("{}")

    def perform(run, steps):
        assert (run.step("simulate") / "finished.json").exists()
        assert run.config.seed == 7
        (run.step("evaluate") / "results.json").write_text(json.dumps(results))

    monkeypatch.setattr(module, "_perform", perform)
    monkeypatch.setattr(module, "ablation", lambda run, suite: {"touch": {"all": 0.5}})
    (tmp_path / "seed-7").mkdir()
    module.train_seed(suite, tmp_path, 7)
    content = json.loads((tmp_path / "seed-7" / module.SUITE_FILE).read_text())
    assert content["ablation"] == {"touch": {"all": 0.5}}
    assert content["heads"] == results["heads"]
