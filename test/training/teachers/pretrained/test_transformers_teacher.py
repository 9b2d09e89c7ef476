import json
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
transformers = pytest.importorskip("transformers")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.teachers.pretrained.transformers_teacher import load_transformers_teacher  # noqa: E402

SENTENCES = ["a photo of a mug", "the sound of rain", "Something ELSE, altogether! " * 9]
SEES = {"clip": Modality.IMAGE, "siglip": Modality.IMAGE, "clap": Modality.AUDIO}


@pytest.fixture(params=SEES)
def folder(request):
    return request.getfixturevalue(f"{request.param}_folder")


@pytest.fixture
def teacher(folder):
    return load_transformers_teacher(folder, "tiny")


def test_sentences_are_embedded_as_by_the_model_itself(folder, teacher):
    model, tokenizer = (
        transformers.AutoModel.from_pretrained(folder),
        transformers.AutoTokenizer.from_pretrained(folder),
    )
    encoded = tokenizer(SENTENCES, padding="max_length", truncation=True, return_tensors="pt")
    with torch.no_grad():
        expected = model.eval().get_text_features(
            **{key: encoded[key] for key in ("input_ids", "attention_mask") if key in encoded}
        )
    expected = torch.nn.functional.normalize(expected.pooler_output, dim=-1)
    torch.testing.assert_close(teacher.embed_texts(SENTENCES), expected, atol=1e-5, rtol=0)


def test_every_encoder_takes_what_the_robot_prepares_and_gives_unit_vectors_of_one_space(teacher):
    for modality, encoder in teacher.encoders.items():
        shape = teacher.settings[modality].input_shape
        inputs = torch.ones(3, *shape, dtype=torch.int64) if modality is Modality.TEXT else torch.randn(3, *shape)
        with torch.no_grad():
            vectors = encoder(inputs)
        assert vectors.shape == (3, teacher.dimension)
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(3))
        assert not any(parameter.requires_grad for parameter in encoder.parameters())


def test_each_model_sees_what_it_was_made_for(request):
    for name, modality in SEES.items():
        teacher = load_transformers_teacher(request.getfixturevalue(f"{name}_folder"), "tiny")
        assert set(teacher.encoders) == set(teacher.settings) == {Modality.TEXT, modality}


def test_the_scale_is_that_of_the_model(clip_folder):
    model = transformers.AutoModel.from_pretrained(clip_folder)
    assert load_transformers_teacher(clip_folder, "tiny").scale == pytest.approx(model.logit_scale.exp().item())


def test_sentences_are_cut_and_padded_as_the_tokenizer_does(teacher):
    numbers = teacher.token_numbers(["a mug", "a mug " * 100])
    assert numbers.dtype == np.int64
    assert numbers.shape[1] == teacher.settings[Modality.TEXT].length
    assert numbers[0, -1] != numbers[1, -2]


def test_a_folder_that_is_no_model_says_what_belongs_there(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="save_pretrained"):
        load_transformers_teacher(tmp_path, "tiny")


def test_a_model_without_two_sides_is_refused(clip_folder, tmp_path):
    folder = shutil.copytree(clip_folder, tmp_path / "bert")
    size = {"vocab_size": 120, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    transformers.BertModel(transformers.BertConfig(**size, intermediate_size=64)).save_pretrained(folder)
    with pytest.raises(ConfigurationError, match="get_text_features"):
        load_transformers_teacher(folder, "tiny")


def test_a_feature_extractor_that_the_robot_cannot_follow_is_refused(clap_folder, tmp_path):
    folder = shutil.copytree(clap_folder, tmp_path / "fused")
    file = folder / "preprocessor_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "truncation": "fusion"}))
    with pytest.raises(ConfigurationError, match="fuses"):
        load_transformers_teacher(folder, "tiny")


def test_a_missing_processor_is_told(clip_folder, tmp_path):
    folder = shutil.copytree(clip_folder, tmp_path / "bare")
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(ConfigurationError, match="preprocessor_config"):
        load_transformers_teacher(folder, "tiny")
