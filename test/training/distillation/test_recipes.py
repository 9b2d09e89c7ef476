import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.config import DistilConfig  # noqa: E402
from training.distillation.recipes import finish_student, load_student, recipe_of, start_student  # noqa: E402
from training.export.export import export_encoder  # noqa: E402
from training.students.students import parameter_count  # noqa: E402
from training.teachers.image_tower import ImageTeacher, make_image_tower  # noqa: E402

SHAPE = (1, 64, 64)


def teacher(kind: str) -> ImageTeacher:
    return ImageTeacher(kind, (3, 64, 64), make_image_tower(kind, (3, 64, 64)).eval())


@pytest.mark.parametrize(
    ("recipe", "kind"),
    [("compact", "convolutional"), ("mlp", "convolutional"), ("mlp", "clip"), ("lora", "convolutional")],
)
def test_a_stored_student_comes_back_and_can_be_exported(tmp_path, recipe, kind):
    if recipe == "lora":
        pytest.importorskip("peft", reason="the recipe lora needs peft")
    image_teacher = teacher(kind)
    before = {name: value.clone() for name, value in image_teacher.network.state_dict().items()}
    settings = DistilConfig(recipe=recipe, size="nano")
    student = start_student(settings, Modality.THERMAL, SHAPE, image_teacher).eval()
    inputs = torch.rand(2, *SHAPE)
    expected = student(inputs).detach()
    finish_student(tmp_path, settings, Modality.THERMAL, student=student, teacher=image_teacher, metrics={})
    loaded = load_student(tmp_path, Modality.THERMAL, SHAPE)
    torch.testing.assert_close(loaded(inputs), expected, atol=1e-5, rtol=0)
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    assert export_encoder(loaded, SHAPE, tmp_path / "thermal.onnx", tokens=False) < 1e-4
    for name, value in image_teacher.network.state_dict().items():
        torch.testing.assert_close(value, before[name], msg="the teacher is not the student's to change")


@pytest.mark.parametrize("modality", [Modality.POINT, Modality.TEXT])
def test_what_a_teacher_of_pictures_cannot_see_gets_a_compact_student(modality):
    assert recipe_of(DistilConfig(recipe="mlp"), modality) == "compact"
    assert recipe_of(DistilConfig(recipe="mlp"), Modality.TOUCH) == "mlp"


def test_a_student_has_the_size_of_its_modality_and_keeps_it(tmp_path):
    settings, image_teacher = DistilConfig(size="base", sizes={"thermal": "nano"}), teacher("convolutional")
    student = start_student(settings, Modality.THERMAL, SHAPE, image_teacher)
    assert parameter_count(student) < 0.2 * parameter_count(
        start_student(settings, Modality.TOUCH, SHAPE, image_teacher)
    )
    finish_student(tmp_path, settings, Modality.THERMAL, student=student, teacher=image_teacher, metrics={})
    assert parameter_count(load_student(tmp_path, Modality.THERMAL, SHAPE)) == parameter_count(student)
