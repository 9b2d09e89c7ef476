# PyTorch and transformers are imported where they are used: the tests are skipped where they are missing.
# ruff: noqa: PLC0415, S106 (a tokenizer's tokens are no passwords)
"""Models of the real architectures, a few kilobytes each, as save_pretrained writes them."""

from pathlib import Path

import pytest

CORPUS = ["a photo of a mug", "a photo of a hammer", "this is the sound of a bell", "the sound of rain"] * 3
TOWER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
VISION = {**TOWER, "image_size": 32, "patch_size": 8}
LENGTH = 16


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory) -> Path:
    transformers = needed()
    folder = tmp_path_factory.mktemp("clip")
    tokenizer = clip_tokenizer(folder)
    text = {**TOWER, "vocab_size": len(tokenizer), "max_position_embeddings": LENGTH}
    numbers = {"eos_token_id": tokenizer.eos_token_id, "bos_token_id": tokenizer.bos_token_id}
    config = transformers.CLIPConfig(
        text_config={**text, **numbers, "pad_token_id": tokenizer.pad_token_id}, vision_config=VISION, projection_dim=24
    )
    transformers.CLIPModel(config).save_pretrained(folder)
    size = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    transformers.CLIPImageProcessorPil(**size).save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# A tiny CLIP\n")
    return folder


@pytest.fixture(scope="session")
def siglip_folder(tmp_path_factory) -> Path:
    """Its text tower sees the padding, and pictures are squashed."""
    transformers = needed()
    folder = tmp_path_factory.mktemp("siglip")
    tokenizer = word_tokenizer(folder, model_input_names=["input_ids"])
    text = {**TOWER, "vocab_size": len(tokenizer), "max_position_embeddings": LENGTH, "projection_size": 32}
    config = transformers.SiglipConfig(text_config=text, vision_config=VISION)
    model = transformers.SiglipModel(config)
    model.logit_scale.data.fill_(3.0)
    model.save_pretrained(folder)
    transformers.SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A tiny SigLIP\n")
    return folder


@pytest.fixture(scope="session")
def clap_folder(tmp_path_factory) -> Path:
    """A second of sound, which its text tower reads with an attention mask."""
    transformers = needed()
    folder = tmp_path_factory.mktemp("clap")
    tokenizer = word_tokenizer(folder)
    text = {**TOWER, "vocab_size": len(tokenizer), "max_position_embeddings": 40, "pad_token_id": 1}
    audio = {
        "patch_embeds_hidden_size": 16,
        "depths": [1, 1],
        "num_attention_heads": [2, 2],
        "num_hidden_layers": 2,
        "hidden_size": 32,
        "spec_size": 64,
        "num_mel_bins": 16,
        "window_size": 4,
    }
    config = transformers.ClapConfig(text_config=text, audio_config=audio, projection_dim=24)
    transformers.ClapModel(config).save_pretrained(folder)
    transformers.ClapFeatureExtractor(
        feature_size=16, sampling_rate=16_000, max_length_s=1, frequency_max=8000, truncation="rand_trunc"
    ).save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A tiny CLAP\n")
    return folder


def needed():
    torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
    torch.manual_seed(0)
    transformers = pytest.importorskip("transformers")
    if not hasattr(transformers, "CLIPImageProcessorPil"):
        pytest.skip("needs transformers 5")
    return transformers


def clip_tokenizer(folder: Path):
    """Byte pairs; the end's token pads too, as in CLIP."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    first, last = "<|startoftext|>", "<|endoftext|>"
    tokenizer = Tokenizer(models.BPE(unk_token=last, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.BPEDecoder()
    trainer = trainers.BpeTrainer(
        vocab_size=120, special_tokens=[first, last], end_of_word_suffix="</w>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, 0), (last, 1)]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=first, eos_token=last, unk_token=last, pad_token=last,
        model_max_length=LENGTH,
    )  # fmt: skip
    wrapped.save_pretrained(folder)
    return wrapped


def word_tokenizer(folder: Path, **also):
    """Words, with a padding token of its own that is number 1."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordLevelTrainer(special_tokens=specials, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>",
        model_max_length=LENGTH, **also,
    )  # fmt: skip
    wrapped.save_pretrained(folder)
    return wrapped
