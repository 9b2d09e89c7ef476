import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.students.convolutional import NANO, ConvolutionalStudent  # noqa: E402


@pytest.fixture
def student() -> ConvolutionalStudent:
    torch.manual_seed(0)
    return ConvolutionalStudent(1, NANO).eval()


def test_any_height_and_width_give_a_unit_vector_and_its_features(student):
    for height, width in ((64, 64), (98, 64), (20, 130)):
        picture = torch.rand(2, 1, height, width)
        assert student.features(picture).shape == (2, student.feature_size)
        torch.testing.assert_close(student(picture).norm(dim=1), torch.ones(2))


def test_a_brief_event_is_noticed_and_where_in_the_window_it_is_changes_nothing(student):
    early, late, silence = torch.zeros(3, 1, 1, 64, 512)
    early[:, :, 24:40, 160:176] = late[:, :, 24:40, 320:336] = 1.0
    torch.testing.assert_close(student(early), student(late), atol=1e-5, rtol=0)
    assert (student(early) - student(silence)).norm() > 0.1


def test_what_stands_beside_it_in_the_batch_changes_nothing(student):
    pictures = torch.rand(3, 1, 64, 64)
    torch.testing.assert_close(student(pictures)[:1], student(pictures[:1]), atol=1e-5, rtol=0)
