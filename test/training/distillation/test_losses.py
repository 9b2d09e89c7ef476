import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn.functional import normalize  # noqa: E402

from training.distillation import losses  # noqa: E402

TEMPERATURE = 0.07


def unit_rows(seed: int, rows: int = 12, columns: int = 8) -> "torch.Tensor":
    generator = torch.Generator().manual_seed(seed)
    return normalize(torch.randn(rows, columns, generator=generator, dtype=torch.float64), dim=1)


@pytest.fixture
def batch():
    return unit_rows(1), unit_rows(2), unit_rows(3), torch.tensor([0, 1, 2, 0, 1, 2, 3, 4, 5, 0, 6, 7])


def log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def divergence(teacher: np.ndarray, student: np.ndarray) -> float:
    teacher_log, student_log = log_softmax(teacher / TEMPERATURE), log_softmax(student / TEMPERATURE)
    return float((np.exp(teacher_log) * (teacher_log - student_log)).sum(axis=1).mean())


def test_contrast_equals_its_reference_with_repeated_captions(batch):
    student, text, _, group = batch
    log_match = log_softmax(student.numpy() @ text.numpy().T / TEMPERATURE)
    expected = 0.0
    for row in range(len(group)):
        positives = np.flatnonzero(group.numpy() == group[row].item())
        expected -= log_match[row, positives].mean() / len(group)
    assert losses.contrast_to_centre(student, text, group, TEMPERATURE).item() == pytest.approx(expected, abs=1e-6)


def test_cross_correspondence_equals_its_reference(batch):
    student, text, image, _ = batch
    expected = divergence(text.numpy() @ image.numpy().T, text.numpy() @ student.numpy().T)
    actual = losses.cross_correspondence_loss(student, text, image, TEMPERATURE).item()
    assert actual == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("mask_diagonal", [False, True])
def test_self_correspondence_equals_its_reference(batch, mask_diagonal):
    student, text, image, _ = batch
    teacher = (image @ image.T + text @ text.T).numpy() / 2
    own = (student @ student.T).numpy()
    if mask_diagonal:
        beside = ~np.eye(len(own), dtype=bool)
        teacher, own = teacher[beside].reshape(len(own), -1), own[beside].reshape(len(own), -1)
    actual = losses.self_correspondence_loss(student, text, image, TEMPERATURE, mask_diagonal=mask_diagonal).item()
    assert actual == pytest.approx(divergence(teacher, own), abs=1e-6)


def test_a_student_in_the_images_place_has_no_cross_correspondence_loss(batch):
    _, text, image, _ = batch
    assert losses.cross_correspondence_loss(image, text, image, TEMPERATURE).item() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("mask_diagonal", [False, True])
def test_a_student_with_the_teachers_structure_has_no_self_correspondence_loss(batch, mask_diagonal):
    _, text, _, _ = batch
    loss = losses.self_correspondence_loss(text, text, text, TEMPERATURE, mask_diagonal=mask_diagonal)
    assert loss.item() == pytest.approx(0, abs=1e-9)


def test_teachers_and_their_temperature_get_no_gradient(batch):
    student, text, image, group = (value.clone() for value in batch)
    temperature = torch.tensor(TEMPERATURE, dtype=torch.float64, requires_grad=True)
    for tensor in (student, text, image):
        tensor.requires_grad_()
    teacher_terms = losses.cross_correspondence_loss(student, text, image, temperature)
    teacher_terms = teacher_terms + losses.self_correspondence_loss(
        student, text, image, temperature, mask_diagonal=True
    )
    teacher_terms.backward()
    assert temperature.grad is None
    losses.contrast_to_centre(student, text, group, temperature).backward()
    assert text.grad is None
    assert image.grad is None
    assert student.grad is not None
    assert temperature.grad is not None


def test_the_order_of_the_batch_changes_nothing(batch):
    student, text, image, group = batch
    order = torch.randperm(len(group), generator=torch.Generator().manual_seed(5))

    def total(rows):
        s, t, i, g = student[rows], text[rows], image[rows], group[rows]
        return (
            losses.contrast_to_centre(s, t, g, TEMPERATURE)
            + losses.cross_correspondence_loss(s, t, i, TEMPERATURE)
            + losses.self_correspondence_loss(s, t, i, TEMPERATURE, mask_diagonal=True)
        ).item()

    assert total(order) == pytest.approx(total(torch.arange(len(group))), abs=1e-9)
