"""What one broken modality costs: in every combination, every one of its modalities in turn is replaced.

Shape legend: M modalities, N samples, D embedding size, E answers to nothing, F faulty samples.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from omnibind_ros.fusion.live_set import SMALLEST_QUALITY
from training.evaluation.combinations import Members, Replaced, combination_name
from training.fusion.embedded import EmbeddedSet

KINDS = ("noise", "another object", "broken sensor")
_LEAST_CLEAN = 2


def replacements(embedded: EmbeddedSet, seed: int) -> dict[str, dict[int, Replaced]]:
    """By kind and modality, what stands in its place, the same for every head.

    `noise`: the encoder's answer to noise and to constant inputs; `another object`: what the same sensor saw of an
    object with another label; `broken sensor`: the encoder's answer to what a broken sensor sent, where its quality
    would not have made the robot refuse it. A modality without such data is left out of that kind.
    """
    generator = torch.Generator().manual_seed(seed)
    found: dict[str, dict[int, Replaced]] = {kind: {} for kind in KINDS}
    count = len(embedded)
    for index in range(len(embedded.modalities)):
        empty_N = torch.randint(embedded.empty_MED.shape[1], (count,), generator=generator)
        found["noise"][index] = Replaced(embedded.empty_MED[index, empty_N], embedded.quality_MN[index])
        other_N = _another_object(embedded, index, generator)
        found["another object"][index] = Replaced(
            embedded.embedding_MNVD[index, other_N, 0], embedded.quality_MN[index, other_N]
        )
        passed_F = embedded.faulty_quality_MF[index] >= SMALLEST_QUALITY
        if passed_F.any():
            broken_N = torch.multinomial(passed_F.float(), count, replacement=True, generator=generator)
            found["broken sensor"][index] = Replaced(
                embedded.faulty_MFD[index, broken_N], embedded.faulty_quality_MF[index, broken_N]
            )
    return found


def robustness(
    embedded: EmbeddedSet,
    accuracy_of: Callable[[Members, Mapping[int, Replaced]], float],
    clean: Mapping[Members, float],
    replaced: Mapping[str, Mapping[int, Replaced]],
) -> dict[str, dict[str, Any]]:
    """Per kind: mean accuracy before and after, mean and worst loss, over all combinations with two or more clean ones.

    accuracy_of: of a combination in which some modalities are replaced; clean: of every combination as it is.
    loss: against the same combination with the modality whole. loss_to_absent: against the combination without the
    modality, which is what a head could reach that knew which one lies.
    """
    results = {}
    for kind, by_index in replaced.items():
        cases = [(members, victim) for members in clean if len(members) > _LEAST_CLEAN for victim in members]
        cases = [(members, victim) for members, victim in cases if victim in by_index]
        if not cases:
            continue
        corrupted = np.array([accuracy_of(members, {victim: by_index[victim]}) for members, victim in cases])
        whole = np.array([clean[members] for members, _ in cases])
        without = np.array([clean[tuple(i for i in members if i != victim)] for members, victim in cases])
        worst = int((whole - corrupted).argmax())
        results[kind] = {
            "clean": float(whole.mean()),
            "corrupted": float(corrupted.mean()),
            "mean_loss": float((whole - corrupted).mean()),
            "worst_loss": float((whole - corrupted).max()),
            "mean_loss_to_absent": float((without - corrupted).mean()),
            "worst_loss_to_absent": float((without - corrupted).max()),
            "worst_combination": combination_name(embedded, cases[worst][0]),
            "worst_modality": str(embedded.modalities[cases[worst][1]]),
        }
    return results


def _another_object(embedded: EmbeddedSet, index: int, generator: torch.Generator) -> Tensor:
    """For each sample (N,) one with another label of which the modality is usable."""
    other_NN = embedded.usable_MN[index] & (embedded.label_N[:, None] != embedded.label_N)
    # where there is none, any sample will do
    other_NN |= ~other_NN.any(dim=1, keepdim=True)
    return torch.multinomial(other_NN.float(), 1, generator=generator).squeeze(1)
