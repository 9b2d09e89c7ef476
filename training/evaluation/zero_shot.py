"""Labels that nothing was trained on, recognised from their texts alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import nn

from omnibind_ros.recognition.label_bank import LabelBank
from training.evaluation.combinations import averages, every_combination, fused_rows, rows_with
from training.fusion.embedded import EmbeddedSet


def zero_shot(
    embedded: EmbeddedSet, heads: Mapping[str, nn.Module], bank: LabelBank, unseen: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Per head, by number of modalities, averaged over their combinations.

    embedded: held-out objects, also of labels that were trained; bank: the centres of all labels; unseen: those never
    trained. `unseen`: accuracy among the unseen labels alone; `unseen_among_all`, `seen_among_all`: with all labels to
    choose from; `harmonic`: the harmonic mean of these two, by which generalised zero-shot recognition is judged.
    Raises ValueError when no sample has an unseen label.
    """
    is_unseen_K = np.isin(bank.names, list(unseen))
    label_N = embedded.label_N.numpy()
    if not is_unseen_K[label_N].any():
        raise ValueError("no sample has one of the unseen labels")
    return {name: _of_head(embedded, head, bank, is_unseen_K) for name, head in heads.items()}


def _of_head(embedded: EmbeddedSet, head: nn.Module, bank: LabelBank, is_unseen_K: Any) -> dict[str, Any]:
    found: dict[str, dict[tuple[int, ...], float]] = {"unseen": {}, "unseen_among_all": {}, "seen_among_all": {}}
    for members in every_combination(embedded):
        row_R = rows_with(embedded, members)
        similarity_RK = bank.similarity(fused_rows(embedded, head, members, row_R).numpy())
        label_R = embedded.label_N[row_R].numpy()
        unseen_R = is_unseen_K[label_R]
        among_all_R = similarity_RK.argmax(axis=1) == label_R
        among_unseen_R = np.where(is_unseen_K, similarity_RK, -np.inf).argmax(axis=1) == label_R
        if unseen_R.any():
            found["unseen"][members] = float(among_unseen_R[unseen_R].mean())
            found["unseen_among_all"][members] = float(among_all_R[unseen_R].mean())
        if not unseen_R.all():
            found["seen_among_all"][members] = float(among_all_R[~unseen_R].mean())
    results = {key: averages(values) for key, values in found.items() if values}
    if "seen_among_all" in results:
        results["harmonic"] = {
            key: 2 * new * old / max(new + old, 1e-9)
            for key, new in results["unseen_among_all"].items()
            if (old := results["seen_among_all"].get(key)) is not None
        }
    return results
