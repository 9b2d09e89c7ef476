import json
from pathlib import Path

import numpy as np
import pytest
from tiny_bundle import SETTINGS, encoder_network, write_tiny_bundle

from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.inference.engines import network
from omnibind_ros.modality import Modality
from training.precision.compare import Samples
from training.precision.reduce import REDUCTIONS, reduce_bundle, reduced_file

SHAPE = SETTINGS[Modality.THERMAL].input_shape


def samples(modality: Modality) -> Samples:
    inputs = np.random.default_rng(0).normal(size=(8, *SETTINGS[modality].input_shape)).astype(np.float32)
    return Samples(inputs, np.zeros(8, np.int64))


def reduce(bundle: Bundle, folder: Path, reductions: tuple[str, ...] = REDUCTIONS) -> Bundle:
    report = folder / "report"
    report.mkdir(exist_ok=True)
    return reduce_bundle(
        bundle,
        bundle.folder,
        report,
        modalities=[Modality.THERMAL],
        reductions=reductions,
        calibration=samples,
        held_out=samples,
    )


def test_encoders_that_are_near_enough_are_added_and_used(tmp_path: Path) -> None:
    before = write_tiny_bundle(tmp_path / "tiny")
    after = reduce(before, tmp_path)
    assert {path.name for path in after.folder.glob("thermal*")} == {
        "thermal.onnx",
        "thermal.fp16.onnx",
        "thermal.int8.onnx",
        "thermal.int8_cpu.onnx",
    }
    reduced = after.description.encoders[Modality.THERMAL].reduced
    assert set(reduced) == set(REDUCTIONS)
    assert reduced["fp16"].cosine > 0.9999
    assert after.space == before.space
    assert network.encoder_network(after, Modality.THERMAL).precision == "fp16"
    assert network.encoder_network(after, Modality.IMAGE).precision == "fp32"


def test_one_that_is_not_is_refused_with_the_reason_in_the_report(tmp_path: Path) -> None:
    too_large_for_half = encoder_network(SHAPE, scale=1e6)
    after = reduce(write_tiny_bundle(tmp_path / "tiny", thermal=too_large_for_half), tmp_path)
    assert "fp16" not in after.description.encoders[Modality.THERMAL].reduced
    assert not (after.folder / "thermal.fp16.onnx").exists()
    rows = {row["precision"]: row for row in json.loads((tmp_path / "report" / "precision.json").read_text())}
    assert "< 0.999" in rows["fp16"]["refused"]
    assert f"no: {rows['fp16']['refused']}" in (tmp_path / "report" / "precision.md").read_text()


def test_done_again_it_replaces_what_was_there_and_keeps_the_rest(tmp_path: Path) -> None:
    first = reduce(write_tiny_bundle(tmp_path / "tiny"), tmp_path)
    again = reduce(first, tmp_path, ("int8_cpu",))
    assert again.description == first.description
    assert load_bundle(first.folder).description == first.description


def test_what_overflows_in_half_precision_only_is_refused_too(tmp_path: Path) -> None:
    # The weights are small enough, their sums are not; ONNX Runtime would not notice.
    after = reduce(write_tiny_bundle(tmp_path / "tiny", thermal=encoder_network(SHAPE, scale=5e3)), tmp_path, ("fp16",))
    assert not after.description.encoders[Modality.THERMAL].reduced
    (row,) = json.loads((tmp_path / "report" / "precision.json").read_text())
    assert row["cosine"] > 0.999
    assert row["refused"].endswith("beyond half precision")


@pytest.mark.parametrize("file", ["thermal.onnx", "encoders/thermal.onnx", "v1.2.onnx"])
def test_a_reduced_file_lies_beside_the_original(file: str) -> None:
    assert reduced_file(file, "fp16") == file.removesuffix(".onnx") + ".fp16.onnx"
