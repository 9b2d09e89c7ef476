"""What a few examples teach about labels, in the form of a label bank; no network changes.

Shape legend: V views, K labels, k centres a label, C labels with examples, Q texts of labels without, D embedding size.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from omnibind_ros.inference.label_examples import LabelExamples
from omnibind_ros.recognition.label_bank import LabelBank
from training.few_shot.views import Views

HeadName = Literal["linear", "cache"]
HEADS: tuple[HeadName, ...] = ("linear", "cache")
Settings = Mapping[str, float]

_PULLS = (0.03, 0.3, 3.0)
_ALPHAS = (0.1, 0.3, 1.0, 3.0, 10.0)
_BETAS = (5.0, 10.0, 20.0, 40.0)
_STEPS = 60


@dataclass(frozen=True, eq=False)
class Base:
    """What is known of the labels without examples.

    centre_KkD: unit vectors; NaN where a label is new and the bundle has no text encoder. temperature: of one sensor.
    """

    names: tuple[str, ...]
    centre_KkD: NDArray[np.float32]
    temperature: float

    @property
    def told_K(self) -> NDArray[np.bool_]:  # noqa: N802 a shape
        """Which labels have centres."""
        return np.array([bool(np.isfinite(centre_kD).all()) for centre_kD in self.centre_KkD])

    def completed(self, views: Views) -> NDArray[np.float32]:
        """The centres, those that are missing taken from the examples: their mean direction."""
        centre_KkD = self.centre_KkD.copy()
        for label in np.flatnonzero(~self.told_K):
            own_VD = views.vector_VD[views.label_V == label]
            if len(own_VD):
                mean_D = own_VD.mean(axis=0)
                centre_KkD[label] = mean_D / np.linalg.norm(mean_D)
        # a label nobody has told anything about stands where nothing comes near it
        return np.asarray(np.nan_to_num(centre_KkD, nan=0.0), np.float32)


@dataclass(frozen=True, eq=False)
class Taught:
    """A label bank's content."""

    names: tuple[str, ...]
    centre_KkD: NDArray[np.float32]
    examples: LabelExamples | None = None

    @cached_property
    def bank(self) -> LabelBank:
        """As the robot compares with it."""
        return LabelBank(self.names, self.centre_KkD, self.examples)


def zero_shot(base: Base) -> Taught:
    """The labels by their texts alone."""
    return Taught(base.names, np.asarray(np.nan_to_num(base.centre_KkD, nan=0.0), np.float32))


def teach(head: HeadName, base: Base, views: Views, settings: Settings) -> Taught:
    """Fit a head on views with these settings, which are of `grid(head)`."""
    return _TEACHERS[head](base, views, settings)


def grid(head: HeadName) -> Sequence[Settings]:
    """The settings that a cross-validation chooses from, those that change least first."""
    if head == "linear":
        return [{"pull": pull} for pull in sorted(_PULLS, reverse=True)]
    pairs = sorted(product(_ALPHAS, _BETAS), key=lambda pair: pair[0] * np.exp(-pair[1]))
    return [{"alpha": alpha, "beta": beta} for alpha, beta in pairs]


def _linear(base: Base, views: Views, settings: Settings) -> Taught:
    """Logistic regression whose weights have unit length and no intercept, so that a label bank can hold them.

    Each label with examples gets one weight beside its texts, started at their mean and pulled towards it. The other
    labels stay as they are and compete; their texts are examples that have to stay theirs (after Lin et al., CVPR
    2023). Texts of labels that are taught stay in the bank, for what people say; the weight is fitted without them.
    """
    centre_KkD = base.completed(views)
    taught = np.unique(views.label_V)
    start_CD = functional.normalize(torch.from_numpy(centre_KkD[taught]).mean(dim=1), dim=1)
    free_CD = start_CD.clone().requires_grad_()
    others = np.setdiff1d(np.arange(len(base.names)), taught)
    query_XD = np.concatenate([views.vector_VD, centre_KkD[others].reshape(-1, centre_KkD.shape[2])])
    label_X = torch.from_numpy(np.concatenate([views.label_V, np.repeat(others, centre_KkD.shape[1])]))
    share_X = torch.cat([_shares(len(views)), _shares(len(label_X) - len(views))])
    text_XK = torch.from_numpy(LabelBank(base.names, centre_KkD).similarity(query_XD))
    taught_C, query = torch.from_numpy(taught), torch.from_numpy(query_XD)
    optimiser = torch.optim.LBFGS([free_CD], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def step() -> Tensor:
        optimiser.zero_grad()
        weight_CD = functional.normalize(free_CD, dim=1)
        similarity_XK = text_XK.index_copy(1, taught_C, query @ weight_CD.T)
        errors_X = functional.cross_entropy(similarity_XK / base.temperature, label_X, reduction="none")
        away = (weight_CD - start_CD).square().sum(dim=1).mean() / 2
        loss = (errors_X * share_X).sum() + settings["pull"] * away
        torch.autograd.backward(loss)
        return loss

    optimiser.step(step)  # type: ignore[no-untyped-call]
    # a label without a weight repeats a text: all labels have equally many centres
    weight_KD = centre_KkD[:, 0].copy()
    weight_KD[taught] = functional.normalize(free_CD.detach(), dim=1).numpy()
    return Taught(base.names, np.concatenate([centre_KkD, weight_KD[:, None]], axis=1))


def _shares(count: int) -> Tensor:
    return torch.full((count,), 1 / max(count, 1))


def _cache(base: Base, views: Views, settings: Settings) -> Taught:
    """Tip-Adapter without training: the views are kept, and a label gains by those that are like what is seen."""
    examples = LabelExamples(views.vector_VD, views.label_V, settings["alpha"], settings["beta"])
    return Taught(base.names, base.completed(views), examples)


_TEACHERS: dict[HeadName, Callable[[Base, Views, Settings], Taught]] = {"linear": _linear, "cache": _cache}
