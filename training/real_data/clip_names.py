"""Real text embeddings of CLIP (ViT-B/32, prompt "a <name>") of the 1,203 names of LVIS, and which stand for a label.

Shape legend: K labels, L names, D embedding size.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from training.data.real_data import real_data_folder

NAMES_FILE = "models/clip_text/lvis_names.json"
VECTORS_FILE = "models/clip_text/lvis_v1_clip_a+cname.npy"
ANYTHING = "the mean of all names"


def label_vectors(labels: Sequence[str], name_of: Mapping[str, str], folder: Path | None = None) -> NDArray[np.float32]:
    """Unit vectors (K, D) of labels. name_of: of each label, a name of LVIS or `ANYTHING`.

    Raises ConfigurationError when the vectors are not there or not those of the names.
    """
    root = real_data_folder("text embeddings are", [NAMES_FILE, VECTORS_FILE], folder)
    names = [entry["name"] for entry in json.loads((root / NAMES_FILE).read_text(encoding="utf-8"))]
    vector_LD = np.load(root / VECTORS_FILE).astype(np.float32)
    unknown = [name_of[label] for label in labels if name_of[label] not in {*names, ANYTHING}]
    if len(vector_LD) != len(names) or unknown:
        raise ConfigurationError(
            f"{len(vector_LD)} vectors for {len(names)} names, without {', '.join(unknown) or 'any'}",
            remedy="copy the files again",
            source=str(root / VECTORS_FILE),
        )
    unit_LD = _unit(vector_LD)
    rows = [
        unit_LD.mean(axis=0) if name_of[label] == ANYTHING else unit_LD[names.index(name_of[label])] for label in labels
    ]
    return _unit(np.stack(rows))


def _unit(vector_ND: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector_ND / np.linalg.norm(vector_ND, axis=1, keepdims=True), np.float32)
