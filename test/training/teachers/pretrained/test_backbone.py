import builtins

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.preprocessing.audio import mono, prepare_audio
from omnibind_ros.preprocessing.image import PRESETS, ImageSettings, prepare_image
from training.teachers.pretrained.backbone import known_backbone, open_backbone

SETTINGS = ImageSettings(**{**PRESETS["compact"].model_dump(), "name": "tiny", "side": 4})


def write_network(path, *, channels_last: bool) -> None:
    """Flattened pixels through a random matrix, `feature`, then its exponential."""
    shape = [4, 4, 3] if channels_last else [3, 4, 4]
    weights = np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["pixels"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["feature"]),
            helper.make_node("Exp", ["feature"], ["scores"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", *shape])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 5])],
        [numpy_helper.from_array(weights, "weights")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


@pytest.mark.parametrize("channels_last", [True, False])
def test_an_onnx_file_gives_unit_vectors_of_its_output_or_of_a_tensor_inside(tmp_path, channels_last):
    path = tmp_path / "tiny.onnx"
    write_network(path, channels_last=channels_last)
    inputs = np.random.default_rng(1).normal(size=(3, 3, 4, 4)).astype(np.float32)
    scores, feature = open_backbone(path, SETTINGS)(inputs), open_backbone(path, SETTINGS, "feature")(inputs)
    np.testing.assert_allclose(np.linalg.norm(scores, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(feature, axis=1), 1, atol=1e-6)
    assert (scores > 0).all()
    assert (feature < 0).any()


def test_a_tensor_that_is_not_there_is_refused(tmp_path):
    write_network(tmp_path / "tiny.onnx", channels_last=False)
    with pytest.raises(ConfigurationError, match="no tensor nonsense"):
        open_backbone(tmp_path / "tiny.onnx", SETTINGS, "nonsense")


def test_a_network_for_other_pictures_is_refused(tmp_path):
    write_network(tmp_path / "tiny.onnx", channels_last=False)
    with pytest.raises(ConfigurationError, match="its preprocessing makes"):
        open_backbone(tmp_path / "tiny.onnx", PRESETS["compact"])


@pytest.mark.parametrize(("name", "what"), [("tiny.pt", "no network"), ("absent.onnx", "no such file")])
def test_what_is_no_network_is_refused(tmp_path, name, what):
    with pytest.raises(ConfigurationError, match=what):
        open_backbone(tmp_path / name, SETTINGS)


def test_a_name_that_is_not_known_is_refused_with_those_that_are():
    with pytest.raises(ConfigurationError, match="mobilenet-v2"):
        known_backbone("nonsense")


def test_without_litert_it_says_how_to_get_it(tmp_path, monkeypatch):
    real = builtins.__import__

    def absent(name, *others, **also):
        if name.startswith("ai_edge_litert"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *others, **also)

    monkeypatch.setattr(builtins, "__import__", absent)
    (tmp_path / "some.tflite").touch()
    with pytest.raises(ConfigurationError, match="setup-teachers"):
        open_backbone(tmp_path / "some.tflite", SETTINGS)


def test_a_file_that_is_not_the_known_one_is_refused(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "yamnet_spectra_in.tflite").write_bytes(b"other")
    monkeypatch.setenv("OMNIBIND_TEST_DATA", str(tmp_path))
    with pytest.raises(ConfigurationError, match="copy it again"):
        known_backbone("yamnet")


def test_mobilenet_knows_what_is_on_a_real_picture(recordings):
    pytest.importorskip("ai_edge_litert", reason="an extra: make setup-teachers")
    cv2 = pytest.importorskip("cv2")
    named = known_backbone("mobilenet-v2")
    scores = open_backbone(recordings / "models" / "mobilenet_v2_1.0_224_quant.tflite", named.settings)
    names = (recordings / "models" / "imagenet_labels.txt").read_text().splitlines()
    pictures = [
        cv2.cvtColor(cv2.imread(str(recordings / "image" / "trio" / f"{thing}_image.jpg")), cv2.COLOR_BGR2RGB)
        for thing in ("dog", "car", "bird")
    ]
    inputs = np.stack([prepare_image(picture, named.settings) for picture in pictures])
    dog, car, _ = (names[row.argmax()] for row in scores(inputs))
    assert dog in names[names.index("Chihuahua") : names.index("Mexican hairless") + 1]
    assert any(kind in car for kind in ("cab", "car", "convertible", "wagon"))
    feature = named(inputs)
    assert feature.shape == (3, 1280)
    np.testing.assert_allclose(np.linalg.norm(feature, axis=1), 1, atol=1e-6)


def test_yamnet_hears_what_is_in_a_real_recording(recordings):
    pytest.importorskip("ai_edge_litert", reason="an extra: make setup-teachers")
    from training.data.recordings import read_recording  # noqa: PLC0415

    named = known_backbone("yamnet")
    sounds = sorted((recordings / "audio" / "esc10_16k").glob("*/*.wav"))
    of_label = {sound.parent.name: sound for sound in sounds}
    signals = [mono(read_recording("audio", str(of_label[label])), named.settings.rate_hz) for label in of_label]
    feature = named(np.stack([prepare_audio(signal, named.settings) for signal in signals]))
    assert feature.shape == (len(of_label), 1024)
    np.testing.assert_allclose(np.linalg.norm(feature, axis=1), 1, atol=1e-6)
