import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.projection.staging import batches_of_split  # noqa: E402


def batches(number: int, replay: float, epochs: int = 2, batch: int = 10) -> "list[torch.Tensor]":
    generator = torch.Generator().manual_seed(0)
    return batches_of_split([100, 50, 40], number, batch=batch, epochs=epochs, replay=replay, generator=generator)


def test_without_replay_an_epoch_is_the_split_alone_each_row_once():
    for number, (first, last) in enumerate(((0, 100), (100, 150), (150, 190))):
        rows = torch.cat(batches(number, 0.0, epochs=1))
        assert sorted(rows.tolist()) == list(range(first, last))


def test_replay_is_the_share_of_an_epoch_that_comes_from_before():
    rows = torch.cat(batches(2, 0.2, epochs=1))
    assert (len(rows), int((rows < 150).sum())) == (50, 10)
    assert len(set(rows.tolist())) == 50


def test_replay_is_drawn_afresh_in_every_epoch():
    first, second = torch.cat(batches(2, 0.2)).view(2, 50)
    assert set(first[first < 150].tolist()) != set(second[second < 150].tolist())


def test_no_more_is_replayed_than_there_was():
    assert len(torch.cat(batches(1, 0.9, epochs=1))) == 150


def test_there_is_nothing_to_replay_in_the_first_split():
    assert sorted(torch.cat(batches(0, 0.5, epochs=1)).tolist()) == list(range(100))


def test_a_split_smaller_than_a_batch_is_one_batch():
    assert [len(rows) for rows in batches(2, 0.0, batch=2048)] == [40, 40]
