from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.reproduce.suite import VARIANTS, load_suite
from training.reproduce.targets import Target, targets


def head(overall: float, worst_loss: float = 0.08) -> dict:
    robustness = {kind: {"worst_loss": worst_loss} for kind in ("noise", "another object", "broken sensor")}
    return {
        "by_number": {"all": overall},
        "combinations": {"image+event+audio": overall},
        "robustness": robustness,
        "confidence": {
            "by_number": {"1": {"ece": 0.02}, "2": {"ece": 0.04}},
            "abstention": {"error": 0.10, "error_when_answering": 0.04},
        },
    }


RESULTS = {
    "single": {
        "image": 0.97,
        "event": 0.92,
        "audio": {"mean": 0.95, "spread": 0.01, "values": [0.94, 0.96]},
        "text": 1.0,
    },
    "heads": {"mean": head(0.7), "linear": head(0.85), "unseen": head(0.86), "af": head(0.9), "reliable": head(0.91)},
    "ablation": {"touch": {"contrast only": 0.50, "+ cross": 0.52, "+ self": 0.49, "all": 0.55}},
}


def found(name: str) -> dict[str, Target]:
    return {target.statement: target for target in targets(load_suite(name, quick=True), RESULTS)}


def test_each_target_says_what_was_measured_and_by_how_much_it_is_missed():
    by_statement = found("sim")
    whole = by_statement["touch: the whole distillation loss over contrast alone"]
    assert whole.measured == pytest.approx(5.0)
    assert whole.as_dict()["met"]
    own = by_statement["touch: self-correspondence helps"]
    assert own.margin == pytest.approx(-1.0)
    assert not own.as_dict()["met"]


def test_heads_are_compared_with_the_best_baseline():
    by_statement = found("sim")
    af = by_statement["all combinations: `af` over the best of linear, mean, outer product, unseen"]
    assert af.measured == pytest.approx(4.0)
    assert by_statement["all combinations: `af` over `linear`"].measured == pytest.approx(5.0)
    assert by_statement["clean input: what `reliable` costs against `af`"].as_dict()["met"]


def test_the_worst_of_losses_and_calibration_errors_counts():
    by_statement = found("sim")
    assert by_statement["calibration error, the worst number of live modalities"].measured == pytest.approx(4.0)
    assert by_statement["abstention at 90 % coverage: share of the error that is left"].measured == pytest.approx(40.0)
    lost = [target for statement, target in by_statement.items() if "replaced by" in statement]
    assert [target.measured for target in lost] == pytest.approx([8.0, 8.0])


def test_digits_need_every_student_and_the_fusion_of_all():
    by_statement = found("digits")
    assert by_statement["event alone"].margin == pytest.approx(2.0)
    assert by_statement["image, event and audio fused"].needed == pytest.approx(98.0)
    assert not by_statement["image, event and audio fused"].as_dict()["met"]
    assert "text alone" not in by_statement


def test_variants_of_the_ablation_switch_parts_of_the_loss():
    suite = load_suite("sim", quick=True)
    settings = {variant.name: variant.settings(suite.config.distil) for variant in VARIANTS}
    whole = replace(suite.config.distil, positives="caption")
    assert settings["contrast only"] == replace(whole, weight_cross=0.0, weight_self=0.0)
    assert settings["all"] == whole
    assert settings["all, image centre"].align_centre == "image"
