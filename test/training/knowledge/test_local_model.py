# ruff: noqa: PLC0415, S106 (a tokenizer's tokens are no passwords)
import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
transformers = pytest.importorskip("transformers")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from training.knowledge.local_model import LocalModel  # noqa: E402
from training.knowledge.question import Question, Sampling  # noqa: E402

CORPUS = ["write two sentences about a mug", "a mug is round", "the picture is the recording"]
TEXT_TEMPLATE = "{% for m in messages %}<s> {{ m['content'] }} </s>{% endfor %}"
PARTS_TEMPLATE = (
    "{% for m in messages %}<s> {% for p in m['content'] %}"
    "{{ '<image>' if p['type'] == 'image' else p['text'] }} {% endfor %}</s>{% endfor %}"
)
SIZES = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
    "initializer_range": 0.5,  # so that what it is given matters
}  # fmt: skip
SAMPLING = Sampling(temperature=5.0, answer_tokens=12)


def tokenizer(template: str | None):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    words = Tokenizer(models.WordLevel(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    specials = ["<s>", "</s>", "<unk>", "<pad>", "<image>"]
    words.train_from_iterator(CORPUS, trainers.WordLevelTrainer(special_tokens=specials, show_progress=False))
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>",
        additional_special_tokens=["<image>"],
    )  # fmt: skip
    made.chat_template = template
    return made


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """Folders of a model that reads, with and without a chat template."""
    torch.manual_seed(0)
    folders = []
    for template in (TEXT_TEMPLATE, None):
        folder = tmp_path_factory.mktemp("writer")
        reader = tokenizer(template)
        config = transformers.LlamaConfig(
            **SIZES, vocab_size=len(reader), bos_token_id=0, eos_token_id=1, pad_token_id=3, max_position_embeddings=64
        )
        transformers.LlamaForCausalLM(config).save_pretrained(folder)
        reader.save_pretrained(folder)
        folders.append(folder)
    return folders


@pytest.fixture(scope="module")
def observer(tmp_path_factory):
    """Folder of a model that sees and reads: LLaVA's architecture."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("observer")
    reader = tokenizer(PARTS_TEMPLATE)
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(**SIZES, image_size=16, patch_size=8),
        text_config=transformers.LlamaConfig(
            **SIZES, vocab_size=len(reader), bos_token_id=0, eos_token_id=1, pad_token_id=3, max_position_embeddings=64
        ),
        image_token_id=reader.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
    )
    transformers.LlavaForConditionalGeneration(config).save_pretrained(folder)
    sizes = {"size": {"shortest_edge": 16}, "crop_size": {"height": 16, "width": 16}}
    transformers.LlavaProcessor(
        image_processor=transformers.CLIPImageProcessorPil(**sizes), tokenizer=reader, patch_size=8,
        vision_feature_select_strategy="default", num_additional_image_tokens=1, chat_template=PARTS_TEMPLATE,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def picture(level: int) -> bytes:
    return cv2.imencode(".jpg", np.full((20, 30, 3), level, np.uint8))[1].tobytes()


def test_a_model_answers_the_same_for_the_same_seed_and_counts_tokens(writer):
    model = LocalModel(writer[0], sampling=SAMPLING)
    first = model.answer(Question("write about a mug", seed=1))
    assert model.answer(Question("write about a mug", seed=1)) == first
    assert model.answer(Question("write about a mug", seed=2)).text != first.text
    assert first.tokens_in == 6, "four words between the template's marks"
    assert 1 <= first.tokens_out <= 12
    assert first.tokens_out == 12 or not first.is_cut
    assert "write" not in first.text.split()[:1], "the question is no part of the answer"
    assert model.name == writer[0].name


def test_a_model_without_a_template_goes_on_from_the_words(writer):
    assert LocalModel(writer[1], sampling=SAMPLING).answer(Question("a mug is")).tokens_in == 3


def test_without_temperature_the_most_probable_words_are_taken(writer):
    model = LocalModel(writer[0], sampling=Sampling(temperature=0.0, answer_tokens=4))
    assert model.answer(Question("a mug", seed=1)).text == model.answer(Question("a mug", seed=2)).text


def test_a_model_that_sees_answers_with_and_without_a_picture(observer):
    model = LocalModel(observer, sampling=SAMPLING)
    told = model.answer(Question("a mug is"))
    dark, light = (model.answer(Question("a mug is", picture(level))) for level in (0, 255))
    assert dark.tokens_in == told.tokens_in + 4, "four patches of the picture"
    assert dark == model.answer(Question("a mug is", picture(0)))
    assert dark.text != light.text


def test_a_model_without_eyes_refuses_pictures(writer):
    with pytest.raises(ConfigurationError, match="sees no pictures.*--text-only"):
        LocalModel(writer[0]).answer(Question("a mug is", picture(0)))


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="no such folder.*hf download"):
        LocalModel(tmp_path / "absent")
    with pytest.raises(ConfigurationError, match="no model that writes"):
        LocalModel(tmp_path)
