import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tiny_bundle import LABELS, write_tiny_bundle

from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.preprocessing.registry import make_preprocessor
from omnibind_ros.recognition.centre_cache import CentreCache
from omnibind_ros.recognition.label_centres import bank_for
from training.few_shot.examples import embed_examples, read_entries
from training.few_shot.heads import HEADS
from training.few_shot.teach import learn
from training.few_shot.write import lesson_to_markdown, write_taught


@pytest.fixture(params=HEADS)
def taught(request, record, tmp_path):
    bundle = write_tiny_bundle(tmp_path / "tiny")
    examples, _ = embed_examples(read_entries(record(6)), bundle, 1)
    lesson = learn(examples, bundle, request.param, coverage=None, threads=1)
    write_taught(bundle, tmp_path / "mine", lesson, {"lamp": 6, "key": 6, "cup": 6})
    return bundle, load_bundle(tmp_path / "mine"), lesson


def seen(bundle, picture) -> Embedding:
    """A camera's picture the whole way that the robot takes it."""
    preprocessor = make_preprocessor(Modality.IMAGE, bundle.settings[Modality.IMAGE])
    preprocessor.add(picture, 1)
    description = bundle.description.encoders[Modality.IMAGE]
    encoder = Encoder(bundle, Modality.IMAGE, backend_maker(1)(bundle.content(description), description.file))
    made = preprocessor.take()
    vector = encoder.encode([made])[0]
    return Embedding("camera", Modality.IMAGE, vector, made.quality, 1, "camera", bundle.space)


def test_the_robot_names_the_new_labels(taught, look):
    _, new, _ = taught
    pipeline = RecognitionPipeline(new, backend_maker(1), most_labels=3)
    for label in ("lamp", "key", "cup"):
        answer = pipeline.answer([seen(new, look(label, 100))]).answer
        assert answer.best.label == label
        assert not answer.abstained


def test_no_network_changes_and_the_space_stays_the_same_one(taught):
    old, new, _ = taught
    assert new.name == "mine"
    assert new.description.labels.names == (*LABELS, "cup", "key", "lamp")
    assert new.space == old.space
    for modality in old.modalities:
        assert new.description.encoders[modality] == old.description.encoders[modality]
    assert new.description.fusion == old.description.fusion


def test_labels_chosen_at_run_time_keep_what_they_were_taught(taught, look, tmp_path):
    _, new, _ = taught
    bank = bank_for(["lamp", "hammer", "cup"], new, backend_maker(1), CentreCache(tmp_path / "cache", pytest.fail))
    pipeline = RecognitionPipeline(new, backend_maker(1), most_labels=3, labels=bank)
    assert pipeline.answer([seen(new, look("cup", 100))]).answer.hypotheses[0].label == "cup"


def test_the_bundle_tells_how_it_was_taught_and_how_good_it_is(taught):
    _, new, lesson = taught
    few_shot = new.description.provenance["few_shot"]
    assert few_shot["examples"] == {"lamp": 6, "key": 6, "cup": 6}
    assert few_shot["head"] == lesson.head
    assert new.description.metrics["few_shot"]["left_out"]["image"]["accuracy"] == lesson.left_out["image"].accuracy
    card = new.content(new.description.model_card).decode()
    assert card.startswith("# Tiny")
    assert lesson_to_markdown(lesson) in card
