import csv
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from safetensors.numpy import load_file  # noqa: E402
from tiny_bundle import write_tiny_bundle  # noqa: E402

from omnibind_ros.inference.bundle import load_bundle  # noqa: E402
from omnibind_ros.inference.bundle_writer import write_bundle  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.projection.embedding_table import load_table  # noqa: E402


@pytest.fixture
def split(splits) -> str:
    return str(splits["train"]._folder)


def test_from_samples_to_a_bundle_with_one_more_modality(split, tmp_path, capsys):
    """A sensor is added whose backbone is the thermal encoder of another bundle."""
    base = write_tiny_bundle(tmp_path / "base")
    whole = base.description.model_dump(mode="json", exclude={"format"})
    thermal = whole["encoders"].pop("thermal")
    backbone = tmp_path / "base" / thermal["file"]
    contents = {r.file: base.content(r) for r in base.description.files() if r.file != thermal["file"]}
    write_bundle(tmp_path / "poorer", whole, contents)
    picture, heat, projector = tmp_path / "image.parquet", tmp_path / "thermal.safetensors", tmp_path / "projector"
    for arguments in (
        ["cache-embeddings", split, picture, "--modality", "image", "--bundle", tmp_path / "poorer"],
        ["cache-embeddings", split, heat, "--modality", "thermal", "--backbone", backbone],
        [
            "project", projector, "--projected", f"thermal={heat}", "--frozen", f"image={picture}",
            "--batch", "32", "--hidden", "32",
        ],
        [
            "add-modality", tmp_path / "poorer", "--modality", "thermal", "--backbone", backbone,
            "--projector", projector / "projector.safetensors", "--output", tmp_path / "richer",
        ],
        ["cache-embeddings", split, heat, "--modality", "thermal", "--bundle", tmp_path / "richer"],
    ):  # fmt: skip
        assert main(list(map(str, arguments))) == 0, capsys.readouterr().out
    assert Modality.THERMAL in load_bundle(tmp_path / "richer").modalities
    assert load_table(heat).ids == load_table(picture).ids
    said = capsys.readouterr().out
    assert "temperature to image" in said
    assert "the fusion head was trained without thermal" in said


def test_texts_are_paired_and_pairs_are_measured(split, tmp_path, capsys):
    pytest.importorskip("faiss", reason="needs requirements/training.txt")
    texts, pictures, pairs = tmp_path / "text.safetensors", tmp_path / "image.safetensors", tmp_path / "pairs.csv"
    for modality, file in (("text", texts), ("image", pictures)):
        assert main(["cache-embeddings", split, str(file), "--modality", modality, "--bundle", "omnibind-sim"]) == 0
    assert main(["pair", str(texts), f"image={pictures}", str(pairs), "--item-uses", "3"]) == 0
    with pairs.open() as opened:
        rows = list(csv.DictReader(opened))
    assert rows
    assert len({row["text"] for row in rows}) == len(rows)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("text,image,label\n0,0,match\n0,1,perhaps\n")
    assert main(["zero-shot-pairs", f"text={texts}", f"image={pictures}", str(wrong)]) == 1
    assert "row 3, column `label`" in capsys.readouterr().out
    wrong.write_text("text,image,label\n0,0,match\n0,1,none\n")
    assert main(["zero-shot-pairs", f"text={texts}", f"image={pictures}", str(wrong)]) == 0
    assert "text→image by pair: " in capsys.readouterr().out


def test_centres_are_written_and_their_number_compared(split, tmp_path, capsys):
    rows = [
        {"id": f"{label} {number}", "category": label, "description": f"{phrase} {label}", "source": "a person"}
        for label in ("mug", "hammer", "sponge")
        for number, phrase in enumerate(("a red", "somebody's old", "the sound of a", "on the bench lies a"))
    ]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "knowledge.parquet")
    samples, categories = tmp_path / "text.safetensors", tmp_path / "categories.json"
    assert main(["cache-embeddings", split, str(samples), "--modality", "text", "--bundle", "omnibind-sim"]) == 0
    ids = load_table(samples).ids
    categories.write_text(json.dumps({name: ("mug", "hammer")[number % 2] for number, name in enumerate(ids)}))
    arguments = ["centres", str(tmp_path / "knowledge.parquet"), "--bundle", "omnibind-sim", "--count", "3"]
    arguments += ["--output", str(tmp_path / "centres.safetensors"), "--samples", str(samples)]
    arguments += ["--into", str(tmp_path / "workshop")]
    assert main([*arguments, "--categories", str(categories)]) == 0
    assert load_bundle(tmp_path / "workshop").description.labels.names == ("hammer", "mug", "sponge")
    assert load_file(tmp_path / "centres.safetensors")["centres"].shape == (3, 3, 128)
    assert "| 100 | 4 |" in capsys.readouterr().out
    assert main(arguments) == 1
    assert "--categories" in capsys.readouterr().out
    assert main([*arguments, "--categories", split]) == 1, "the split has labels that nobody described"


def test_a_wrong_option_is_told(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["project", str(tmp_path), "--projected", "smell=a.parquet", "--frozen", "text=b.parquet"])
    assert "`smell=a.parquet` is not MODALITY=FILE" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["pair", "a.parquet", "image=b.parquet", "c.csv", "--item-uses", "0"])
    assert "`0` is not a whole number above 0" in capsys.readouterr().err
    arguments = ["add-modality", str(tmp_path), "--modality", "touch", "--backbone", "a.onnx", "--projector", "b"]
    assert main(arguments) == 1
    assert "no bundle there" in capsys.readouterr().out
    arguments = ["cache-embeddings", str(tmp_path), "a.parquet", "--modality", "touch", "--bundle", "omnibind-sim"]
    assert main(arguments) == 1
    assert "no split is there" in capsys.readouterr().out


def test_the_benchmark_tells_rates_and_gain(tmp_path, capsys):
    write_tiny_bundle(tmp_path / "tiny")
    arguments = ["benchmark-projection", "--bundle", str(tmp_path / "tiny"), "--batch", "8", "--steps", "1"]
    assert main(arguments) == 0
    assert "gain: " in capsys.readouterr().out
