import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from tiny_bundle import DIMENSION, LABELS, centres_file, tiny_description, unit_vectors, write_tiny_bundle

from omnibind_ros.errors import BundleError
from omnibind_ros.inference.bundle import load_bundle, parse_description
from omnibind_ros.inference.bundle_writer import write_bundle
from omnibind_ros.inference.embedding import space_number
from omnibind_ros.modality import Modality


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "tiny"
    write_tiny_bundle(folder)
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(pristine, tmp_path / "tiny"))


def edit(folder: Path, change) -> None:
    path = folder / "bundle.yaml"
    description = yaml.safe_load(path.read_text())
    change(description)
    path.write_text(yaml.safe_dump(description))


def test_a_good_bundle_tells_what_it_can(pristine: Path) -> None:
    bundle = load_bundle(pristine)
    assert bundle.name == "tiny"
    assert bundle.dimension == DIMENSION
    assert bundle.modalities == (Modality.IMAGE, Modality.THERMAL, Modality.AUDIO)
    assert bundle.space == space_number(bundle.description.space.id)
    assert bundle.centres_KkD.shape == (len(LABELS), 1, DIMENSION)
    assert bundle.content(bundle.description.model_card) == b"# Tiny\n"


def test_what_was_checked_is_what_is_used(folder: Path) -> None:
    bundle = load_bundle(folder)
    before = bundle.content(bundle.description.fusion)
    (folder / "fusion.onnx").write_bytes(b"something else")
    assert bundle.content(bundle.description.fusion) == before


@pytest.mark.parametrize("file", ["image.onnx", "fusion.onnx", "labels.safetensors", "model_card.md"])
def test_one_changed_byte_is_refused(folder: Path, file: str) -> None:
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)
    with pytest.raises(BundleError, match=rf"{file}: was changed: its SHA-256 .*copy the bundle again"):
        load_bundle(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "audio.onnx").unlink()
    with pytest.raises(BundleError, match=r"audio.onnx: cannot be read: No such file"):
        load_bundle(folder)


def test_a_folder_without_a_bundle_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle there.*parameter `bundle`"):
        load_bundle(tmp_path / "nowhere")


@pytest.mark.parametrize("version", [2, 0, "1", None, "new"])
def test_another_format_version_is_refused(folder: Path, version: object) -> None:
    edit(folder, lambda description: description.update(format=version))
    with pytest.raises(BundleError, match=r"bundle format .* is not known here, only 1"):
        load_bundle(folder)


@pytest.mark.parametrize(
    "path", ["../secret", "a/../../secret", "/etc/passwd", "./image.onnx", "a\\b", "C:/x", "image.onnx\n", "", "~/x"]
)
def test_a_path_that_leaves_the_folder_is_refused(folder: Path, path: str) -> None:
    edit(folder, lambda description: description["encoders"]["image"].update(file=path))
    with pytest.raises(BundleError, match=r"`encoders\.image\.file`"):
        load_bundle(folder)


def test_a_link_that_leaves_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.onnx"
    (folder / "image.onnx").rename(outside)
    (folder / "image.onnx").symlink_to(outside)
    with pytest.raises(BundleError, match=r"leads out of the bundle's folder .*replace the link"):
        load_bundle(folder)


def test_links_in_a_circle_are_refused(folder: Path) -> None:
    (folder / "image.onnx").unlink()
    (folder / "image.onnx").symlink_to("other.onnx")
    (folder / "other.onnx").symlink_to("image.onnx")
    with pytest.raises(BundleError, match=r"image\.onnx: cannot be read"):
        load_bundle(folder)


def test_a_bundle_behind_a_link_is_fine(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(folder)
    assert load_bundle(tmp_path / "current").name == "tiny"


@pytest.mark.parametrize("label", ["unknown", " Unknown"])
def test_a_label_that_means_that_none_fits_is_refused_with_the_remedy(folder: Path, label: str) -> None:
    edit(folder, lambda d: d["labels"].update(names=["mug", label, "bottle", "sponge"]))
    with pytest.raises(BundleError, match="the answer when no label fits .give that label another name in the data"):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda d: d["space"].update(dimension=1), r"space\.dimension"),
        (lambda d: d["space"].pop("id"), r"space\.id"),
        (lambda d: d.update(extra=1), "extra"),
        (lambda d: d["encoders"].update(smell=d["encoders"]["image"]), r"encoders\.smell"),
        (lambda d: d["encoders"]["image"].update(max_batch=0), r"encoders\.image\.max_batch"),
        (lambda d: d["encoders"]["image"].update(sha256="abc"), r"encoders\.image\.sha256"),
        (lambda d: d["encoders"]["image"]["input"].update(dtype="float64"), r"encoders\.image\.input\.dtype"),
        (lambda d: d["calibration"].update(temperatures=[]), r"calibration\.temperatures"),
        (lambda d: d["calibration"].update(temperatures=[0]), r"calibration\.temperatures\.0"),
        (lambda d: d["labels"].update(names=["mug", "mug", "bottle", "sponge"]), "labels"),
        (lambda d: d.update(encoders={}), "bundle"),
        (lambda d: d["encoders"]["image"]["preprocessing"].update(side="wide"), "preprocessing of image: `side`"),
        (lambda d: d["encoders"]["image"]["preprocessing"].update(tint=1), "preprocessing of image: `tint`"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(folder: Path, change, key: str) -> None:
    edit(folder, change)
    with pytest.raises(BundleError, match=key) as refused:
        load_bundle(folder)
    assert refused.value.source == str(folder / "bundle.yaml")


def test_an_input_shape_that_the_preprocessing_does_not_make_is_refused(folder: Path) -> None:
    edit(folder, lambda description: description["encoders"]["image"]["input"].update(shape=[3, 32, 32]))
    with pytest.raises(
        BundleError, match=r"image\.onnx: takes \[3, 32, 32\] but its preprocessing makes \[3, 64, 64\]"
    ):
        load_bundle(folder)


def with_centres(tmp_path: Path, content: bytes) -> None:
    write_tiny_bundle(tmp_path / "tiny", labels=content)


@pytest.mark.parametrize(
    ("centres", "problem"),
    [
        (np.full((4, 1, DIMENSION), np.nan, np.float32), "not unit vectors"),
        (unit_vectors(4)[:, None] * 2, "not unit vectors"),
        (unit_vectors(3)[:, None], "for 4 labels"),
        (unit_vectors(4, dimension=8)[:, None], "dimension 16"),
        (unit_vectors(4), "three dimensions"),
        (unit_vectors(4)[:, None].astype(np.float64), "no float32 tensor"),
    ],
)
def test_unusable_centres_are_refused(tmp_path: Path, centres: np.ndarray, problem: str) -> None:
    with pytest.raises(BundleError, match=rf"labels\.safetensors: .*{problem}"):
        with_centres(tmp_path, centres_file(centres))


def other_safetensors(dtype: str, size: int) -> bytes:
    head = json.dumps({"centres": {"dtype": dtype, "shape": [size], "data_offsets": [0, 2 * size]}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(2 * size)


@pytest.mark.parametrize("content", [b"", b"no safetensors at all", other_safetensors("BF16", 4), centres_file()[:-4]])
def test_a_label_bank_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BundleError, match=r"labels\.safetensors: "):
        with_centres(tmp_path, content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a list",
        "format: [1",
        "key: !!python/object/apply:os.system [ls]",
        "[" * 5000,
        "licence: 2024-99-99",
        "\0",
    ],
)
def test_a_description_that_is_no_description_is_refused(folder: Path, text: str) -> None:
    (folder / "bundle.yaml").write_text(text)
    with pytest.raises(BundleError, match=r"bundle\.yaml"):
        load_bundle(folder)


def test_a_description_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "bundle.yaml").write_bytes(b"format: 1\nname: \xff\xfe")
    with pytest.raises(BundleError, match="not readable YAML"):
        load_bundle(folder)


def test_a_huge_description_is_refused_unread(folder: Path) -> None:
    (folder / "bundle.yaml").write_text("#" * (5 * 1024 * 1024))
    with pytest.raises(BundleError, match="larger than any description"):
        load_bundle(folder)


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 4000))
def test_a_truncated_description_is_refused_or_whole(pristine: Path, tmp_path_factory, cut: int) -> None:
    text = (pristine / "bundle.yaml").read_text()
    folder = tmp_path_factory.mktemp("cut")
    (folder / "bundle.yaml").write_text(text[:cut])
    with pytest.raises(BundleError):
        load_bundle(folder)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(raw=anything)
def test_any_description_is_parsed_or_refused_with_a_bundle_error(raw: object) -> None:
    with pytest.raises(BundleError):
        parse_description(raw, source="bundle.yaml")


DESCRIPTION, _ = tiny_description()


@settings(max_examples=100, deadline=None)
@given(key=st.sampled_from(sorted(DESCRIPTION)), replacement=anything)
def test_any_value_at_any_key_is_taken_or_refused_with_a_bundle_error(key: str, replacement: object) -> None:
    try:
        parse_description({"format": 1, **DESCRIPTION, key: replacement}, source="bundle.yaml")
    except BundleError as error:
        assert key in str(error) or "`bundle`" in str(error)


def taught(folder: Path, **tensors: np.ndarray) -> None:
    """Write a bundle with two examples of its labels; tensors: what is different in them."""
    keys = {"keys": unit_vectors(2, seed=3), "key_labels": np.array([1, 3]), **tensors}
    labels = save({"centres": unit_vectors(len(LABELS))[:, None], **keys})
    description, contents = tiny_description(labels=labels)
    description["labels"]["examples"] = {"alpha": 1.0, "beta": 10.0}
    write_bundle(folder, description, contents)


def test_examples_of_labels_are_read(tmp_path: Path) -> None:
    taught(tmp_path / "taught")
    examples = load_bundle(tmp_path / "taught").examples
    assert examples is not None
    assert (examples.alpha, examples.beta, examples.label_M.tolist()) == (1.0, 10.0, [1, 3])


@pytest.mark.parametrize(
    ("tensors", "problem"),
    [
        ({"keys": unit_vectors(2) * 2}, "keys that are not unit vectors"),
        ({"keys": unit_vectors(2, dimension=DIMENSION + 1)}, "keys of shape"),
        ({"keys": unit_vectors(3)}, "do not name one of 4 labels for each key"),
        ({"key_labels": np.array([1, 4])}, "do not name one of 4 labels for each key"),
        ({"key_labels": np.array([1.0, 2.0])}, "do not name one of 4 labels for each key"),
    ],
)
def test_examples_that_cannot_be_are_refused(tmp_path: Path, tensors: dict[str, np.ndarray], problem: str) -> None:
    with pytest.raises(BundleError, match=problem):
        taught(tmp_path / "taught", **tensors)


def test_examples_that_are_named_have_to_be_there(folder: Path) -> None:
    edit(folder, lambda description: description["labels"].update(examples={"alpha": 1.0, "beta": 10.0}))
    with pytest.raises(BundleError, match="no tensors `keys` and `key_labels`"):
        load_bundle(folder)
