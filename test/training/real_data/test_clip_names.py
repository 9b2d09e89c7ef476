import json

import numpy as np
import pytest

from omnibind_ros.errors import ConfigurationError
from training.real_data.clip_names import ANYTHING, NAMES_FILE, VECTORS_FILE, label_vectors


@pytest.fixture
def folder(tmp_path):
    for file in (NAMES_FILE, VECTORS_FILE):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / NAMES_FILE).write_text(json.dumps([{"name": name} for name in ("bird", "car", "dog")]))
    np.save(tmp_path / VECTORS_FILE, (np.eye(3) * 7).astype(np.float16))
    return tmp_path


def test_a_label_gets_the_unit_vector_of_its_name(folder):
    vectors = label_vectors(["rooster", "hound"], {"rooster": "bird", "hound": "dog"}, folder)
    np.testing.assert_allclose(vectors, [[1, 0, 0], [0, 0, 1]], atol=1e-6)
    assert vectors.dtype == np.float32


def test_what_is_nothing_in_particular_is_the_mean_of_all(folder):
    np.testing.assert_allclose(label_vectors(["misc"], {"misc": ANYTHING}, folder), np.full((1, 3), 3**-0.5), atol=1e-6)


def test_names_that_are_not_there_are_refused(folder):
    with pytest.raises(ConfigurationError, match="without cat"):
        label_vectors(["cat"], {"cat": "cat"}, folder)


def test_without_the_vectors_it_says_what_is_missing(tmp_path):
    with pytest.raises(ConfigurationError, match=r"text embeddings are not there.*OMNIBIND_TEST_DATA"):
        label_vectors(["cat"], {"cat": "cat"}, tmp_path)
