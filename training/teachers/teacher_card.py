"""The model card of a bundle that was made straight from a pretrained model."""

from collections.abc import Mapping, Sequence

from omnibind_ros.modality import Modality
from training.teachers.pretrained.weights import Weights


def teacher_card(
    name: str,
    weights: Weights,
    *,
    modalities: Sequence[Modality],
    labels: Sequence[str],
    prompts: Sequence[str],
    parity: Mapping[str, float],
    temperature: float,
) -> str:
    """Markdown of the card. parity: the largest difference between PyTorch and ONNX Runtime, by file."""
    at = f" at revision `{weights.revision}`" if weights.revision else ""
    hashes = "\n".join(f"| {file} | `{digest}` |" for file, digest in sorted(weights.sha256.items()))
    differences = "\n".join(f"| {file} | {difference:.1e} |" for file, difference in sorted(parity.items()))
    return f"""\
# {name}

The encoders for {", ".join(modalities)} of the pretrained model `{weights.origin}`{at}, exported as they are. Nothing
was trained. Its own licence applies: **{weights.licence}**.

Labels: {", ".join(labels)}. Each is known by its text embedding, of {" / ".join(f"`{prompt}`" for prompt in prompts)};
any other label can be given to the robot at run time.

## Limits

- Nothing was measured on the sensors of any robot. Try it on recordings of yours before you rely on it.
- Scores are the model's own: the softmax of its logits over the labels (temperature {temperature:.4g}). They say which
  label is the likeliest **of these**. The bundle never answers `unknown`: there was no data to fit a threshold on.
- Several sensors are fused by the plain mean of their embeddings, which neither knows whom to trust nor was trained.
- What the model was trained on, and what it is biased towards, its publisher's card tells.

## Files

| weights | SHA-256 |
| --- | --- |
{hashes}

| network | largest difference from PyTorch |
| --- | --- |
{differences}
"""
