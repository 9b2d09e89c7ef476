from pathlib import Path

from omnibind_ros.modality import Modality
from training.teachers.pretrained.weights import Weights
from training.teachers.teacher_card import teacher_card


def test_the_card_says_whose_model_it_is_and_what_was_not_measured():
    weights = Weights(Path("clip"), "some/clip", "1" * 40, "mit", {"model.safetensors": "ab" * 32})
    card = teacher_card(
        "my-bundle",
        weights,
        modalities=(Modality.IMAGE, Modality.TEXT),
        labels=("mug", "hammer"),
        prompts=("a photo of {article} {label}",),
        parity={"image.onnx": 3e-7},
        temperature=0.01,
    )
    for part in ("# my-bundle", "some/clip", "1" * 40, "**mit**", "ab" * 32, "3.0e-07", "mug, hammer", "unknown"):
        assert part in card
