import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training import checkpoint  # noqa: E402
from training.checkpoint import Checkpoint  # noqa: E402


class Training:
    """A net with batch statistics, its optimiser and schedule, and a generator of its own."""

    def __init__(self, path) -> None:
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout())
        self.own = torch.Generator().manual_seed(1)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=0.1)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.optimiser, step_size=2)
        self.checkpoint = Checkpoint(path, self.optimiser, self.schedule, [self.net], [self.own])

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.optimiser.zero_grad()
            self.net(torch.randn(8, 4, generator=self.own)).square().sum().backward()
            self.optimiser.step()
            self.schedule.step()


def test_a_fresh_training_goes_on_exactly_where_another_was_saved(tmp_path):
    first = Training(tmp_path / "checkpoint.pt")
    first.run(3)
    first.checkpoint.save(3, [0.5, 0.25])
    first.run(4)
    fresh = Training(tmp_path / "checkpoint.pt")
    assert fresh.checkpoint.load() == (3, [0.5, 0.25])
    fresh.run(4)
    for name, value in first.net.state_dict().items():
        assert torch.equal(value, fresh.net.state_dict()[name]), name
    assert fresh.schedule.get_last_lr() == first.schedule.get_last_lr()


def test_saving_and_loading_leave_the_training_as_it_is(tmp_path):
    plain, saved = Training(None), Training(tmp_path / "checkpoint.pt")
    torch.manual_seed(0)
    plain.run(4)
    torch.manual_seed(0)
    saved.run(2)
    saved.checkpoint.save(2, [])
    saved.run(2)
    for name, value in plain.net.state_dict().items():
        assert torch.equal(value, saved.net.state_dict()[name]), name


def test_without_a_checkpoint_it_starts_at_the_beginning(tmp_path):
    assert Training(tmp_path / "checkpoint.pt").checkpoint.load() == (0, [])
    nowhere = Training(None).checkpoint
    nowhere.save(3, [0.5])
    assert nowhere.load() == (0, [])
    assert list(tmp_path.iterdir()) == []


def test_a_save_that_breaks_off_leaves_the_one_before(tmp_path, monkeypatch):
    training = Training(tmp_path / "checkpoint.pt")
    training.checkpoint.save(3, [])

    def break_off(state, path):
        path.write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", break_off)
    with pytest.raises(KeyboardInterrupt):
        training.checkpoint.save(6, [])
    assert training.checkpoint.load() == (3, [])


def test_one_of_several_processes_on_the_cpu_goes_on_too(tmp_path, monkeypatch):
    """Its device has a number, which PyTorch knows no storage for."""
    monkeypatch.setattr(checkpoint, "device", lambda: torch.device("cpu", 0))
    first, fresh = (Training(tmp_path / "checkpoint.pt") for _ in range(2))
    first.run(2)
    first.checkpoint.save(2, [])
    assert fresh.checkpoint.load() == (2, [])
    assert torch.equal(first.net[0].weight, fresh.net[0].weight)
