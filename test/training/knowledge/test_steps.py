import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.inference.bundle import load_bundle  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from omnibind_ros.pipeline.resources import bundle_folder  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.knowledge.journal import Tally  # noqa: E402
from training.knowledge.selection import encoder_limit  # noqa: E402
from training.knowledge.steps import told  # noqa: E402
from training.projection.descriptions import read_descriptions  # noqa: E402
from training.projection.projector import load_projector  # noqa: E402

KEY = "sk-very-secret-1234"


@pytest.fixture
def split(splits) -> str:
    return str(splits["train"]._folder)


def run(*arguments: object) -> int:
    return main(["describe", *map(str, arguments)])


def test_labels_and_samples_become_a_table_and_are_asked_about_once(serve, split, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OMNIBIND_SERVER_KEY", KEY)
    server, table = serve(), tmp_path / "knowledge.parquet"
    (tmp_path / "labels.txt").write_text("mug\nwine glass\nmug\n")
    (tmp_path / "attributes.yaml").write_text("mug: [one handle, ceramic]\nwine glass: thin\n")
    arguments = [
        table, "--labels", tmp_path / "labels.txt", "--attributes", tmp_path / "attributes.yaml", "--per-label", 30,
        "--samples", split, "--modality", "thermal", "--server", server.url, "--model", "tiny", "--parallel", 8,
        "--bundle", "omnibind-sim", "--price-in", 10, "--price-out", 100,
    ]  # fmt: skip
    assert run(*arguments) == 0
    rows, said = read_descriptions(table), capsys.readouterr().out
    about_labels = [row for row in rows if row.item is None]
    assert [sum(row.category == label for row in about_labels) for label in ("mug", "wine glass")] == [30, 30]
    assert len(rows) - 60 == 4 * 30, "each row of the split"
    fits, _ = encoder_limit(load_bundle(bundle_folder("omnibind-sim")))
    assert all(fits(row.description) for row in rows)
    assert any("one handle; ceramic" in one["prompt"] for one in server.requests)
    assert {one["key"] for one in server.requests} == {f"Bearer {KEY}"}
    asked = len(server.requests)
    cost = asked * (100 * 10 + 10 * 100) / 1e6
    assert (
        f"{asked} questions, 0 of them answered before; {asked * 100} tokens in, {asked * 10} out; cost {cost:.4f}"
        in said
    )
    assert run(*arguments) == 0
    assert read_descriptions(table) == rows
    assert len(server.requests) == asked
    assert f"{asked} of them answered before" in capsys.readouterr().out
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("knowledge*"))
    assert KEY.encode() not in kept
    assert KEY not in said


def test_centres_and_projector_learn_from_the_table(serve, split, tmp_path, capsys):
    server, table, heat = serve(), tmp_path / "knowledge.parquet", tmp_path / "thermal.parquet"
    assert run(table, "--samples", split, "--text-only", "--server", server.url, "--model", "tiny") == 0
    for arguments in (
        ["cache-embeddings", split, heat, "--modality", "thermal", "--bundle", "omnibind-sim"],
        [
            "project", tmp_path / "thermal", "--projected", f"thermal={heat}", "--descriptions", table,
            "--bundle", "omnibind-sim", "--hidden", 0, "--batch", 32,
        ],
        ["centres", table, "--bundle", "omnibind-sim"],
    ):  # fmt: skip
        assert main(list(map(str, arguments))) == 0, capsys.readouterr().out
    trained = load_projector(tmp_path / "thermal" / "projector.safetensors")
    assert trained.projector.second is None
    assert Modality.TEXT in trained.log_temperature


def test_a_failed_run_tells_the_remedy_and_what_it_took(serve, tmp_path, capsys):
    server = serve(None, {"status": 403})
    arguments = [tmp_path / "t.parquet", "--labels", "mug", "saw", "--per-label", 5, "--server", server.url]
    assert run(*arguments, "--model", "tiny", "--parallel", 1) == 1
    said = capsys.readouterr().out
    assert "1 questions, 0 of them answered before" in said
    assert "OMNIBIND_SERVER_KEY may not use this model" in said
    assert not (tmp_path / "t.parquet").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--labels", "mug", "saw"], "a server has several models"),
        (["--labels", "mug", "--model", "m"], "tell of mug"),
        (["--model", "m"], "tell of nothing"),
        (["--labels", "mug", "saw", "--model", "m", "--attributes", "absent.yaml"], "write YAML like"),
        (["--samples", "absent", "--model", "m"], "no split is there"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments, problem, tmp_path, capsys):
    assert run(tmp_path / "t.parquet", "--server", "http://127.0.0.1:9/v1", *arguments) == 1
    assert problem in capsys.readouterr().out


def test_the_table_is_a_parquet_file(tmp_path, capsys):
    assert run(tmp_path / "t.csv", "--server", "http://127.0.0.1:9", "--labels", "a", "b", "--model", "m") == 1
    assert "is a .parquet file" in capsys.readouterr().out


def test_text_is_no_sensor(tmp_path, split, capsys):
    with pytest.raises(SystemExit):
        run(tmp_path / "t.parquet", "--samples", split, "--modality", "text", "--server", "http://127.0.0.1:9")
    assert "invalid choice" in capsys.readouterr().err


def test_what_it_took_is_told_with_what_is_unknown():
    assert told(Tally(3, 1, 10, 20), 0, 0) == "3 questions, 1 of them answered before; 10 tokens in, 20 out"
    assert told(Tally(3, 1, 10, 20, 2), 0, 1).endswith("cost 0.0000; tokens of 2 answers unknown")
