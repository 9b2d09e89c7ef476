import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

import shutil  # noqa: E402
from dataclasses import replace  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.data.sample_index import SampleIndex  # noqa: E402
from training.fusion.embedded import save_embedded  # noqa: E402
from training.run import Run  # noqa: E402
from training.teachers.text_tower import encode_sentences  # noqa: E402


def run_with(tmp_path, config, **data) -> Run:
    return Run(tmp_path / "run", replace(config, data=replace(config.data, **data)), tmp_path / "bundle")


@pytest.mark.parametrize(("source", "step"), [("simulation", "simulate"), ("digits", "cache"), ("/data/mine", "cache")])
def test_samples_are_read_from_the_step_that_made_them(tiny_config, tmp_path, source, step):
    run = run_with(tmp_path, tiny_config, source=source)
    (tmp_path / "run" / step / "train").mkdir(parents=True)
    SampleIndex(["mug", "spoon"], [1], [["a spoon"]], ["it rings"]).save(tmp_path / "run" / step / "train")
    assert run.data_step == step
    assert run.labels == ("mug", "spoon")
    assert run.split("train").hints == ["it rings"]
    with pytest.raises(FileNotFoundError):
        run.split("test")


def test_embeddings_are_those_of_the_split_asked_for(tiny_config, tmp_path, sharp_embedded):
    run = run_with(tmp_path, tiny_config)
    save_embedded(sharp_embedded, run.step("embed/test"))
    assert torch.equal(run.embedded("test").embedding_MNVD, sharp_embedded.embedding_MNVD)
    with pytest.raises(FileNotFoundError):
        run.embedded("validation")


def test_there_is_a_student_to_train_for_every_modality_and_durations_of_what_is_done(tiny_config, tmp_path):
    run = run_with(tmp_path, replace(tiny_config, modalities=(Modality.TOUCH, Modality.TEXT)))
    assert run.distilled_steps == ("distil/touch", "distil/text")
    for step in run.distilled_steps:
        assert run.perform(step, lambda folder: None, {}, ())
    assert set(run.durations()) == set(run.distilled_steps)


def test_labels_that_nothing_was_trained_on_come_after_those_of_the_run(
    tiny_config, splits, taught, tmp_path, monkeypatch
):
    run = run_with(tmp_path, tiny_config, unseen=("lighthouse", "zebra crossing"))
    shutil.copytree(taught, run.step("teach"), dirs_exist_ok=True)
    monkeypatch.setattr(Run, "split", lambda self, name: splits[name])
    known, every = run.bank, run.bank_with_unseen
    assert known.names == splits["train"].labels
    assert every.names == (*known.names, "lighthouse", "zebra crossing")
    asked = run.teachers.projection(encode_sentences(["a photo of a lighthouse", "a photo of a zebra crossing"]))
    assert every.similarity(asked.numpy())[:, -2:].argmax(axis=1).tolist() == [0, 1]
