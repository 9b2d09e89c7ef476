import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.students.convolutional import NANO, ConvolutionalStudent  # noqa: E402
from training.students.thermal import ThermalStudent  # noqa: E402


def test_shapes_that_differ_little_from_the_wall_are_told_apart():
    torch.manual_seed(0)
    disc, bar = torch.full((2, 1, 1, 64, 64), 0.3)
    disc[:, :, 20:44, 20:44] += 0.01
    bar[:, :, 30:34, 4:60] += 0.01
    thermal, plain = ThermalStudent(NANO).eval(), ConvolutionalStudent(1, NANO).eval()
    assert (thermal(disc) - thermal(bar)).norm() > 5 * (plain(disc) - plain(bar)).norm()


def test_how_warm_something_is_still_counts():
    torch.manual_seed(0)
    student, picture = ThermalStudent(NANO).eval(), 0.1 * torch.rand(1, 1, 64, 64)
    assert (student(picture) - student(picture + 0.8)).norm() > 0.01


def test_a_wall_of_one_temperature_is_no_division_by_zero():
    walls = torch.tensor([0.0, 0.5, 1.0])[:, None, None, None].expand(-1, 1, 64, 64)
    torch.testing.assert_close(ThermalStudent(NANO).eval()(walls).norm(dim=1), torch.ones(3))
