import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from copy import deepcopy  # noqa: E402

import numpy as np  # noqa: E402

from omnibind_ros.recognition.label_bank import LabelBank  # noqa: E402
from training.evaluation.confidence import CURVE  # noqa: E402
from training.evaluation.pictures import (  # noqa: E402
    HEAD_COLOURS,
    draw_combinations,
    draw_confidence,
    draw_confusion,
    draw_embeddings,
    draw_heads,
    draw_reliability,
    draw_robustness,
)
from training.fusion.heads.mean import MeanFusion  # noqa: E402
from training.fusion.heads.registry import HEADS  # noqa: E402

NAMES = [f"label {number}" for number in range(12)]


@pytest.fixture
def heads(results):
    """Results of two heads, with the points of their curves."""
    heads = {name: deepcopy(head) for name, head in results["heads"].items()}
    for head in heads.values():
        for key in ("risk_coverage", "broken_risk_coverage"):
            head["confidence"][key] |= {f"{share:.2f}": 0.1 * share for share in CURVE}
    return heads


def heights(container) -> list[float]:
    return [bar.get_height() for bar in container]


def test_every_head_has_a_colour_of_its_own():
    assert set(HEAD_COLOURS) == set(HEADS)
    assert len(set(HEAD_COLOURS.values())) == len(HEADS)


def test_a_bar_is_as_high_as_the_accuracy_it_stands_for(heads):
    heads["af"]["by_number"]["2"] = 0.625
    by_number, pairs = draw_heads(heads).axes
    af, reliable = by_number.containers
    assert heights(af) == pytest.approx([80, 62.5, 85])
    assert heights(reliable) == pytest.approx([80, 95, 85])
    assert [label.get_text() for label in by_number.get_xticklabels()] == ["1", "2", "all"]
    assert [text.get_text() for text in by_number.get_legend().get_texts()] == ["af", "reliable"]
    assert [label.get_text() for label in pairs.get_xticklabels()] == ["image+touch"]


def test_every_kind_of_fault_has_a_picture_with_the_points_lost_at_worst(heads):
    heads["reliable"]["robustness"]["broken sensor"] = {"worst_loss": 0.2, "mean_loss": 0.1}
    figure = draw_robustness(heads)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["by noise", "by broken sensor"]
    noise, broken = ([label.get_text() for label in axes.get_yticklabels()] for axes in figure.axes)
    assert noise == ["af", "reliable"]
    assert broken == ["reliable"], "only what was measured is shown"
    assert [text.get_text() for text in figure.axes[0].texts] == ["7.1", "7.1"]


def test_with_too_few_modalities_for_robustness_the_picture_is_empty(heads):
    for head in heads.values():
        head["robustness"] = {}
    assert draw_robustness(heads).axes == []


def test_errors_are_drawn_over_the_share_that_is_answered(heads):
    whole, broken, calibration = draw_confidence(heads).axes
    for axes in (whole, broken):
        line = next(one for one in axes.lines if one.get_label() == "reliable")
        assert line.get_xdata()[-1] == pytest.approx(100)
        assert line.get_ydata()[-1] == pytest.approx(10)
    assert heights(calibration.containers[0]) == pytest.approx([1.5])


def test_every_combination_is_a_bar_with_a_dot_for_each_modality_in_it():
    accuracy = {"image": 0.5, "touch": 0.25, "image+touch": 0.75}
    bars, dots = draw_combinations(accuracy, "reliable").axes
    assert heights(bars.containers[0]) == pytest.approx([25, 50, 75])
    assert [label.get_text() for label in dots.get_yticklabels()] == ["image", "touch"]
    assert sorted(map(tuple, dots.collections[0].get_offsets())) == [(0, 1), (1, 0), (2, 0), (2, 1)]


def test_accuracy_is_drawn_over_the_score_it_goes_with(heads):
    whole, broken = draw_reliability(heads).axes
    for axes, right, share in ((whole, 45, 20), (broken, 40, 30)):
        line = next(one for one in axes.lines if one.get_label() == "reliable")
        assert (line.get_xdata()[0], line.get_ydata()[0]) == pytest.approx((50, right))
        assert heights(axes.containers[0]) == pytest.approx([share])


def test_what_is_mistaken_stands_beside_the_diagonal(sharp_embedded, sharp_centres):
    swapped = sharp_centres.clone()
    swapped[[3, 7]] = swapped[[7, 3]]
    axes = draw_confusion(sharp_embedded, MeanFusion(), LabelBank(NAMES, swapped.numpy()), "mean").axes[0]
    share = np.asarray(axes.images[0].get_array())
    assert share[3, 7] > 50 < share[7, 3]
    assert share[3, 3] < 10 > share[7, 7]
    np.testing.assert_allclose(share.sum(axis=1), 100)


def test_every_modality_of_every_sample_is_a_point(sharp_embedded):
    by_modality, by_label = draw_embeddings(sharp_embedded, NAMES).axes
    assert {group.get_label(): len(group.get_offsets()) for group in by_modality.collections} == dict.fromkeys(
        ("image", "thermal", "touch", "audio"), 120
    )
    assert sum(len(group.get_offsets()) for group in by_label.collections) == 4 * 120


def test_a_single_modality_has_no_pairs_to_draw(heads):
    for head in heads.values():
        head["combinations"] = {"image": 0.9}
    _, pairs = draw_heads(heads).axes
    assert not pairs.get_xticklabels()
