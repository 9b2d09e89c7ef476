import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("webdataset", reason="needs requirements/training.txt")

from tiny_bundle import encoder_network  # noqa: E402

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from omnibind_ros.preprocessing.audio import PRESETS  # noqa: E402
from training.data.recording_inputs import recording_input  # noqa: E402
from training.data.recordings import read_recording  # noqa: E402
from training.projection.encode import embed_texts  # noqa: E402
from training.scale import shard_encoder  # noqa: E402
from training.scale.recording_shards import StoredRecording, find_shards, recordings_of  # noqa: E402
from training.scale.shard_encoder import EncoderSpec  # noqa: E402


def test_a_recording_is_embedded_as_the_robot_would(entries, shards, tiny):
    encoder = EncoderSpec(Modality.IMAGE, bundle=str(tiny.folder)).open()
    encoded = encoder(recordings_of(find_shards(shards)[0], Modality.IMAGE))
    assert encoded.ids == [f"thing/{number:02d}" for number in range(4)]
    first = next(entry for entry in entries if entry.modality is Modality.IMAGE)
    made = recording_input(Modality.IMAGE, read_recording(Modality.IMAGE, first.path), tiny.settings[Modality.IMAGE])
    np.testing.assert_allclose(encoded.vector_ND[0], encoder.network(made[0][None])[0], atol=1e-6)


def test_what_cannot_be_used_is_left_out_with_the_reason(shards, tiny):
    encoder = EncoderSpec(Modality.AUDIO, bundle=str(tiny.folder), readers=2).open()
    encoded = encoder(recordings_of(find_shards(shards)[1], Modality.AUDIO))
    assert encoded.ids == ["thing/05", "thing/06"]
    (silent, quality), (damaged, problem) = encoded.left_out
    assert (silent, damaged) == ("thing/04", "thing/07")
    assert "quality is 0.00" in quality
    assert "RIFF" in problem
    nothing = encoder([])
    assert nothing.vector_ND.shape == (0, 16)


def test_texts_are_read_by_the_bundles_tokenizer():
    from omnibind_ros.inference.bundle import load_bundle  # noqa: PLC0415
    from omnibind_ros.pipeline.resources import bundle_folder  # noqa: PLC0415

    bundle = load_bundle(bundle_folder("omnibind-sim"))
    encoder = EncoderSpec(Modality.TEXT, bundle="omnibind-sim").open()
    encoded = encoder([StoredRecording("1", ".txt", b"a red  mug\n")])
    np.testing.assert_allclose(encoded.vector_ND, embed_texts(bundle, ["a red mug"], 1), atol=1e-6)


def test_inputs_of_a_few_batches_are_held_however_long_the_shard_is(shards, tiny, monkeypatch):
    encoder = EncoderSpec(Modality.IMAGE, bundle=str(tiny.folder)).open()
    (recording, *_) = recordings_of(find_shards(shards)[0], Modality.IMAGE)
    monkeypatch.setattr(shard_encoder, "_BATCH", 4)
    read, embedded, most = [], [], []
    network = encoder.network

    def counting(inputs):
        most.append(len(read) - len(embedded))
        embedded.extend(inputs)
        return network(inputs)

    counting.size = network.size
    monkeypatch.setattr(encoder, "network", counting)
    encoder(read.append(number) or StoredRecording(str(number), ".png", recording.content) for number in range(40))
    assert len(embedded) == 40
    assert max(most) <= 2 * 4


def test_a_backbone_has_its_own_preprocessing_and_another_one_another_digest(tmp_path, tiny):
    shape = PRESETS["yamnet"].input_shape
    digests = set()
    for seed in (0, 1):
        (tmp_path / f"{seed}.onnx").write_bytes(encoder_network(shape, seed=seed))
        spec = EncoderSpec(Modality.AUDIO, backbone=tmp_path / f"{seed}.onnx", preset="yamnet")
        digests.add(spec.open().digest)
    digests.add(EncoderSpec(Modality.AUDIO, bundle=str(tiny.folder)).open().digest)
    assert len(digests) == 3


def test_what_cannot_be_opened_is_told(tmp_path, tiny):
    with pytest.raises(ConfigurationError, match="without a bundle"):
        EncoderSpec(Modality.TEXT, backbone=tmp_path / "a.onnx").open()
    with pytest.raises(ConfigurationError, match="a.onnx: it cannot be read"):
        EncoderSpec(Modality.IMAGE, backbone=tmp_path / "a.onnx").open()
    with pytest.raises(ConfigurationError, match="has no encoder for touch"):
        EncoderSpec(Modality.TOUCH, bundle=str(tiny.folder)).open()


def test_a_gpu_is_asked_for_where_onnx_runtime_has_one(tiny, monkeypatch):
    asked = []
    real = shard_encoder.OnnxRuntimeBackend

    def opened(content, *, providers, **others):
        asked.append(providers)
        return real(content, **others)

    monkeypatch.setattr(shard_encoder, "OnnxRuntimeBackend", opened)
    spec = EncoderSpec(Modality.IMAGE, bundle=str(tiny.folder))
    spec.open(device=3)
    monkeypatch.setattr(shard_encoder.onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    spec.open(device=3)
    assert asked == [["CPUExecutionProvider"], [("CUDAExecutionProvider", {"device_id": 3}), "CPUExecutionProvider"]]
