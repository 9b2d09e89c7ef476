import os

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("webdataset", reason="needs requirements/training.txt")

from omnibind_ros.modality import Modality  # noqa: E402
from training.scale import rates  # noqa: E402
from training.scale.rates import extraction_rates, one_core, training_rate  # noqa: E402


def test_every_encoder_is_measured(tiny, monkeypatch):
    monkeypatch.setattr(rates, "BACKBONES", {})
    measured = extraction_rates(tiny, 4)
    assert [one.modality for one in measured] == list(tiny.modalities)
    for one in measured:
        assert min(one.rate, one.network) > 0
        assert one.size == 16
        assert one.embedding_bytes > 2 * 16
    assert measured[0].recording_bytes > 1000


def test_a_backbone_that_is_not_here_is_left_out_with_a_word(tiny, monkeypatch, capsys):
    monkeypatch.setenv("OMNIBIND_TEST_DATA", "/nowhere")
    assert len(extraction_rates(tiny, 2)) == len(tiny.modalities)
    assert "mobilenet-v2 is left out" in capsys.readouterr().out


def test_training_is_measured_in_memory_and_from_shards(tiny):
    measured = training_rate(tiny, batch=16, steps=2)
    assert min(measured.cached, measured.streamed, measured.read) > 0
    assert (measured.size, measured.batch) == (16, 16)


def test_what_is_measured_runs_on_one_core_and_afterwards_all_are_there_again():
    before = os.sched_getaffinity(0)
    with one_core():
        assert len(os.sched_getaffinity(0)) == 1
        assert torch.get_num_threads() == 1
    assert os.sched_getaffinity(0) == before


def test_modalities_of_the_simulation_are_stored_as_recordings(tmp_path):
    listed = rates._recordings(tmp_path, 2)
    assert {entry.modality for entry in listed} == set(Modality)
    assert {entry.id for entry in listed} == {"000000", "000001"}
