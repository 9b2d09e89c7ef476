import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.data import row_inputs  # noqa: E402
from training.data.row_inputs import RowInputs  # noqa: E402

CPU = torch.device("cpu")


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.THERMAL])
def test_on_the_disk_they_are_what_they_are_in_memory(splits, modality, monkeypatch):
    train = splits["train"]
    row_R = train.usable(modality)[1::2]
    held = RowInputs(train, modality, row_R, CPU)
    monkeypatch.setattr(row_inputs, "HELD_BYTES", 0)
    stored = RowInputs(train, modality, row_R, CPU)
    assert stored.shape == held.shape == tuple(train.inputs(modality)[row_R].shape)
    assert len(train.shards(modality)) > 1
    row_B = torch.randperm(len(row_R), generator=torch.Generator().manual_seed(0))
    assert torch.equal(stored[row_B], held[row_B])
    assert torch.equal(held[row_B], train.inputs(modality)[row_R][row_B])


def test_what_is_too_much_is_never_read_as_a_whole(splits, monkeypatch):
    train = splits["train"]
    monkeypatch.setattr(row_inputs, "HELD_BYTES", 0)
    monkeypatch.setattr(type(train), "items", lambda *_: pytest.fail("it is read as a whole"))
    inputs = RowInputs(train, Modality.THERMAL, train.usable(Modality.THERMAL), CPU)
    assert inputs[torch.tensor([3, 0])].shape == (2, 1, 64, 64)
