"""What a student is made of, by recipe, and the file it lies in."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from omnibind_ros.modality import Modality
from training.config import DistilConfig, ImageTower, StudentSize
from training.students.adapted import AdaptedStudent, FeaturesOf, add_adapters, merge_adapters
from training.students.students import make_student
from training.teachers.image_tower import ImageTeacher, Tower, make_image_tower

STUDENT_FILE = "student.safetensors"
_UNSEEN = (Modality.POINT, Modality.TEXT)


def start_student(
    settings: DistilConfig, modality: Modality, input_shape: tuple[int, ...], teacher: ImageTeacher
) -> nn.Module:
    """A student before it learns: what of it is to learn has `requires_grad`."""
    if not _adapts(settings, modality):
        return make_student(modality, input_shape, settings.size_of(modality))
    student = _adapted(input_shape, teacher)
    if settings.recipe == "lora":
        add_adapters(student, rank=settings.lora_rank, alpha=settings.lora_alpha)
    return student


def finish_student(
    folder: Path,
    settings: DistilConfig,
    modality: Modality,
    *,
    student: nn.Module,
    teacher: ImageTeacher,
    metrics: dict[str, float | int],
) -> None:
    """Merge adapters, and write `student.safetensors`, whose header says how it is made, and `metrics.json`."""
    description: dict[str, str] = {"size": settings.size_of(modality)}
    if isinstance(student, AdaptedStudent):
        if settings.recipe == "lora":
            merge_adapters(student)
        description = {"tower": teacher.kind, "picture_shape": json.dumps(teacher.picture_shape)}
    tensors = {name: value.cpu().contiguous() for name, value in student.state_dict().items()}
    save_file(tensors, folder / STUDENT_FILE, metadata=description)
    (folder / "metrics.json").write_text(json.dumps({**metrics, "recipe": recipe_of(settings, modality)}, indent=2))


def load_student(folder: Path, modality: Modality, input_shape: tuple[int, ...]) -> nn.Module:
    """A student that was stored, frozen and in evaluation mode."""
    with safe_open(folder / STUDENT_FILE, framework="pt") as file:
        description: dict[str, Any] = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 the file is no dictionary
    if "tower" in description:
        kind, shape = cast(ImageTower, description["tower"]), tuple(json.loads(description["picture_shape"]))
        student: nn.Module = _adapted(input_shape, ImageTeacher(kind, shape, make_image_tower(kind, shape)))
    else:
        student = make_student(modality, input_shape, cast(StudentSize, description["size"]))
    student.load_state_dict(tensors)
    return student.requires_grad_(False).eval()


def recipe_of(settings: DistilConfig, modality: Modality) -> str:
    """The recipe a modality's student is made by: a teacher of pictures cannot be adapted to points and text."""
    return settings.recipe if _adapts(settings, modality) else "compact"


def _adapts(settings: DistilConfig, modality: Modality) -> bool:
    return settings.recipe != "compact" and modality not in _UNSEEN


def _adapted(input_shape: tuple[int, ...], teacher: ImageTeacher) -> AdaptedStudent:
    tower = deepcopy(teacher.network)  # adapters change it in place, and other students start from it too
    return AdaptedStudent(
        FeaturesOf(tower),
        feature_size=cast(Tower, tower).feature_size,
        channels=input_shape[0],
        side=teacher.picture_shape[1],
    )
