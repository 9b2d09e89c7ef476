"""From a model in a folder to what the robot says about a message."""

from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from fabricated import SECOND, header, image_message

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
transformers = pytest.importorskip("transformers")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.fusion.source_state import LivenessSettings  # noqa: E402
from omnibind_ros.inference.bundle import load_bundle  # noqa: E402
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from omnibind_ros.pipeline.encoding import EncodingPipeline  # noqa: E402
from omnibind_ros.pipeline.recognition import RecognitionPipeline  # noqa: E402
from omnibind_ros.pipeline.source_settings import AudioFormat, SourceSettings  # noqa: E402
from omnibind_ros.recognition.centre_cache import CentreCache  # noqa: E402
from omnibind_ros.recognition.label_centres import bank_for  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.export.export import TOLERANCE  # noqa: E402
from training.teachers.import_teacher import import_teacher  # noqa: E402
from training.teachers.pretrained.load import load_teacher  # noqa: E402
from training.teachers.pretrained.weights import find_weights  # noqa: E402

LABELS = ["mug", "hammer", "bell", "rain"]
NOW = 1_700_000_000 * SECOND
# of scores in [0, 1]: the pictures' rounding, float32 and ONNX Runtime together
SAME_SCORE = 1e-3


def make_backend(model: bytes, name: str) -> OnnxRuntimeBackend:
    return OnnxRuntimeBackend(model, name=name)


@pytest.fixture(scope="module")
def bundles(clip_folder, siglip_folder, clap_folder, tmp_path_factory):
    """One of each model, made by the command."""
    made = {}
    for name, folder in (("clip", clip_folder), ("siglip", siglip_folder), ("clap", clap_folder)):
        output = tmp_path_factory.mktemp("bundles") / f"tiny-{name}"
        assert main(["import-teacher", str(folder), "--labels", *LABELS, "--output", str(output)]) == 0
        made[name] = load_bundle(output)
    return made


def scores(bundle, modality, *messages):
    """What the robot answers after these messages of one sensor, by label."""
    clock = SimpleNamespace(now=NOW)
    encoding = EncodingPipeline(bundle, make_backend, lambda: clock.now / SECOND)
    liveness = LivenessSettings(2.0, frozen_after_s=9.0, max_clock_offset_s=1.0)
    audio = AudioFormat(rate_hz=16_000)
    source = encoding.add_source(SourceSettings("sensor", modality, "sensor/data", liveness, audio=audio))
    recognition = RecognitionPipeline(bundle, make_backend, most_labels=len(LABELS))
    for message in messages:
        clock.now = message.header.stamp.sec * SECOND + message.header.stamp.nanosec
        source.receive(message, clock.now, clock.now / SECOND)
        step = encoding.step(clock.now, wanted=True)
        assert not step.errors
        for embedding in step.embeddings:
            recognition.accept(embedding, ttl_s=2.0, now_ns=clock.now)
    recognised = recognition.recognise(clock.now)
    assert recognised is not None
    assert not recognised.answer.abstained
    return {one.label: one.score for one in recognised.answer.hypotheses}


def expected_scores(folder, prompts, **inputs):
    """The same by transformers alone: processor, model, its logits, and their softmax."""
    model = transformers.AutoModel.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    text = tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt")
    if "attention_mask" in text and "attention_mask" in tokenizer.model_input_names:
        inputs["attention_mask"] = text["attention_mask"]
    with torch.no_grad():
        output = model(input_ids=text["input_ids"], **inputs)
    logits = output.logits_per_audio if "input_features" in inputs else output.logits_per_image
    return dict(zip(LABELS, logits.softmax(dim=-1)[0].tolist(), strict=True))


@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_the_robot_scores_a_picture_as_transformers_does(bundles, name, request):
    folder = request.getfixturevalue(f"{name}_folder")
    message = image_message(NOW)
    picture = np.frombuffer(message.data, np.uint8).reshape(48, 64, 3)
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    pixels = processor(picture, return_tensors="pt", input_data_format="channels_last")["pixel_values"]
    prompts = ["a photo of a mug", "a photo of a hammer", "a photo of a bell", "a photo of a rain"]
    expected = expected_scores(folder, prompts, pixel_values=pixels)
    assert max(expected.values()) - min(expected.values()) > 10 * SAME_SCORE
    assert scores(bundles[name], Modality.IMAGE, message) == pytest.approx(expected, abs=SAME_SCORE)


def test_the_robot_scores_a_sound_as_transformers_does(bundles, clap_folder):
    samples = (np.random.default_rng(0).normal(size=16_000) * 3000).astype("<i2")
    parts = [
        SimpleNamespace(
            header=header(NOW + (start + 1) * SECOND // 10),
            audio=SimpleNamespace(data=samples[1600 * start : 1600 * (start + 1)].tobytes()),
        )
        for start in range(10)
    ]
    extractor = transformers.AutoFeatureExtractor.from_pretrained(clap_folder)
    features = extractor(samples.astype(np.float32) / 32768, sampling_rate=16_000, return_tensors="pt")
    prompts = [f"this is the sound of a {label}" for label in LABELS]
    expected = expected_scores(clap_folder, prompts, input_features=features["input_features"])
    assert scores(bundles["clap"], Modality.AUDIO, *parts) == pytest.approx(expected, abs=SAME_SCORE)


def test_the_networks_are_what_pytorch_computes(bundles):
    for bundle in bundles.values():
        parity = bundle.description.metrics["parity"]
        assert {"fusion.onnx", "text.onnx"} < set(parity)
        assert max(parity.values()) <= TOLERANCE


def test_the_bundle_tells_where_it_comes_from(bundles, clip_folder):
    description = bundles["clip"].description
    assert description.licence == "mit"
    assert description.name == "tiny-clip"
    teacher = description.provenance["teacher"]
    assert teacher["origin"] == str(clip_folder)
    assert set(teacher["sha256"]) == {"model.safetensors"}
    assert description.fusion.name == "mean"
    assert "mit" in (bundles["clip"].folder / description.model_card.file).read_text()
    yaml.safe_load((bundles["clip"].folder / "bundle.yaml").read_text())


def test_the_robot_can_be_given_other_labels_at_run_time(bundles, tmp_path):
    bank = bank_for(["sound", "photo", "mug"], bundles["clip"], make_backend, CentreCache(tmp_path, pytest.fail))
    assert bank is not None
    assert bank.names == ("sound", "photo", "mug")


def test_every_prompt_is_a_centre_of_its_label(clip_folder, tmp_path):
    weights = find_weights(str(clip_folder))
    teacher = load_teacher(weights, "tiny")
    prompts = ["a photo of {article} {label}", "the sound of {label}"]
    bundle = import_teacher(teacher, weights, LABELS, tmp_path / "two", prompts=prompts, temperature=0.5)
    assert bundle.centres_KkD.shape == (4, 2, teacher.dimension)
    assert bundle.description.calibration.temperatures == (0.5,)
    np.testing.assert_allclose(bundle.centres_KkD[1, 1], teacher.embed_texts(["the sound of hammer"])[0], atol=1e-6)


@pytest.mark.parametrize(
    ("labels", "options", "what"),
    [
        (["mug"], {}, "at least two"),
        (["mug", "mug"], {}, "different"),
        (["mug", "Unknown"], {}, "cannot be a label"),
        (["mug", " "], {}, "cannot be a label"),
        (["mug", "pan"], {"prompts": ["a {thing}"]}, "write {label}"),
        (["mug", "pan"], {"temperature": 0.0}, "above 0"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_exported(clip_folder, tmp_path, labels, options, what):
    weights = find_weights(str(clip_folder))
    with pytest.raises(ConfigurationError, match=what):
        import_teacher(load_teacher(weights, "tiny"), weights, labels, tmp_path / "none", **options)
    assert not (tmp_path / "none").exists()


def test_labels_may_stand_in_a_file_and_errors_are_one_line(clip_folder, tmp_path, capsys):
    (tmp_path / "labels.txt").write_text("mug\n\n")
    output = str(tmp_path / "none")
    given = ["import-teacher", str(clip_folder), "--labels", str(tmp_path / "labels.txt"), "--output", output]
    assert main(given) == 1
    assert "at least two" in capsys.readouterr().out
