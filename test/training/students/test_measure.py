import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.students.measure import flop_count, measure_student, to_markdown  # noqa: E402


def test_a_multiplication_and_an_addition_are_two_operations():
    assert flop_count(torch.nn.Linear(5, 7, bias=False), torch.rand(1, 5)) == 2 * 5 * 7


def test_a_student_is_measured_and_shown():
    cost = measure_student(Modality.THERMAL, "nano", runs=2)
    assert cost.input_shape == (1, 64, 64)
    assert cost.parameters > 50_000
    assert cost.flops > 2 * cost.parameters, "a convolution's weights are used at many places"
    assert cost.latency_ms > 0
    assert "| thermal | nano | 1×64×64 |" in to_markdown([cost])
