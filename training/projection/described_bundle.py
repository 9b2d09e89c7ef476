"""A bundle whose labels are the categories that were described: every network as it was, another label bank."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle


def write_described(bundle: Bundle, output: Path, names: Sequence[str], centre_KkD: NDArray[np.float32]) -> Bundle:
    """Write the bundle to `output` with these labels, and load it back. centre_KkD: unit vectors of the bundle's space.

    The calibration is the one it had. Raises BundleError, and ConfigurationError where the bundle would replace itself.
    """
    if output.expanduser().absolute() == bundle.folder:
        raise ConfigurationError("the new bundle would replace the old one", remedy="name another folder in --into")
    description: dict[str, Any] = bundle.description.model_dump(mode="json", exclude={"format"})
    contents = {reference.file: bundle.content(reference) for reference in bundle.description.files()}
    labels, card = bundle.description.labels.file, bundle.description.model_card.file
    contents[labels] = save({"centres": np.ascontiguousarray(centre_KkD)})
    contents[card] += _card(bundle.name, names, centre_KkD.shape[1]).encode()
    description |= {
        "name": output.name,
        "labels": {**file_reference(labels, contents[labels]), "names": list(names)},
        "model_card": file_reference(card, contents[card]),
        "provenance": {
            **description["provenance"],
            "descriptions": {"made_by": "python -m training centres", "bundle": bundle.name},
        },
    }
    return write_bundle(output, description, contents)


def _card(origin: str, names: Sequence[str], count: int) -> str:
    return f"""
## Labels from descriptions

Made from the bundle `{origin}` by `python -m training centres`: {len(names)} labels of {count} descriptions each,
through its own text encoder: {", ".join(names)}. No network was changed, and nothing was measured: what is said above
about labels, accuracy and calibration is of the bundle it was made from.
"""
