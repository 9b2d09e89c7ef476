import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.students.students import TEXT_LENGTH, make_student, parameter_count  # noqa: E402

SHAPES = {
    Modality.IMAGE: (3, 64, 64),
    Modality.TEXT: (TEXT_LENGTH,),
    Modality.THERMAL: (1, 64, 64),
    Modality.EVENT: (8, 64, 64),
    Modality.TOUCH: (3, 64, 64),
    Modality.AUDIO: (1, 98, 64),
    Modality.POINT: (256, 3),
}


def some_input(modality: Modality) -> "torch.Tensor":
    generator = torch.Generator().manual_seed(0)
    if modality is Modality.TEXT:
        return torch.randint(1, 2048, (2, TEXT_LENGTH), generator=generator)
    return torch.randn(2, *SHAPES[modality], generator=generator)


@pytest.mark.parametrize("modality", list(Modality))
def test_every_student_returns_unit_vectors_and_is_small(modality):
    student = make_student(modality, SHAPES[modality]).eval()
    embedding = student(some_input(modality))
    assert embedding.shape == (2, 128)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(2))
    assert parameter_count(student) < 520_000


def test_the_order_of_the_points_changes_nothing():
    student = make_student(Modality.POINT, SHAPES[Modality.POINT]).eval()
    cloud = some_input(Modality.POINT)
    order = torch.randperm(cloud.shape[1], generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(student(cloud), student(cloud[:, order]), atol=1e-5, rtol=0)


def test_padding_does_not_change_a_sentence():
    student = make_student(Modality.TEXT, SHAPES[Modality.TEXT]).eval()
    tokens = torch.zeros(2, TEXT_LENGTH, dtype=torch.int64)
    tokens[:, :4] = torch.tensor([5, 9, 11, 3])
    with torch.no_grad():
        student.word[0] += 10.0
        changed = student(tokens)
        student.word[0] -= 10.0
        torch.testing.assert_close(changed, student(tokens), atol=1e-5, rtol=0)
