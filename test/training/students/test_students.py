import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.students.measure import example_input  # noqa: E402
from training.students.students import make_student, parameter_count  # noqa: E402
from training.students.text import TEXT_LENGTH  # noqa: E402

SHAPES = {
    Modality.IMAGE: (3, 64, 64),
    Modality.TEXT: (TEXT_LENGTH,),
    Modality.THERMAL: (1, 64, 64),
    Modality.EVENT: (8, 64, 64),
    Modality.TOUCH: (3, 64, 64),
    Modality.AUDIO: (1, 98, 64),
    Modality.POINT: (256, 3),
}


@pytest.mark.parametrize("modality", list(Modality))
def test_every_student_returns_unit_vectors_and_sizes_grow(modality):
    counts = []
    for size in ("nano", "small", "base"):
        student = make_student(modality, SHAPES[modality], size).eval()
        embedding = student(example_input(modality, SHAPES[modality], batch=2))
        assert embedding.shape == (2, 128)
        torch.testing.assert_close(embedding.norm(dim=1), torch.ones(2))
        counts.append(parameter_count(student))
    assert counts[0] < 200_000 < counts[1] < 520_000 < counts[2] < 2_000_000 or modality is Modality.POINT
    assert counts == sorted(counts)
