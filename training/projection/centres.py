"""Which descriptions stand for a category, and how like them a sample is (UniBind, equations 7 and 8).

Shape legend: M descriptions, K categories, k centres a category, B samples, D embedding size.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from omnibind_ros.errors import ConfigurationError

PROMPT = "A photo of a {category}"
COUNT = 50
NEAR_DUPLICATE = 0.98


def ranked_descriptions(
    vector_MD: NDArray[np.float32],
    category_M: Sequence[str],
    prompt_KD: NDArray[np.float32],
    categories: Sequence[str],
    *,
    near_duplicate: float = NEAR_DUPLICATE,
) -> list[list[int]]:
    """For each category the rows of its descriptions, those nearest to its prompt first, without near-duplicates.

    Vectors have unit length. A description is left out when its cosine to one that comes before it is at least
    `near_duplicate`: it adds nothing but a further chance to be the nearest. Raises ConfigurationError for a category
    without any description.
    """
    ranked = []
    names = np.array(category_M)
    for category, prompt_D in zip(categories, prompt_KD, strict=True):
        row_R = np.flatnonzero(names == category)
        if not len(row_R):
            raise ConfigurationError(f"`{category}` has no description", remedy="describe every category")
        row_R = row_R[np.argsort(-(vector_MD[row_R] @ prompt_D), kind="stable")]
        cosine_RR = vector_MD[row_R] @ vector_MD[row_R].T
        kept: list[int] = []
        for place in range(len(row_R)):
            if not kept or cosine_RR[place, kept].max() < near_duplicate:
                kept.append(place)
        ranked.append(row_R[kept].tolist())
    return ranked


def chosen_descriptions(ranked: Sequence[Sequence[int]], count: int = COUNT) -> NDArray[np.int64]:
    """Rows (K, k) of the best descriptions (equation 7): `count` of each category, or as many as the poorest has.

    All get equally many, because the best of many is higher than the best of few.
    """
    equal = min(count, *(len(rows) for rows in ranked))
    return np.array([rows[:equal] for rows in ranked], np.int64)


def log_mean_exp(
    vector_BD: NDArray[np.float32], centre_KkD: NDArray[np.float32], temperature: float
) -> NDArray[np.float32]:
    """Similarity (B, K) as the smooth maximum: temperature · log of the mean over k of exp(cosine / temperature).

    It goes to the mean of the cosines for high temperatures, and to their maximum, equation 8 and
    `omnibind_ros.recognition.label_bank.LabelBank.similarity`, for low ones.
    """
    cosine_BKk = np.einsum("bd,kcd->bkc", vector_BD, centre_KkD)
    smooth_BK = logsumexp(cosine_BKk / temperature, axis=2) - np.log(centre_KkD.shape[1])
    return np.asarray(temperature * smooth_BK, np.float32)
