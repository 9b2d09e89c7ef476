import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection import train  # noqa: E402
from training.projection.embedding_table import EmbeddingTable  # noqa: E402
from training.projection.pairs import ABSENT, Pairs  # noqa: E402
from training.projection.train import CachedEmbeddings, ProjectConfig, retrieval_of, train_projector  # noqa: E402

SPACE = 8
CONFIG = ProjectConfig(hidden=64, epochs=20, batch=32, learning_rate=1e-2)


def table(vectors: np.ndarray) -> EmbeddingTable:
    return EmbeddingTable(tuple(map(str, range(len(vectors)))), vectors.astype(np.float32))


@pytest.fixture(scope="module")
def cached() -> CachedEmbeddings:
    """Sounds whose embeddings are a turned, stretched and noisy form of their texts' and pictures'."""
    generator = np.random.default_rng(0)
    text = generator.normal(size=(256, SPACE))
    audio = text @ generator.normal(size=(SPACE, 12)) * 20 + generator.normal(size=(256, 12))
    image = 3 * text + 0.3 * generator.normal(size=(256, SPACE))
    return CachedEmbeddings(Modality.AUDIO, table(audio), {Modality.TEXT: table(text), Modality.IMAGE: table(image)})


def pairs(rows: range, *modalities: Modality, target: float = 1.0) -> Pairs:
    row_P = torch.tensor(list(rows))
    return Pairs(row_P, {m: row_P.clone() for m in modalities}, torch.full((len(rows),), target), ("",) * len(rows))


def recall_of(folder, split: str) -> float:
    return json.loads((folder / "results.json").read_text())[split]["audio→text"]["1"]


def test_it_learns_to_find_what_it_was_not_trained_on(cached, tmp_path):
    held_out = pairs(range(200, 256), Modality.TEXT, Modality.IMAGE)
    train_projector(tmp_path, cached, [pairs(range(200), Modality.TEXT, Modality.IMAGE)], CONFIG, held_out)
    results = json.loads((tmp_path / "results.json").read_text())["split-1"]
    assert set(results) == {"audio→text", "text→audio", "audio→image", "image→audio"}
    assert all(recalls["1"] > 0.6 for recalls in results.values()), "chance is 1 in 56"


def test_each_pair_of_modalities_learns_its_own_temperature(cached, tmp_path):
    trained = train_projector(tmp_path, cached, [pairs(range(200), Modality.TEXT, Modality.IMAGE)], CONFIG)
    text, image = (trained.log_temperature[m].exp().item() for m in (Modality.TEXT, Modality.IMAGE))
    assert text != image
    assert text != pytest.approx(0.07, rel=1e-3)


def test_a_pair_without_a_modality_says_nothing_of_it(cached, tmp_path):
    some = pairs(range(64), Modality.TEXT, Modality.IMAGE)
    some.frozen[Modality.IMAGE][:] = ABSENT
    alone = pairs(range(64), Modality.TEXT)
    first = train_projector(tmp_path / "some", cached, [some], CONFIG)
    second = train_projector(tmp_path / "alone", cached, [alone], CONFIG)
    assert torch.equal(first.projector.first.weight, second.projector.first.weight)


def test_a_later_split_makes_the_first_forgotten_and_replay_keeps_it(cached, tmp_path):
    """The second split calls everything a match of something else."""
    first, second = pairs(range(128), Modality.TEXT), pairs(range(128, 256), Modality.TEXT)
    second.frozen[Modality.TEXT][:] = second.frozen[Modality.TEXT].flip(0)
    found = {}
    for replay in (0.0, 0.5):
        folder = tmp_path / str(replay)
        config = replace(CONFIG, replay=replay)
        train_projector(folder, cached, [first, second], config, held_out=first)
        found[replay] = recall_of(folder, "split-2")
    assert recall_of(tmp_path / "0.0", "split-1") > 0.8
    assert found[0.5] > found[0.0] + 0.1


def test_what_is_done_is_not_done_again_and_another_split_goes_on_from_it(cached, tmp_path, monkeypatch):
    splits = [pairs(range(64), Modality.TEXT), pairs(range(64, 128), Modality.TEXT)]
    trained_on = []
    whole = train.train_split
    monkeypatch.setattr(train, "train_split", lambda *given: trained_on.append(len(given[2])) or whole(*given))
    for count in (1, 1, 2):
        train_projector(tmp_path, cached, splits[:count], CONFIG)
    assert trained_on == [1, 2]
    train_projector(tmp_path, cached, [splits[1]], CONFIG)
    assert trained_on == [1, 2, 1], "other pairs are another split"


def test_training_that_broke_off_ends_as_if_it_had_not(cached, tmp_path, monkeypatch):
    splits = [pairs(range(128), Modality.TEXT)]
    whole = train_projector(tmp_path / "whole", cached, splits, CONFIG)
    real, calls = train.soft_target_loss, []

    def breaks(*given):
        calls.append(given)
        if len(calls) == 23:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(train, "soft_target_loss", breaks)
    with pytest.raises(KeyboardInterrupt):
        train_projector(tmp_path / "broken", cached, splits, CONFIG)
    resumed = train_projector(tmp_path / "broken", cached, splits, CONFIG)
    assert len(calls) < 23 + 80, "it did not begin anew"
    for name, value in whole.projector.state_dict().items():
        assert torch.equal(value, resumed.projector.state_dict()[name]), name


def test_losses_are_logged_by_modality(cached, tmp_path):
    train_projector(tmp_path, cached, [pairs(range(64), Modality.TEXT, Modality.IMAGE)], CONFIG)
    assert list((tmp_path / "split-1" / "tensorboard").iterdir())


def test_only_matches_are_looked_for(cached):
    projector = train.Projector(12, SPACE, 4)
    assert retrieval_of(projector, cached, pairs(range(9), Modality.TEXT, target=0.5)) == {}


def test_what_does_not_fit_is_refused(cached, tmp_path):
    with pytest.raises(ConfigurationError, match="of one space"):
        CachedEmbeddings(
            Modality.AUDIO, cached.projected, {Modality.TEXT: cached.projected, Modality.AUDIO: cached.projected}
        )
    with pytest.raises(ConfigurationError, match="no split"):
        train_projector(tmp_path, cached, [], CONFIG)
    with pytest.raises(ValueError, match="replay"):
        ProjectConfig(replay=1.0)
