import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from dataclasses import replace  # noqa: E402

from training.evaluation.retrieval import recall, retrieval  # noqa: E402


def test_recall_counts_queries_with_a_hit_among_the_nearest():
    cosine = torch.tensor([[0.9, 0.5, 0.1], [0.1, 0.2, 0.9]])
    same = torch.tensor([[True, False, False], [False, True, False]])
    assert recall(cosine, same) == {"1": 0.5, "5": 1.0, "10": 1.0, "20": 1.0}


def test_every_pair_is_measured_by_label_and_by_thing(sharp_embedded):
    results = retrieval(sharp_embedded)
    assert len(results["by_label"]) == len(results["by_instance"]) == 4 * 3
    row, same = results["by_label"]["image→audio"], results["by_instance"]["image→audio"]
    assert row["1"] > 0.8
    assert same["1"] < row["1"], "embeddings here say nothing of the thing, only of its label"
    assert row["1"] <= row["5"] <= row["10"] <= row["20"]


def test_things_that_nobody_knows_are_not_looked_for(sharp_embedded):
    unknown = replace(sharp_embedded, group_MN=torch.full_like(sharp_embedded.group_MN, -1))
    assert retrieval(unknown)["by_instance"] == {}


def test_an_item_that_many_samples_share_counts_once(sharp_embedded):
    embedding = sharp_embedded.embedding_MNVD.clone()
    embedding[1, :60] = embedding[1, :1]
    shared = replace(sharp_embedded, embedding_MNVD=embedding, label_N=torch.zeros_like(sharp_embedded.label_N))
    assert retrieval(shared)["by_label"]["thermal→image"]["1"] == 1.0
