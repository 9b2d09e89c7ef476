import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tiny_bundle import DIMENSION, unit_vectors

from training.few_shot.heads import HEADS, Base, grid, teach, zero_shot
from training.few_shot.views import Views

SETTINGS = {"linear": {"pull": 0.3}, "cache": {"alpha": 3.0, "beta": 5.0}}
NAMES = ("mug", "hammer", "lamp", "key")


def views(per_label: int = 6, seed: int = 0) -> Views:
    """Of the labels 2 and 3: around a direction each, far from all texts."""
    label = np.repeat([2, 3], per_label)
    noise = np.random.default_rng(seed).normal(size=(len(label), DIMENSION)) * 0.1
    vector = np.eye(DIMENSION)[label + 8] + noise
    vector = (vector / np.linalg.norm(vector, axis=1, keepdims=True)).astype(np.float32)
    ones = np.ones(len(label), np.int64)
    return Views(vector, label, ones, np.array(["image"] * len(label)), np.arange(len(label)), ones)


def base(*, texts: bool = True) -> Base:
    centres = unit_vectors(len(NAMES) * 3).reshape(len(NAMES), 3, DIMENSION).copy()
    if not texts:
        centres[2:] = np.nan
    return Base(NAMES, centres, 0.05)


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize("head", HEADS)
def test_new_examples_are_recognised_and_old_texts_keep_their_labels(head, texts):
    known = base(texts=texts)
    taught = teach(head, known, views(), SETTINGS[head])
    unseen = views(seed=1)
    assert (taught.bank.similarity(unseen.vector_VD).argmax(axis=1) == unseen.label_V).mean() > 0.9
    old = known.centre_KkD[:2]
    assert taught.bank.similarity(old.reshape(-1, DIMENSION)).argmax(axis=1).tolist() == [0] * 3 + [1] * 3


@pytest.mark.parametrize("head", HEADS)
def test_a_cross_validation_has_settings_to_choose_from(head):
    assert len(grid(head)) > 1
    assert SETTINGS[head].keys() == grid(head)[0].keys()


@pytest.mark.parametrize("head", HEADS)
def test_centres_are_unit_vectors_as_a_bundle_needs_them(head):
    taught = teach(head, base(texts=False), views(), grid(head)[0])
    np.testing.assert_allclose(np.linalg.norm(taught.centre_KkD, axis=2), 1.0, atol=1e-5)
    assert taught.centre_KkD.dtype == np.float32


def test_what_people_say_of_a_taught_label_is_still_understood():
    known = base()
    taught = teach("linear", known, views(), {"pull": 0.3})
    said = known.centre_KkD[2]
    assert taught.bank.similarity(said).argmax(axis=1).tolist() == [2, 2, 2]


def test_the_stronger_the_pull_the_nearer_a_weight_stays_to_the_texts():
    known = base()
    text = known.centre_KkD[2].mean(axis=0)
    text /= np.linalg.norm(text)
    cosines = [teach("linear", known, views(), {"pull": pull}).centre_KkD[2, -1] @ text for pull in (0.01, 1.0, 100.0)]
    assert cosines == sorted(cosines)
    assert cosines[-1] > 0.9


def test_by_texts_alone_labels_without_any_are_nobodys_nearest():
    similarity = zero_shot(base(texts=False)).bank.similarity(unit_vectors(3, seed=5))
    assert np.all(similarity[:, 2:] == 0)
