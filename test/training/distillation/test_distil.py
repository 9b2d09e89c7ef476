import json

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.config import DistilConfig  # noqa: E402
from training.distillation.distil import alignment_loss, label_accuracy, load_student  # noqa: E402


def test_a_student_learns_and_comes_back_as_it_was_stored(splits, distilled, teachers):
    stored = json.loads((distilled / "thermal" / "metrics.json").read_text())
    assert stored["accuracy"] > 0.2, "one label in thirty would be chance"
    student = load_student(distilled / "thermal", Modality.THERMAL, (1, 64, 64))
    test = splits["test"]
    embedding = student(test.inputs(Modality.THERMAL))
    assert label_accuracy(embedding, test.label_N, teachers.centre_KkD) == pytest.approx(stored["accuracy"], abs=0.02)
    assert not student.training


def test_terms_are_added_with_their_weights():
    torch.manual_seed(0)
    rows = [torch.nn.functional.normalize(torch.randn(6, 8), dim=1) for _ in range(3)]
    group, temperature = torch.arange(6), torch.tensor(0.07)

    def loss(cross: float, own: float) -> float:
        settings = DistilConfig(weight_cross=cross, weight_self=own)
        return alignment_loss(*rows, group, temperature=temperature, settings=settings).item()

    contrast = loss(0, 0)
    assert loss(2, 3) == pytest.approx(contrast + 2 * (loss(1, 0) - contrast) + 3 * (loss(0, 1) - contrast), rel=1e-4)
