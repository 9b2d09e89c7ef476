import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402

from training.optimise import learnable_temperature, optimise, seed_everything, shuffled_batches  # noqa: E402


def test_it_minimises_and_returns_the_last_losses():
    value = torch.nn.Parameter(torch.tensor([4.0]))
    last = optimise([{"params": [value], "lr": 0.2}], 200, lambda _: (value - 1).square().sum(), "test")
    assert value.item() == pytest.approx(1.0, abs=0.1)
    assert last < 0.1


def test_a_loss_that_is_no_number_ends_the_training():
    value = torch.nn.Parameter(torch.tensor([1.0]))
    with pytest.raises(FloatingPointError, match="test: the loss became nan at step 0"):
        optimise([{"params": [value], "lr": 0.1}], 5, lambda _: value.sum() * float("nan"), "test")


def test_every_epoch_is_a_fresh_order_of_all_samples():
    batches = shuffled_batches(8, batch=4, epochs=2, generator=seed_everything(0))
    epochs = torch.stack(batches).view(2, 8)
    assert all(sorted(epoch.tolist()) == list(range(8)) for epoch in epochs)
    assert epochs[0].tolist() != epochs[1].tolist()


def test_fewer_samples_than_a_batch_are_one_batch():
    assert [len(rows) for rows in shuffled_batches(3, batch=8, epochs=2, generator=seed_everything(0))] == [3, 3]


def test_the_temperature_starts_where_it_is_told():
    assert learnable_temperature(0.07).exp().item() == pytest.approx(0.07)


def trained(folder, breaks_at: int | None = None) -> "torch.nn.Module":
    """A net with batch statistics and dropout on random batches; it goes on where a checkpoint is."""
    own = seed_everything(3)
    net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(), torch.nn.Linear(8, 1))
    log_temperature = learnable_temperature()

    def loss_of_step(step: int) -> "dict[str, torch.Tensor]":
        if step == breaks_at:
            raise KeyboardInterrupt
        inputs = torch.randn(16, 4, generator=own)
        return {"fit": (net(inputs) - inputs.sum(dim=1, keepdim=True)).square().mean(), "warm": log_temperature**2}

    groups = [{"params": [*net.parameters(), log_temperature], "lr": 1e-2}]
    optimise(
        groups,
        60,
        loss_of_step,
        "test",
        folder=folder,
        modules=[net],
        generators=[own],
        log_temperature=log_temperature,
    )
    return net


def test_training_that_broke_off_ends_as_if_it_had_not(tmp_path):
    (tmp_path / "whole").mkdir()
    (tmp_path / "broken").mkdir()
    whole = trained(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "broken", breaks_at=37)
    resumed = trained(tmp_path / "broken")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_terms_rate_and_temperature_are_logged(tmp_path):
    trained(tmp_path)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert set(events.Tags()["scalars"]) == {"loss", "loss/fit", "loss/warm", "learning rate/0", "temperature"}
    assert events.Scalars("temperature")[0].value == pytest.approx(0.07, rel=0.1)
    assert [event.step for event in events.Scalars("loss")][:3] == [0, 1, 2]
