from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from omnibind_ros.simulation.objects import HELD_OUT_SEED
from training.config import TrainingConfig
from training.config_file import load_config, shipped_path
from training.data import simulate as step
from training.data.sample_index import shard_path
from training.data.sample_set import SampleSet


def test_splits_share_no_instance_and_only_training_sees_training_seeds():
    seeds = {split: set(step.split_seeds(split, TrainingConfig())) for split in step.SPLITS}
    assert sum(map(len, seeds.values())) == len(set.union(*seeds.values()))
    for split in ("train", "fusion"):
        assert max(seeds[split]) < HELD_OUT_SEED
    for split in ("validation", "test"):
        assert min(seeds[split]) >= HELD_OUT_SEED


def test_another_seed_draws_other_instances():
    first, second = (step.split_seeds("train", replace(TrainingConfig(), seed=seed)) for seed in (0, 1))
    assert not set(first) & set(second)
    with pytest.raises(ValueError, match="too large"):
        step.split_seeds("train", replace(TrainingConfig(), seed=1_000_000))


def test_shards_hold_every_sensor_and_are_kept_by_a_second_run(tmp_path, monkeypatch):
    monkeypatch.setattr(step, "LABELS", ("mug", "spoon"))
    config = load_config(shipped_path("quick"))
    small = replace(
        config.simulate, train_per_label=2, fusion_per_label=1, validation_per_label=1, test_per_label=1, faulty_every=2
    )
    config = replace(config, simulate=small)
    step.simulate(tmp_path, config, code="one")
    train = SampleSet(tmp_path / "train")
    assert train.labels == ("mug", "spoon")
    assert train.modalities == config.sensed
    assert train.groups(Modality.TOUCH) == ["mug 0", "mug 1", "spoon 0", "spoon 1"]
    assert all(len(train.inputs(modality)) == 4 for modality in config.sensed)
    assert len(train.faulty(Modality.IMAGE)[0]) == 2
    assert "mug" in train.captions[0][0]
    assert "mug" not in train.hints[0]
    path = shard_path(tmp_path / "train", "mug")
    written = path.stat().st_mtime_ns
    step.simulate(tmp_path, config, code="one")
    assert path.stat().st_mtime_ns == written
