from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from recorded_bag import START_NS, sensors, write_bag
from tiny_bundle import write_tiny_bundle

from omnibind_ros.errors import ConfigurationError, MessageError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.resources import bundle_folder
from omnibind_ros.recognition.label_bank import LabelBank
from omnibind_ros.retrieval.sighting import Sighting
from omnibind_ros.simulation.objects import HELD_OUT_SEED
from omnibind_ros.simulation.samples import draw_sample
from training.data.folders import read_folders
from training.retrieval.sightings import (
    sightings_of_bag,
    sightings_of_recordings,
    sightings_of_split,
)


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load_bundle(bundle_folder("omnibind-sim"))


def write_recordings(folder: Path, labels: Sequence[str]) -> Path:
    """Colour and thermal pictures of simulated objects, one of each label."""
    for label in labels:
        sample = draw_sample(label, HELD_OUT_SEED + 3)
        for modality, pixels in (("image", sample.rgb[:, :, ::-1]), ("thermal", sample.thermal)):
            place = folder / modality / label.replace(" ", "_")
            place.mkdir(parents=True)
            cv2.imwrite(str(place / "one.png"), pixels)
    return folder


def recognised(seen: Sighting, bundle: Bundle) -> str:
    bank = LabelBank(bundle.description.labels.names, bundle.centres_KkD)
    return bank.names[int(bank.similarity(seen.vector[None])[0].argmax())]


def test_recordings_of_one_id_are_one_sighting_as_the_robot_would_see_it(tmp_path: Path, shipped: Bundle) -> None:
    folder = write_recordings(tmp_path / "mine", ["hammer", "rubber duck"])
    seen = list(sightings_of_recordings(read_folders(folder), shipped))
    assert [(one.label, one.frame_id) for one in seen] == [
        ("hammer", "hammer/one"),
        ("rubber duck", "rubber_duck/one"),
    ]
    assert [recognised(one, shipped) for one in seen] == ["hammer", "rubber duck"]
    assert {one.modalities for one in seen} == {frozenset({Modality.IMAGE, Modality.THERMAL})}
    first = min(path.stat().st_mtime_ns for path in folder.rglob("hammer/*.png"))
    assert (seen[0].stamp_ns, seen[0].score, seen[0].space) == (first, 1.0, shipped.space)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, shipped: Bundle) -> None:
    folder = write_recordings(tmp_path / "mine", ["hammer"])
    (folder / "image" / "hammer" / "one.png").write_bytes(b"no picture")
    with pytest.raises(MessageError, match="one.png"):
        list(sightings_of_recordings(read_folders(folder), shipped))


def test_every_row_of_a_split_is_a_sighting(splits, shipped: Bundle) -> None:
    samples = splits["test"]
    seen = list(sightings_of_split(samples._folder, shipped))
    assert [one.label for one in seen] == [samples.labels[label] for label in samples.label_N.tolist()]
    assert seen[5].frame_id == "row 5"
    assert np.linalg.norm([one.vector for one in seen], axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_split_of_other_inputs_is_refused(splits, tmp_path: Path) -> None:
    from tiny_bundle import encoder_network, tiny_description  # noqa: PLC0415

    from omnibind_ros.inference.bundle_writer import write_bundle  # noqa: PLC0415
    from omnibind_ros.preprocessing import image  # noqa: PLC0415

    small = image.PRESETS["compact"].model_copy(update={"side": 32})
    description, contents = tiny_description(image=encoder_network(small.input_shape))
    description["encoders"]["image"]["preprocessing"] = small.model_dump(mode="json")
    description["encoders"]["image"]["input"]["shape"] = list(small.input_shape)
    bundle = write_bundle(tmp_path / "small", description, contents)
    with pytest.raises(ConfigurationError, match=r"image inputs are \(3, 64, 64\), the bundle tiny takes \(3, 32"):
        list(sightings_of_split(splits["test"]._folder, bundle))


def test_a_bag_is_seen_as_a_node_would_have(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "tiny")
    bag = write_bag(tmp_path / "drive", sensors(2.0))
    seen = list(sightings_of_bag(bag, bundle, None, ""))
    assert len(seen) > 10
    assert all(START_NS <= one.stamp_ns <= START_NS + 2 * 10**9 for one in seen)
    assert seen[-1].modalities == {Modality.IMAGE, Modality.THERMAL, Modality.AUDIO}
    config = tmp_path / "robot.yaml"
    config.write_text(
        "/**: {ros__parameters: {sources: [eye], max_rate: 2.0, eye: {modality: image, topic: image_raw}}}\n"
    )
    rarely = list(sightings_of_bag(bag, bundle, config, "camera"))
    assert 3 <= len(rarely) <= 5
    assert {one.modalities for one in rarely} == {frozenset({Modality.IMAGE})}
