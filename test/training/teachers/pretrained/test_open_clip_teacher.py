import builtins
import json

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.teachers.pretrained.open_clip_teacher import CONFIG_FILE, load_open_clip_teacher  # noqa: E402

MODEL = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2},
}
PREPROCESS = {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bilinear", "resize_mode": "squash"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    open_clip = pytest.importorskip("open_clip", reason="an extra: make setup-teachers")
    save_file = pytest.importorskip("safetensors.torch").save_file
    folder = tmp_path_factory.mktemp("open_clip")
    (folder / CONFIG_FILE).write_text(json.dumps({"model_cfg": MODEL, "preprocess_cfg": PREPROCESS}))
    torch.manual_seed(0)
    model = open_clip.CLIP(MODEL["embed_dim"], MODEL["vision_cfg"], MODEL["text_cfg"])
    save_file({name: value.contiguous() for name, value in model.state_dict().items()},
              folder / "open_clip_model.safetensors")  # fmt: skip
    write_clip_tokenizer(folder / "tokenizer.json", open_clip.tokenizer.SimpleTokenizer())
    return folder


def write_clip_tokenizer(path, simple):
    """The byte pairs of CLIP as a tokenizer.json, such as models on the Hub have."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415

    merges = list(simple.bpe_ranks)
    tokenizer = Tokenizer(models.BPE(vocab=simple.encoder, merges=merges, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    pattern = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    first, last = ((tokenizer.id_to_token(number), number) for number in (simple.sot_token_id, simple.eot_token_id))
    tokenizer.add_special_tokens([first[0], last[0]])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first[0]} $A {last[0]}", special_tokens=[first, last]
    )
    tokenizer.save(str(path))


def test_texts_and_pictures_are_embedded_as_by_open_clip(folder):
    import open_clip  # noqa: PLC0415

    place = f"local-dir:{folder}"
    teacher = load_open_clip_teacher(folder, "tiny")
    model, tokenizer = open_clip.create_model(place).eval(), open_clip.get_tokenizer(place)
    sentences, pictures = ["a photo of a mug", "two words " * 20], torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        text, image = (
            model.encode_text(tokenizer(sentences), normalize=True),
            model.encode_image(pictures, normalize=True),
        )
        torch.testing.assert_close(teacher.encoders[Modality.IMAGE](pictures), image, atol=1e-5, rtol=0)
    torch.testing.assert_close(teacher.embed_texts(sentences), text, atol=1e-5, rtol=0)
    assert teacher.scale == pytest.approx(model.logit_scale.exp().item())


def test_pictures_are_prepared_as_the_folder_says(folder):
    settings = load_open_clip_teacher(folder, "tiny").settings[Modality.IMAGE]
    assert (settings.side, settings.resize, settings.interpolation) == (32, "squash", "bilinear")


def test_a_folder_without_a_tokenizer_says_so(folder, tmp_path):
    (tmp_path / CONFIG_FILE).write_text((folder / CONFIG_FILE).read_text())
    with pytest.raises(ConfigurationError, match=r"tokenizer\.json"):
        load_open_clip_teacher(tmp_path, "tiny")


def test_without_the_library_it_says_how_to_get_it(tmp_path, monkeypatch):
    real = builtins.__import__

    def absent(name, *others, **also):
        if name == "open_clip":
            raise ImportError("No module named 'open_clip'")
        return real(name, *others, **also)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ConfigurationError, match="setup-teachers"):
        load_open_clip_teacher(tmp_path, "tiny")
