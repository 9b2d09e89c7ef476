"""From examples to a label bank with a calibration, and how good it is on examples that were left out.

Shape legend: V views, K labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.recognition.label_centres import sentences
from training.config import CalibrateConfig
from training.evaluation.calibrate import HIGHEST_THRESHOLD, FittedCalibration, fit_temperature
from training.few_shot.examples import Example
from training.few_shot.heads import Base, HeadName, Settings, Taught, grid, teach, zero_shot
from training.few_shot.views import Views, fused_views
from training.projection.encode import embed_texts

_FEWEST_FOR_CALIBRATION = 10
_MUCH_HIGHER = 4.0


@dataclass(frozen=True)
class Measured:
    """Accuracy over some views: by the labels' texts (None where there are none), and as taught.

    answered: share of the views that are not `unknown`; right: of these, the share that is right.
    """

    views: int
    zero_shot: float | None
    accuracy: float
    answered: float
    right: float


@dataclass(frozen=True, eq=False)
class Lesson:
    """What was taught. left_out, test: measured by the sensors that were fused.

    own_before, own_after: share of the texts of labels without examples that are nearest to their own label.
    """

    head: HeadName
    taught: Taught
    settings: Settings
    calibration: FittedCalibration
    left_out: dict[str, Measured]
    test: dict[str, Measured]
    own_before: float | None
    own_after: float | None


def learn(
    examples: Sequence[Example], bundle: Bundle, head: HeadName, *, coverage: float | None, threads: int, seed: int = 0
) -> Lesson:
    """Teach a bundle's labels and new ones from examples.

    coverage: share of the answers that are not to be `unknown`; None: the bundle's, if it ever abstains. Raises
    BackendError.
    """
    names = (*bundle.description.labels.names, *dict.fromkeys(one.label for one in examples))
    names = tuple(dict.fromkeys(names))
    learnt = [one for one in examples if not one.test]
    views = fused_views(learnt, bundle, names, threads, seed)
    base = _base(bundle, names, threads)
    wanted = coverage if coverage is not None else _coverage(bundle)
    settings, similarity_VK, calibration = _chosen(head, base, views, wanted)
    taught = teach(head, base, views, settings)
    told = bool(base.told_K[np.unique(views.label_V)].all())
    test = fused_views([one for one in examples if one.test], bundle, names, threads, seed)
    before, after = _own(base, taught, views)
    return Lesson(
        head,
        taught,
        settings,
        calibration,
        _measured(views, similarity_VK, zero_shot(base) if told else None, calibration),
        _measured(test, taught.bank.similarity(test.vector_VD), zero_shot(base) if told else None, calibration),
        before,
        after,
    )


def _base(bundle: Bundle, names: Sequence[str], threads: int) -> Base:
    own_KkD = bundle.centres_KkD
    new = names[len(own_KkD) :]
    count, size = own_KkD.shape[1:]
    new_UkD: NDArray[np.float32] = np.full((len(new), count, size), np.nan, np.float32)
    if new and Modality.TEXT in bundle.modalities:
        texts = [sentence for name in new for sentence in sentences(name, count)]
        new_UkD = embed_texts(bundle, texts, threads).reshape(new_UkD.shape)
    temperature = bundle.description.calibration.temperatures[0]
    return Base(tuple(names), np.concatenate([own_KkD, new_UkD]), temperature)


def _chosen(
    head: HeadName, base: Base, views: Views, coverage: float
) -> tuple[Settings, NDArray[np.float32], FittedCalibration]:
    """The settings that recognise most left-out views, their similarities (V, K) and the calibration on them.

    One temperature is for all labels. Settings that need a much higher one than the bundle's would leave its other
    labels with scores near zero, so they are taken only when all are such.
    """
    found = []
    for settings in grid(head):
        similarity_VK = _left_out(head, base, views, settings)
        calibration = _calibrated(similarity_VK, views, coverage)
        found.append((settings, similarity_VK, calibration))
    highest = max(_MUCH_HIGHER * base.temperature, min(fitted.temperatures[0] for *_, fitted in found))
    kept = [one for one in found if one[2].temperatures[0] <= highest]
    # the first of equally good ones: it changes least
    return max(kept, key=lambda one: float((one[1].argmax(axis=1) == views.label_V).mean()))


def _left_out(head: HeadName, base: Base, views: Views, settings: Settings) -> NDArray[np.float32]:
    """Similarities (V, K) of each view by what the other folds taught."""
    similarity_VK = np.zeros((len(views), len(base.names)), np.float32)
    for fold in np.unique(views.fold_V):
        out_V = views.fold_V == fold
        taught = teach(head, base, views.where(~out_V), settings)
        similarity_VK[out_V] = taught.bank.similarity(views.vector_VD[out_V])
    return similarity_VK


def _calibrated(similarity_VK: NDArray[np.float32], views: Views, coverage: float) -> FittedCalibration:
    """On left-out views, as `training.evaluation.calibrate`; where a number of sensors is rare, as for one less."""
    temperatures: list[float] = []
    thresholds: list[float] = []
    for members in range(1, int(views.members_V.max()) + 1):
        chosen_V = views.members_V == members
        if temperatures and chosen_V.sum() < _FEWEST_FOR_CALIBRATION:
            temperatures.append(temperatures[-1])
            thresholds.append(thresholds[-1])
            continue
        chosen_V = chosen_V if chosen_V.any() else np.ones_like(chosen_V)
        chosen_VK = similarity_VK[chosen_V].astype(np.float64)
        temperatures.append(
            fit_temperature(chosen_VK, views.label_V[chosen_V], objects=len(np.unique(views.example_V)))
        )
        best_V = _scores(chosen_VK, temperatures[-1])
        thresholds.append(min(float(np.quantile(best_V, 1 - coverage)), HIGHEST_THRESHOLD))
    return FittedCalibration(temperatures, thresholds, coverage)


def _measured(
    views: Views, similarity_VK: NDArray[np.float32], texts: Taught | None, calibration: FittedCalibration
) -> dict[str, Measured]:
    """By the sensors that were fused, the single ones first."""
    found = {}
    several = views.members_V > 1
    kinds = dict.fromkeys(sorted(set(views.sensors_V[~several].tolist())))
    chosen = {kind: views.sensors_V == kind for kind in kinds}
    chosen |= {
        f"{number} sensors": views.members_V == number for number in np.unique(views.members_V[several]).tolist()
    }
    for kind, chosen_V in chosen.items():
        right_V = similarity_VK[chosen_V].argmax(axis=1) == views.label_V[chosen_V]
        members = int(views.members_V[chosen_V][0])
        place = min(members, len(calibration.temperatures)) - 1
        answered_V = _scores(similarity_VK[chosen_V], calibration.temperatures[place]) >= calibration.thresholds[place]
        by_text = None
        if texts is not None:
            nearest_V = texts.bank.similarity(views.vector_VD[chosen_V]).argmax(axis=1)
            by_text = float((nearest_V == views.label_V[chosen_V]).mean())
        found[kind] = Measured(
            int(chosen_V.sum()),
            by_text,
            float(right_V.mean()),
            float(answered_V.mean()),
            float(right_V[answered_V].mean()) if answered_V.any() else 0.0,
        )
    return found


def _own(base: Base, taught: Taught, views: Views) -> tuple[float | None, float | None]:
    others = np.setdiff1d(np.arange(len(base.names)), views.label_V)
    if not len(others):
        return None, None
    text_QD = base.centre_KkD[others].reshape(-1, base.centre_KkD.shape[2])
    label_Q = np.repeat(others, base.centre_KkD.shape[1])
    return tuple(
        float((one.bank.similarity(text_QD).argmax(axis=1) == label_Q).mean()) for one in (zero_shot(base), taught)
    )  # type: ignore[return-value]


def _scores(similarity_VK: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """The best label's calibrated score (V,)."""
    logit_VK = similarity_VK.astype(np.float64) / temperature
    weight_VK = np.exp(logit_VK - logit_VK.max(axis=1, keepdims=True))
    best_V: NDArray[np.float64] = weight_VK.max(axis=1) / weight_VK.sum(axis=1)
    return best_V


def _coverage(bundle: Bundle) -> float:
    """The bundle's; one that was never calibrated answers always, and gets training's default."""
    stated = bundle.description.calibration.coverage
    return stated if stated < 1 else CalibrateConfig().coverage
