import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

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
