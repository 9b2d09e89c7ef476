from training.config import full
from training.export.model_card import model_card

RESULTS = {"labels": 2, "samples": 9, "single": {"image": 0.5}, "by_number": {}, "robustness": {}, "calibration": {}}
PROVENANCE = {"config_sha256": "0123456789abcdef" * 4, "versions": {"python": "3.12.1"}}


def test_the_card_says_what_it_knows_how_well_and_where_it_ends():
    card = model_card(full(), ("mug", "spoon"), RESULTS, PROVENANCE, {"image.onnx": 1_500_000})
    for needed in (
        "mug, spoon",
        "| image | 50.0 |",
        "## Limits",
        "Apache-2.0",
        "image.onnx | 1.50 MB",
        "python 3.12.1",
    ):
        assert needed in card
