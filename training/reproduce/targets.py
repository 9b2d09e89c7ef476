"""What a suite is to show, and whether it did: every target with what was measured, also where it falls short."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.evaluation.aggregate import is_measured
from training.fusion.heads.registry import BUNDLED
from training.reproduce.suite import Suite

_BASELINES = ("linear", "mean", "outer_product", "unseen")
_WORST_LOSS = 0.10
_CLEAN_COST = 0.01
_CALIBRATION = 0.05


@dataclass(frozen=True)
class Target:
    """One statement to hold: `measured` is to reach `needed`, both in percentage points; margin: what is left over."""

    statement: str
    needed: float
    measured: float
    at_least: bool = True

    @property
    def margin(self) -> float:
        """How far beyond the target; negative where it falls short."""
        return self.measured - self.needed if self.at_least else self.needed - self.measured

    def as_dict(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {**asdict(self), "margin": self.margin, "met": self.margin >= 0}


def targets(suite: Suite, results: Mapping[str, Any]) -> list[Target]:
    """The targets of a suite whose numbers are there."""
    heads = results["heads"]
    found = [*_alignment(results), *_order(heads), *_robust(heads), *_calibrated(heads)]
    return [*_digits(results), *found] if suite.name == "digits" else found


def _alignment(results: Mapping[str, Any]) -> list[Target]:
    found = []
    for modality, by_variant in results.get("ablation", {}).items():
        alone = _mean(by_variant["contrast only"])
        gains = {name: 100 * (_mean(value) - alone) for name, value in by_variant.items()}
        found.append(Target(f"{modality}: the whole distillation loss over contrast alone", 4.0, gains["all"]))
        found.append(Target(f"{modality}: cross-correspondence helps", 0.0, gains["+ cross"]))
        found.append(Target(f"{modality}: self-correspondence helps", 0.0, gains["+ self"]))
    return found


def _order(heads: Mapping[str, Any]) -> list[Target]:
    overall = {name: 100 * _mean(head["by_number"]["all"]) for name, head in heads.items()}
    best = max((overall[name] for name in _BASELINES if name in overall), default=None)
    if best is None or not {"af", "linear", BUNDLED} <= set(overall):
        return []
    ours = overall[BUNDLED]
    return [
        Target("all combinations: `reliable` over `af`", 0.0, ours - overall["af"]),
        Target(
            "all combinations: `af` over the best of linear, mean, outer product, unseen", 0.0, overall["af"] - best
        ),
        Target("all combinations: `af` over `linear`", 4.0, overall["af"] - overall["linear"]),
        Target("clean input: what `reliable` costs against `af`", 100 * _CLEAN_COST, overall["af"] - ours, False),
    ]


def _robust(heads: Mapping[str, Any]) -> list[Target]:
    return [
        Target(
            f"one modality replaced by {kind}, the worst combination with two or more clean: what `reliable` loses",
            100 * _WORST_LOSS,
            100 * _mean(row["worst_loss"]),
            at_least=False,
        )
        for kind, row in heads.get(BUNDLED, {}).get("robustness", {}).items()
        if kind != "broken sensor"
    ]


def _calibrated(heads: Mapping[str, Any]) -> list[Target]:
    if BUNDLED not in heads:
        return []
    confidence = heads[BUNDLED]["confidence"]
    worst = max(100 * _mean(row["ece"]) for row in confidence["by_number"].values())
    abstention = confidence["abstention"]
    left = 100 * _mean(abstention["error_when_answering"]) / max(100 * _mean(abstention["error"]), 1e-9)
    return [
        Target("calibration error, the worst number of live modalities", 100 * _CALIBRATION, worst, at_least=False),
        Target("abstention at 90 % coverage: share of the error that is left", 50.0, 100 * left, at_least=False),
    ]


def _digits(results: Mapping[str, Any]) -> list[Target]:
    single = {name: 100 * _mean(value) for name, value in results["single"].items() if name != "text"}
    combinations = results["heads"][BUNDLED]["combinations"]
    fused = 100 * _mean(combinations["image+event+audio"])
    found = [Target(f"{name} alone", 90.0, value) for name, value in single.items()]
    return [*found, Target("image, event and audio fused", min(99.0, max(single.values()) + 1), fused)]


def _mean(value: Any) -> float:
    return float(value["mean"] if is_measured(value) else value)
