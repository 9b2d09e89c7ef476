"""The step `precision`: encoders in lower precision for TensorRT and for CPUs."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.modality import Modality
from training.data.sample_set import SampleSet
from training.precision.compare import Samples
from training.precision.reduce import REDUCTIONS, reduce_bundle
from training.run import Run
from training.step import Step
from training.students.tokens import tokens_of

_CALIBRATED_ON = 256


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--modality", type=Modality, action="append", choices=list(Modality), help="only this one; may be repeated"
    )
    parser.add_argument(
        "--precision", action="append", choices=REDUCTIONS, help="only this one; may be repeated (all of them)"
    )


def _precision(run: Run, options: Namespace) -> None:
    reductions = tuple(options.precision or REDUCTIONS)
    modalities = tuple(options.modality or run.config.modalities)

    def reduce(folder: Path) -> None:
        bundle = load_bundle(run.output)
        known, unseen = run.split("train"), run.split("test")
        reduce_bundle(
            bundle,
            run.output,
            folder,
            modalities=_with_samples(modalities, bundle, known, unseen),
            reductions=reductions,
            calibration=lambda modality: some_samples(known, modality, bundle, run.config.seed, _CALIBRATED_ON),
            held_out=lambda modality: some_samples(unseen, modality, bundle, run.config.seed),
        )

    settings = [list(reductions), list(map(str, modalities)), str(run.output)]
    run.perform("precision", reduce, settings, ("bundle",), force=options.force)


def some_samples(split: SampleSet, modality: Modality, bundle: Bundle, seed: int, count: int | None = None) -> Samples:
    """Samples of a split that the robot would not refuse: `count` random ones, or all. Text is what a person might say.

    Raises ConfigurationError when the bundle has not the labels of the split.
    """
    names = bundle.description.labels.names
    unknown = set(split.labels) - set(names)
    if unknown:
        raise ConfigurationError(
            f"the bundle has no label {', '.join(sorted(unknown))}", remedy="make it from this data: step `bundle`"
        )
    is_text = modality is Modality.TEXT
    row_N = torch.arange(len(split)) if is_text else split.usable(modality)
    if count is not None:
        row_N = row_N[torch.randperm(len(row_N), generator=torch.Generator().manual_seed(seed))[:count]]
    input_N = _tokens(split, bundle)[row_N.numpy()] if is_text else split.inputs(modality)[row_N].numpy()
    label_of_row = np.array([names.index(split.labels[label]) for label in split.label_N[row_N].tolist()], np.int64)
    return Samples(input_N, label_of_row)


def _with_samples(modalities: Sequence[Modality], bundle: Bundle, *splits: SampleSet) -> list[Modality]:
    """The modalities that the bundle has and that can be compared; says which cannot."""
    has_samples = [{Modality.TEXT, *(m for m in split.modalities if len(split.usable(m)))} for split in splits]
    known = [modality for modality in modalities if modality in bundle.modalities]
    comparable = [modality for modality in known if all(modality in has for has in has_samples)]
    for modality in known:
        if modality not in comparable:
            print(f"{modality}: no samples to compare with, left out")
    return comparable


def _tokens(split: SampleSet, bundle: Bundle) -> NDArray[np.int64]:
    reference = bundle.description.tokenizer
    assert reference is not None  # noqa: S101 - a bundle with a text encoder has one
    tokens: NDArray[np.int64] = tokens_of(Tokenizer.from_str(bundle.content(reference).decode()), split.hints).numpy()
    return tokens


STEPS = (
    Step(
        "precision",
        "add encoders in half precision and int8 to the bundle, where they are as good as the original",
        _precision,
        ("bundle",),
        _arguments,
        in_all=False,
    ),
)
