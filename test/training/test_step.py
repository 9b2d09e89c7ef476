import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training import __main__ as command  # noqa: E402
from training.step import Step, Tool  # noqa: E402


@pytest.fixture
def done(monkeypatch) -> list[str]:
    """The names of the steps that ran, of four in all."""
    ran: list[str] = []

    def entry(name: str, **more) -> Step:
        return Step(name, f"{name} the dough", lambda run, options: ran.append(name), **more)

    steps = (
        Tool("taste", "taste it", lambda options: ran.append("taste")),
        entry("mix", arguments=lambda parser: parser.add_argument("--minutes", type=int)),
        entry("knead", needs=("mix",)),
        entry("freeze", in_all=False),
    )
    monkeypatch.setattr(command, "STEPS", steps)
    return ran


def test_all_runs_the_steps_in_their_order_but_no_tool_and_not_what_is_asked_for_alone(done, tmp_path):
    assert command.main(["all", "--build", str(tmp_path)]) == 0
    assert done == ["mix", "knead"]
    assert command.main(["freeze", "--build", str(tmp_path)]) == 0
    assert done[2:] == ["freeze"]


def test_a_step_has_its_own_options_beside_those_of_the_run(done, tmp_path):
    assert command.main(["mix", "--minutes", "3", "--seed", "1", "--build", str(tmp_path)]) == 0
    with pytest.raises(SystemExit):
        command.main(["knead", "--minutes", "3", "--build", str(tmp_path)])
    assert done == ["mix"]


def test_a_tool_has_no_run(done, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        command.main(["taste", "--seed", "1"])
    assert command.main(["taste"]) == 0
    assert done == ["taste"]
    assert list(tmp_path.iterdir()) == [], "it makes no run's folder"
