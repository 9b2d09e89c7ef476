import pytest
from pydantic import ValidationError
from tiny_bundle import tiny_description

from omnibind_ros.inference.bundle_schema import BundleDescription, FileReference
from omnibind_ros.modality import Modality

HASH = "0" * 64


@pytest.mark.parametrize("file", ["image.onnx", "encoders/image-v1.2.onnx", "a/b/c", "_x", "model_card.md"])
def test_files_in_the_folder_and_below_can_be_named(file: str) -> None:
    assert FileReference(file=file, sha256=HASH).file == file


@pytest.mark.parametrize("file", ["..", "a/..", "../a", "/a", "a//b", "a/", ".hidden", "a b", "ä", "a\n", "x" * 201])
def test_anything_else_cannot(file: str) -> None:
    with pytest.raises(ValidationError):
        FileReference(file=file, sha256=HASH)


def test_every_file_is_listed_once_with_its_hash() -> None:
    description, contents = tiny_description()
    files = BundleDescription.model_validate({"format": 1, **description}).files()
    assert sorted(reference.file for reference in files) == sorted(contents)


def test_encoders_in_lower_precision_are_files_of_the_bundle_too() -> None:
    description, _ = tiny_description()
    half = {"file": "image.fp16.onnx", "sha256": HASH, "cosine": 1.0, "top_1_change": 0.0, "accuracy_loss": 0.0}
    description["encoders"]["image"]["reduced"] = {"fp16": half}
    parsed = BundleDescription.model_validate({"format": 1, **description})
    assert parsed.encoders[Modality.IMAGE].reduced["fp16"] in parsed.files()
    assert not parsed.encoders[Modality.AUDIO].reduced
    description["encoders"]["image"]["reduced"] = {"int4": half}
    with pytest.raises(ValidationError, match="int4"):
        BundleDescription.model_validate({"format": 1, **description})


def test_a_text_encoder_needs_a_tokenizer() -> None:
    description, _ = tiny_description()
    description["encoders"]["text"] = description["encoders"]["image"]
    with pytest.raises(ValidationError, match="needs a tokenizer"):
        BundleDescription.model_validate({"format": 1, **description})
    description["tokenizer"] = description["model_card"]
    parsed = BundleDescription.model_validate({"format": 1, **description})
    assert parsed.tokenizer in parsed.files()
    assert Modality.TEXT in parsed.encoders
