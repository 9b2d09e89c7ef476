import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.projection.centre_ablation import COUNTS, centre_ablation, to_markdown  # noqa: E402


def test_accuracy_is_measured_for_every_number_of_centres():
    generator = np.random.default_rng(0)
    means = np.eye(3, 8, dtype=np.float32)

    def around(category: int, count: int, spread: float) -> np.ndarray:
        vectors = means[category] + spread * generator.normal(size=(count, 8))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    # the best description of each category is of the next one: a single centre is always wrong
    vectors = np.concatenate([np.concatenate([around((k + 1) % 3, 1, 0.0), around(k, 29, 0.1)]) for k in range(3)])
    ranked = [list(range(30 * k, 30 * k + 30)) for k in range(3)]
    samples, labels = np.concatenate([around(k, 20, 0.05) for k in range(3)]), np.repeat(np.arange(3), 20)
    rows = centre_ablation(samples, labels, vectors, ranked, counts=(1, 20, 30, 100))
    assert [(row.wanted, row.centres) for row in rows] == [(1, 1), (20, 20), (30, 30), (100, 30)]
    assert (rows[0].best, rows[0].log_mean_exp) == (0.0, 0.0)
    assert all(row.log_mean_exp == 1.0 for row in rows[1:])
    assert (rows[2].best, rows[2].log_mean_exp) == (rows[3].best, rows[3].log_mean_exp)
    table = to_markdown(rows)
    assert "| 100 | 30 |" in table
    assert "| 1 | 1 | 0.0 | 0.0 |" in table


def test_it_goes_from_ten_to_a_hundred():
    assert COUNTS == (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
