"""The model card of a bundle: what it was trained on, what it can do, and what it cannot."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.config import SIMULATION, SimulateConfig, TrainingConfig
from training.evaluation.report import combinations_to_markdown, to_markdown
from training.fusion.heads.registry import BUNDLED

_SIMULATED = """\
- Trained on the simulation of `omnibind_ros.simulation` alone. It recognises simulated objects; on real sensors it
  runs, but its answers there mean nothing. Retrain the students on data of your own sensors (`python -m training`).
- Held-out objects are new instances of the same procedural classes in the same kind of scene: an easier test than a new
  home or workshop would be.
"""
_RECORDED = """\
- Trained on these recordings alone: with other sensors, in other places or light, expect less than below.
- Held-out recordings are of other things or sessions where the data name their groups; where not, the numbers are too
  good.
"""
_LIMITS = """\
- It knows the labels below. Other labels can be put in the label bank, without any promise.
- Scores are calibrated for data like these, with a broken sensor in one set of five; the table is for clean sets, for
  which they are a little too low."""


def model_card(
    config: TrainingConfig,
    labels: tuple[str, ...],
    results: Mapping[str, Any],
    provenance: Mapping[str, Any],
    sizes: Mapping[str, int],
) -> str:
    """Markdown of the card."""
    # retrieval is of the students and has 84 rows: it stays in the results
    bundled = {**results, "heads": {BUNDLED: results["heads"][BUNDLED]}, "retrieval": {}}
    simulated = config.data.source == SIMULATION
    limits = (_SIMULATED if simulated else _RECORDED) + _LIMITS
    files = "\n".join(f"| {name} | {size / 1e6:.2f} MB |" for name, size in sorted(sizes.items()))
    versions = ", ".join(f"{name} {number}" for name, number in provenance["versions"].items())
    return f"""\
# {config.name}

Compact encoders for {", ".join(str(modality) for modality in config.modalities)}, a fusion head for any number
of them in any order, and the text embeddings of {len(labels)} labels, all in one embedding space.

## Data

{_simulation(config.simulate) if simulated else _recordings(config.data.source)}
Text teacher: `all-MiniLM-L6-v2` (Apache-2.0) with a learned projection;
image teacher: trained from scratch on these data.

Labels: {", ".join(labels)}.

## Method

Students by cross-modal alignment distillation and fusion by adaptive fusion, after OmniBind ("Unequal-Scale Modality
Interaction"); the fusion head also learns, from corrupted tokens, whom to trust. Label scores are cosines to the
nearest of several text embeddings a label (UniBind), with a temperature for each number of live sensors.

## Results

{to_markdown(bundled)}
<details><summary>Every combination of modalities</summary>

{combinations_to_markdown(bundled["heads"])}

</details>

## Limits

{limits}

## Files

| file | size |
| --- | --- |
{files}

Licence: Apache-2.0. Seed {config.seed}; configuration {provenance["config_sha256"][:16]}; {versions}.
"""


def _simulation(simulate: SimulateConfig) -> str:
    return (
        "The procedural simulation of `omnibind_ros`, through the robot's own preprocessing: "
        f"{simulate.train_per_label} objects a label for the encoders, {simulate.fusion_per_label} others for the "
        f"fusion head, {simulate.validation_per_label} for calibration, {simulate.test_per_label} for the numbers.\n"
        "No object instance is in two of these parts."
    )


def _recordings(source: str) -> str:
    return (
        f"Recordings (`{Path(source).name}`), through the robot's own preprocessing, divided by groups into those for\n"
        "the encoders, for the fusion head, for calibration, and for the numbers below."
    )
