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


def test_the_order_of_the_points_changes_nothing():
    student = make_student(Modality.POINT, SHAPES[Modality.POINT]).eval()
    cloud = example_input(Modality.POINT, SHAPES[Modality.POINT], batch=2)
    order = torch.randperm(cloud.shape[1], generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(student(cloud), student(cloud[:, order]), atol=1e-5, rtol=0)


def test_padding_does_not_change_a_sentence():
    student = make_student(Modality.TEXT, SHAPES[Modality.TEXT], "base").eval()
    tokens = torch.zeros(2, TEXT_LENGTH, dtype=torch.int64)
    tokens[:, :4] = torch.tensor([5, 9, 11, 3])
    with torch.no_grad():
        student.word[0] += 10.0
        changed = student(tokens)
        student.word[0] -= 10.0
        torch.testing.assert_close(changed, student(tokens), atol=1e-5, rtol=0)
