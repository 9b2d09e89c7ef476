import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.scale.costs import costs_to_markdown, measured_to_markdown
from training.scale.rates import ExtractionRate, TrainingRate

EXTRACTION = [
    ExtractionRate(
        "small, image", Modality.IMAGE, rate=100.0, network=1000.0, recording_bytes=5e4, embedding_bytes=270.2, size=128
    )
]
TRAINING = TrainingRate(cached=4000.0, streamed=2000.0, read=50000.0, size=128, batch=2048)


def test_costs_are_what_the_rates_say():
    rows = dict(line.strip("| ").split(" | ", 1) for line in costs_to_markdown(EXTRACTION, TRAINING).splitlines()[2:])
    assert rows["extraction, small, image"] == "3 hours | 12 days | 116 days"
    assert rows["projector, 2 epochs from shards"] == "17 minutes | 28 hours | 12 days"
    assert rows["recordings, image"] == "50.0 GB | 5.0 TB | 50.0 TB"
    assert rows["embeddings of 128 numbers, float16"] == "270.0 MB | 27.0 GB | 270.0 GB"


def test_what_was_measured_is_told_with_the_computer():
    told = measured_to_markdown(EXTRACTION, TRAINING, "a computer")
    assert "On one core of: a computer." in told
    assert "| small, image | 100 | 1,000 | 50.0 kB | 128 | 270 B |" in told
    assert "| training from shards, all included | 2,000 |" in told
