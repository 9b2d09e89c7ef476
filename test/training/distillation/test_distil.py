import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.config import DistilConfig  # noqa: E402
from training.distillation import distil as step  # noqa: E402
from training.distillation.distil import Taught, alignment_terms, label_accuracy  # noqa: E402
from training.distillation.recipes import load_student  # noqa: E402


def test_a_student_learns_and_comes_back_as_it_was_stored(splits, distilled, teachers):
    stored = json.loads((distilled / "thermal" / "metrics.json").read_text())
    assert stored["accuracy"] > 0.2, "one label in thirty would be chance"
    student = load_student(distilled / "thermal", Modality.THERMAL, (1, 64, 64))
    test = splits["test"]
    embedding = student(test.inputs(Modality.THERMAL))
    assert label_accuracy(embedding, test.label_N, teachers.centre_KkD) == pytest.approx(stored["accuracy"], abs=0.02)
    assert not student.training


def some_batch(rows: int = 6, without_picture: tuple[int, ...] = ()) -> "tuple[torch.Tensor, Taught]":
    torch.manual_seed(0)
    student, text, image = (torch.nn.functional.normalize(torch.randn(rows, 8), dim=1) for _ in range(3))
    picture = torch.arange(rows)
    picture[list(without_picture)] = -1
    return student, Taught(text, image, torch.arange(rows) % 3, picture)


def terms(batch: "tuple[torch.Tensor, Taught]", **settings) -> "dict[str, torch.Tensor]":
    return alignment_terms(*batch, temperature=torch.tensor(0.07), settings=DistilConfig(**settings))


def test_terms_have_their_weights_and_those_without_are_left_out():
    once, weighted = terms(some_batch()), terms(some_batch(), weight_contrast=0, weight_cross=2, weight_self=3)
    assert set(once) == {"contrast", "cross", "self"}
    assert set(weighted) == {"cross", "self"}
    torch.testing.assert_close(weighted["cross"], 2 * once["cross"])
    torch.testing.assert_close(weighted["self"], 3 * once["self"])


def test_at_least_one_term_has_a_weight():
    with pytest.raises(ValueError, match="weight"):
        DistilConfig(weight_contrast=0, weight_cross=0, weight_self=0)


def test_with_the_image_as_centre_the_teachers_change_places():
    student, taught = some_batch()
    swapped = Taught(taught.image_BD, taught.text_BD, taught.meaning_B, taught.picture_B)
    to_image = terms((student, taught), align_centre="image")
    to_text = terms((student, swapped))
    torch.testing.assert_close(to_image["cross"], to_text["cross"])
    torch.testing.assert_close(to_image["self"], to_text["self"])
    # a picture is its own, a caption fits every object of its label
    own = Taught(taught.image_BD, taught.text_BD, taught.picture_B, taught.picture_B)
    torch.testing.assert_close(to_image["contrast"], terms((student, own))["contrast"])


def test_rows_without_a_picture_count_in_the_contrast_to_text_alone():
    student, taught = some_batch(without_picture=(1, 4))
    taught.image_BD[[1, 4]] = torch.nan
    partly = terms((student, taught))
    seen = torch.tensor([0, 2, 3, 5])
    torch.testing.assert_close(partly["cross"], terms((student[seen], taught.rows(seen)))["cross"])
    torch.testing.assert_close(partly["self"], terms((student[seen], taught.rows(seen)))["self"])
    torch.testing.assert_close(partly["contrast"], terms(some_batch())["contrast"])
    none = terms(some_batch(without_picture=(0, 1, 2, 3, 4, 5)), align_centre="image")
    assert all(term == 0 for term in none.values())


@pytest.mark.parametrize(("least_steps", "steps"), [(0, 3), (10, 10)])
def test_what_is_scarce_is_seen_more_often(tmp_path, monkeypatch, request, least_steps, steps):
    tiny_config, splits, teachers = map(request.getfixturevalue, ("tiny_config", "splits", "teachers"))
    seen = []
    monkeypatch.setattr(step, "optimise", lambda groups, count, *_, **__: seen.append(count) or 0.0)
    share = {Modality.THERMAL: 0.25}
    config = replace(
        tiny_config, distil=replace(tiny_config.distil, epochs=3, batch=30, share=share, least_steps=least_steps)
    )
    data = {"train": splits["train"], "held_out": splits["test"], "teachers": teachers}
    step.distil(tmp_path, config, Modality.THERMAL, **data)
    assert seen == [steps], "one object a label, so one batch an epoch"
    assert json.loads((tmp_path / "metrics.json").read_text())["samples"] == 30
