from training.config import DataConfig, TrainingConfig
from training.export.model_card import model_card

PROVENANCE = {"config_sha256": "0123456789abcdef" * 4, "versions": {"python": "3.12.1"}}


def test_the_card_says_what_it_knows_how_well_and_where_it_ends(results):
    card = model_card(TrainingConfig(), ("mug", "spoon"), results, PROVENANCE, {"image.onnx": 1_500_000})
    for needed in (
        "mug, spoon",
        "| image+touch | 95.0 |",
        "| image | 91.2 |",
        "## Limits",
        "Apache-2.0",
        "image.onnx | 1.50 MB",
        "python 3.12.1",
    ):
        assert needed in card
    assert "140 objects a label" in card


def test_a_card_of_recordings_does_not_speak_of_the_simulation(results):
    config = TrainingConfig(data=DataConfig(source="/data/workshop"))
    card = model_card(config, ("mug", "spoon"), results, PROVENANCE, {})
    assert "Recordings (`workshop`)" in card
    assert "simulat" not in card
