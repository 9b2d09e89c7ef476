import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.real_data import recognise
from training.real_data.recognise import embedded, nearest_neighbour, train_to_texts


def test_the_nearest_by_angle_counts_and_of_several_the_most_frequent_label():
    known = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 9]], np.float32)
    label = np.array([0, 1, 1, 2])
    asked = np.array([[5, 0.1], [0.1, 5]], np.float32)
    assert nearest_neighbour(known, label, asked).tolist() == [0, 2]
    assert nearest_neighbour(known, label, asked, 3).tolist() == [1, 1]
    assert nearest_neighbour(known[[0, 3]], label[[0, 3]], asked, 2).tolist() == [0, 2], "of equals the nearest"


def test_a_projector_points_at_the_texts_of_things_it_has_not_seen(monkeypatch):
    monkeypatch.setattr(recognise, "STEPS", 40)
    generator = np.random.default_rng(0)
    label = np.repeat(np.arange(4), 10)
    feature = (np.eye(12)[label] + 0.1 * generator.normal(size=(40, 12))).astype(np.float32)
    text = np.linalg.qr(generator.normal(size=(16, 4)))[0].T.astype(np.float32)
    projector = train_to_texts(feature[::2], label[::2], text, 0)
    vectors = embedded(projector, feature[1::2])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert ((vectors @ text.T).argmax(axis=1) == label[1::2]).mean() > 0.9
