import shutil
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import pytest
from tiny_bundle import write_tiny_bundle

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.modality import Modality
from training.precision.steps import STEPS, some_samples
from training.run import Run

(PRECISION,) = STEPS


def options(*arguments: str):
    parser = ArgumentParser()
    PRECISION.arguments(parser)
    parsed = parser.parse_args(arguments)
    parsed.force = False
    return parsed


def test_samples_are_those_of_the_split_with_the_bundles_numbers_of_their_labels(splits, shipped: Bundle) -> None:
    split = splits["train"]
    samples = some_samples(split, Modality.IMAGE, shipped, seed=0)
    names = shipped.description.labels.names
    assert [names[label] for label in samples.label_N] == [split.labels[label] for label in split.label_N]
    np.testing.assert_array_equal(samples.input_N, split.inputs(Modality.IMAGE).numpy())


def test_some_of_the_samples_are_the_same_ones_every_time(splits, shipped: Bundle) -> None:
    first, second = (some_samples(splits["train"], Modality.THERMAL, shipped, seed=1, count=7) for _ in range(2))
    assert len(first.input_N) == len(first.label_N) == 7
    np.testing.assert_array_equal(first.input_N, second.input_N)


def test_text_becomes_tokens_of_the_bundles_tokenizer(splits, shipped: Bundle) -> None:
    samples = some_samples(splits["train"], Modality.TEXT, shipped, seed=0, count=5)
    assert samples.input_N.shape == (5, *shipped.description.encoders[Modality.TEXT].input.shape)
    assert samples.input_N.dtype == np.int64


@pytest.fixture
def run(tiny_config, splits, shipped: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run on the patches whose bundle is the shipped one."""
    output = tmp_path / "bundle"
    shutil.copytree(shipped.folder, output)
    made = Run(tmp_path / "run", tiny_config, output)
    made.perform("bundle", lambda folder: None, {}, ())
    monkeypatch.setattr(Run, "split", lambda self, name: splits[name])
    return made


def test_the_step_adds_to_the_bundle_once(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = options("--modality", "thermal", "--precision", "fp16")
    PRECISION.run(run, chosen)
    encoders = load_bundle(run.output).description.encoders
    assert set(encoders[Modality.THERMAL].reduced) == {"fp16"}
    assert not encoders[Modality.IMAGE].reduced
    assert (run.step("precision") / "precision.md").is_file()
    capsys.readouterr()
    PRECISION.run(run, chosen)
    assert "precision: done already" in capsys.readouterr().out


def test_a_modality_without_samples_is_left_out_and_told(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    PRECISION.run(run, options("--modality", "point", "--precision", "fp16"))
    assert "point: no samples to compare with" in capsys.readouterr().out
    assert not load_bundle(run.output).description.encoders[Modality.POINT].reduced


def test_a_bundle_of_other_labels_is_refused(splits, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the bundle has no label"):
        some_samples(splits["train"], Modality.IMAGE, write_tiny_bundle(tmp_path / "tiny"), seed=0)
