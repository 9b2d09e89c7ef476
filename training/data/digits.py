"""The real digits benchmark: MNIST images, N-MNIST event recordings, and voices of the Free Spoken Digit Dataset.

MNIST's test images 0 to 49 are the very digits of N-MNIST's test recordings 60001 to 60050: these are for testing, and
share their ids. Takes 0 to 4 of each speaker and digit are the test of the voices. Everything else is for training.
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from omnibind_ros.modality import Modality
from training.data.entries import Entry
from training.data.real_data import real_data_folder
from training.data.words import article

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_IMAGES = "image/mnist/t10k-images-idx3-ubyte.gz"
_LABELS = "image/mnist/t10k-labels-idx1-ubyte.gz"
_EVENTS = "event/nmnist"
_VOICES = "audio/fsdd_8k"
_PAIRED = 50
_FIRST_PAIRED_RECORDING = 60_001
_TEST_TAKES = 5
_WORDS = {
    "train": (
        "{digit}",
        "the digit {digit}",
        "number {digit}",
        "{article} {digit}",
        "the number {digit}",
        "{digit} it is",
    ),
    "fusion": ("this is {article} {digit}", "digit {digit}", "it reads {digit}"),
    "validation": ("that is {article} {digit}", "the figure {digit}", "it must be {digit}"),
    "test": ("it is {article} {digit}", "I see {article} {digit}", "looks like {digit}"),
}


def data_folder() -> Path:
    """Where the recordings lie. Raises ConfigurationError when they are not there."""
    return real_data_folder("the digits are", (_IMAGES, _LABELS, _EVENTS, _VOICES))


def digits_entries(folder: Path) -> list[Entry]:
    """Entries of the whole benchmark; training's splits are still to be drawn."""
    return [*_images(folder), *_events(folder), *_voices(folder), *_texts()]


def _images(folder: Path) -> Iterator[Entry]:
    labels = np.frombuffer(gzip.decompress((folder / _LABELS).read_bytes()), np.uint8, offset=8)
    for number, label in enumerate(labels.tolist()):
        yield Entry(
            id=f"mnist t10k {number}",
            modality=Modality.IMAGE,
            path=f"{folder / _IMAGES}#{number}",
            label=DIGITS[label],
            caption=f"a handwritten {DIGITS[label]}",
            split="test" if number < _PAIRED else "",
            group=f"mnist t10k {number}",
        )


def _events(folder: Path) -> Iterator[Entry]:
    for path in sorted((folder / _EVENTS).glob("*/*/*.bin")):
        label, split, number = int(path.parent.name), path.parts[-3], int(path.stem)
        test = split == "test"
        identity = f"mnist t10k {number - _FIRST_PAIRED_RECORDING}" if test else f"mnist train {number - 1}"
        yield Entry(
            id=identity,
            modality=Modality.EVENT,
            path=str(path),
            label=DIGITS[label],
            caption=f"the outline of a moving {DIGITS[label]}",
            split="test" if test else "",
            group=identity,
        )


def _voices(folder: Path) -> Iterator[Entry]:
    for path in sorted((folder / _VOICES).glob("*.wav")):
        found = re.fullmatch(r"(\d)_([a-z]+)_(\d+)", path.stem)
        if found is None:
            continue
        label, speaker, take = int(found[1]), found[2], int(found[3])
        yield Entry(
            id=f"voice {path.stem}",
            modality=Modality.AUDIO,
            path=str(path),
            label=DIGITS[label],
            caption=f"a voice says {DIGITS[label]}",
            split="test" if take < _TEST_TAKES else "",
            # the ten digits of one take were spoken in one go
            group=f"{speaker} take {take}",
        )


def _texts() -> Iterator[Entry]:
    """Other wordings in each split, so that a test is about words the students were not given."""
    for split, patterns in _WORDS.items():
        for digit in DIGITS:
            for pattern in patterns:
                text = pattern.format(digit=digit, article=article(digit))
                yield Entry(
                    id=f"text {text}",
                    modality=Modality.TEXT,
                    path="",
                    label=digit,
                    caption=text,
                    split=split,
                    group=f"text {text}",
                )
