import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.nn import functional  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.description_contrast import description_contrast, numbers_of_rows  # noqa: E402
from training.projection.descriptions import Description, described_samples, item_description_id  # noqa: E402
from training.projection.embedding_table import EmbeddingTable  # noqa: E402
from training.projection.pairs import matches  # noqa: E402
from training.projection.train import CachedEmbeddings, ProjectConfig, projected, retrieval_of, train_projector  # noqa: E402


def unit(rows: int, seed: int) -> "torch.Tensor":
    generator = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(rows, 6, generator=generator, dtype=torch.float64), dim=1)


def reference(sample: np.ndarray, said: np.ndarray, item: list[int], sentence: list[int], temperature: float) -> float:
    """Equation 6 term by term in double precision, over the descriptions that are not true of the sample."""
    total = 0.0
    for i in range(len(sample)):
        own = np.exp(sample[i] @ said[i] / temperature)
        others = sum(
            np.exp(sample[i] @ said[j] / temperature)
            for j in range(len(said))
            if item[j] != item[i] and sentence[j] != sentence[i]
        )
        total -= np.log(own / (own + others)) / len(sample)
    return total


NUMBERS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8)


@settings(deadline=None, max_examples=60)
@given(NUMBERS, st.integers(0, 1000), st.floats(0.07, 2.0))
def test_it_is_the_papers_sum(numbers, seed, temperature):
    item, sentence = map(list, zip(*numbers, strict=True))
    left, right = unit(len(item), seed), unit(len(item), seed + 1)
    loss = description_contrast(left, right, torch.tensor(item), torch.tensor(sentence), temperature)
    expected = reference(left.numpy(), right.numpy(), item, sentence, temperature)
    assert loss.item() == pytest.approx(expected, abs=1e-9, rel=1e-6)


def test_of_different_samples_and_sentences_it_is_infonce():
    left, right, number = unit(9, 0), unit(9, 1), torch.arange(9)
    expected = functional.cross_entropy(left @ right.T / 0.1, number)
    torch.testing.assert_close(description_contrast(left, right, number, number, 0.1), expected)


def test_the_order_of_the_batch_changes_nothing():
    left, right, order = unit(8, 0), unit(8, 1), torch.randperm(8)
    item, sentence = torch.arange(8) // 2, torch.arange(8) % 5
    shuffled = description_contrast(left[order], right[order], item[order], sentence[order], 0.1)
    torch.testing.assert_close(shuffled, description_contrast(left, right, item, sentence, 0.1))


def test_what_else_is_true_of_a_sample_is_no_negative():
    left, right, number, twice = unit(3, 0), unit(3, 1), torch.arange(3), [0, 1, 2, 2]
    alone = description_contrast(left, right, number, number, 0.1)
    doubled = description_contrast(left[twice], right[twice], number[twice], torch.arange(4), 0.1)
    assert doubled == description_contrast(left[twice], right[twice], torch.arange(4), number[twice], 0.1)
    last = description_contrast(left[2:], right[2:], number[2:], number[2:], 0.1)
    assert last == 0, "a sample alone has nothing to be told apart from"
    assert doubled != alone, "the others have one more negative"
    nothing_else = torch.zeros(3, dtype=torch.int64)
    assert description_contrast(left, right, nothing_else, number, 0.1) == 0


def test_the_descriptions_get_no_gradient_and_the_temperature_does():
    left, right = unit(5, 0).requires_grad_(), unit(5, 1).requires_grad_()
    temperature = torch.tensor(0.1, requires_grad=True)
    number = torch.arange(5)
    torch.autograd.backward(description_contrast(left, right, number, number, temperature))
    assert right.grad is None
    assert left.grad.abs().sum() > 0
    assert temperature.grad.abs() > 0


def test_half_precision_and_tiny_temperatures_stay_finite():
    left, right, number = unit(5, 0).half(), unit(5, 1).half(), torch.arange(5)
    assert torch.isfinite(description_contrast(left, right, number, number, 0.01))


def test_equal_rows_have_one_number():
    numbers = numbers_of_rows(torch.tensor([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0]]))
    assert numbers[0] == numbers[2] != numbers[1]


SPACE, CATEGORIES, ITEMS = 12, 6, 180


@pytest.fixture(scope="module")
def knowledge():
    """Items of categories, a sensor that sees them in a turned and noisy way, and a table that tells of them.

    Every item has two descriptions: one of its own, and a sentence that is said of its whole category.
    """
    generator = np.random.default_rng(0)
    category = np.arange(ITEMS) % CATEGORIES
    kind = generator.normal(size=(CATEGORIES, SPACE))
    item = kind[category] + 0.7 * generator.normal(size=(ITEMS, SPACE))
    sensor = item @ generator.normal(size=(SPACE, 20)) + 0.5 * generator.normal(size=(ITEMS, 20)) + 3
    said = np.concatenate([item + 0.1 * generator.normal(size=item.shape), kind[category]])
    rows = [
        Description(
            item_description_id(str(number % ITEMS), number // ITEMS), f"c{category[number % ITEMS]}", "said", ""
        )
        for number in range(2 * ITEMS)
    ]
    texts = EmbeddingTable(tuple(row.id for row in rows), said.astype(np.float32))
    own = EmbeddingTable(tuple(map(str, range(ITEMS))), sensor.astype(np.float32))
    return CachedEmbeddings(Modality.TOUCH, own, {Modality.TEXT: texts}), rows, category, kind


def test_a_single_layer_learns_from_descriptions_what_its_sensor_sees(knowledge, tmp_path):
    cached, rows, category, kind = knowledge
    known = {str(number): number for number in range(120)}
    sample_P, description_P = described_samples(rows, known)
    assert len(sample_P) == 240
    pairs = matches(sample_P, {Modality.TEXT: description_P})
    config = ProjectConfig(loss="descriptions", hidden=0, epochs=15, batch=64, learning_rate=1e-2)
    trained = train_projector(tmp_path, cached, [pairs], config)
    unseen_ND = projected(trained.projector, cached.projected).vector_ND[120:]
    centre_KD = kind / np.linalg.norm(kind, axis=1, keepdims=True)
    accuracy = float(((unseen_ND @ centre_KD.T).argmax(axis=1) == category[120:]).mean())
    assert accuracy > 0.8, "chance is 1 in 6"
    held_out = matches(range(120, 180), {Modality.TEXT: range(120, 180)})
    assert retrieval_of(trained.projector, cached, held_out)["touch→text"]["1"] > 0.25, "chance is 1 in 60"
