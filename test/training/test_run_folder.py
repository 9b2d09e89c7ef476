import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.config_file import load_config, shipped_path
from training.run_folder import CHECKPOINT_FILE, RunFolder, link_step


@pytest.fixture
def run(tmp_path) -> RunFolder:
    return RunFolder(tmp_path, load_config(shipped_path("quick")))


def do_nothing(folder):
    pass


def test_a_finished_step_is_not_run_again_until_its_settings_change(run):
    assert run.perform("teach", do_nothing, {"epochs": 1}, ())
    assert not run.perform("teach", do_nothing, {"epochs": 1}, ())
    assert run.perform("teach", do_nothing, {"epochs": 2}, ())
    assert run.perform("teach", do_nothing, {"epochs": 2}, (), force=True)


def test_a_step_runs_again_when_one_before_it_did(run):
    run.perform("teach", do_nothing, {}, ())
    run.perform("distil", do_nothing, {}, ("teach",))
    run.perform("teach", do_nothing, {}, (), force=True)
    assert run.perform("distil", do_nothing, {}, ("teach",))


def test_a_step_that_broke_off_is_run_again(run):
    def break_off(folder):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.perform("teach", break_off, {}, ())
    assert run.perform("teach", do_nothing, {}, ())


def test_a_missing_step_is_named(run):
    with pytest.raises(FileNotFoundError, match="python -m training teach"):
        run.perform("distil", do_nothing, {}, ("teach",))


def broken_off(run, settings) -> None:
    def break_off(folder):
        (folder / CHECKPOINT_FILE).touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.perform("teach", break_off, settings, ())


@pytest.mark.parametrize(
    ("settings", "force", "kept"), [({}, False, True), ({"epochs": 2}, False, False), ({}, True, False)]
)
def test_a_checkpoint_is_found_again_only_by_the_same_attempt(run, settings, force, kept):
    broken_off(run, {})
    found = []
    run.perform("teach", lambda folder: found.append((folder / CHECKPOINT_FILE).exists()), settings, (), force=force)
    assert found == [kept]
    assert not (run.step("teach") / CHECKPOINT_FILE).exists(), "a finished step needs none"


def test_a_run_finds_a_step_of_another_one_unless_it_has_its_own(run, tmp_path):
    other = RunFolder(tmp_path / "other", run.config)
    for name in ("teach", "simulate"):
        run.perform(name, do_nothing, {}, ())
    other.perform("simulate", do_nothing, {"own": True}, ())
    for name in ("teach", "simulate", "distil"):
        link_step(other.folder, run.folder, name)
    assert not other.perform("teach", do_nothing, {}, ())
    assert not other.perform("simulate", do_nothing, {"own": True}, ())
    assert not (other.folder / "distil").exists()
