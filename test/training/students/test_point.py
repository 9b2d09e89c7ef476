import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.students.point import NANO, PointStudent  # noqa: E402


def test_the_order_of_the_points_changes_nothing():
    student = PointStudent(NANO).eval()
    cloud = torch.rand(2, 256, 3)
    order = torch.randperm(256, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(student(cloud), student(cloud[:, order]), atol=1e-5, rtol=0)


def test_a_cloud_may_have_any_number_of_points():
    student, cloud = PointStudent(NANO).eval(), torch.rand(1, 64, 3)
    torch.testing.assert_close(student(cloud), student(cloud.repeat(1, 4, 1)), atol=1e-5, rtol=0)
