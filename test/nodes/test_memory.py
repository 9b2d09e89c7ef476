"""The memory on real DDS: what a sensor showed is found again, by words and by sensor, after a restart too."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
pytest.importorskip("faiss", reason="needs requirements/memory.txt")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from every_modality import write_bundle_of_every_modality
from rclpy.parameter import Parameter
from ros_bench import RETRY_S, Bench, Sensor, real_image
from std_msgs.msg import String
from std_srvs.srv import Trigger
from tiny_bundle import LABELS

from omnibind_ros.errors import ConfigurationError, StoreError
from omnibind_ros.nodes.memory import MemoryNode
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.simulation.objects import HELD_OUT_SEED
from omnibind_ros.simulation.samples import draw_sample

pytestmark = pytest.mark.ros

CAMERA = {"modality": "image", "topic": "camera/image_raw", "frozen_after": 0.0}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is left in the user's own folders."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "omnibind_ros"


@pytest.fixture(scope="session")
def with_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A bundle with a text encoder."""
    folder = tmp_path_factory.mktemp("every") / "bundle"
    write_bundle_of_every_modality(folder)
    return str(folder)


class Asker:
    """Asks the memory on a bench."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._answers = bench.hear("memory/hits", DiagnosticArray)
        self._questions = bench.node.create_publisher(String, "memory/query", 5)

    def ask(self, text: str) -> list[Any]:
        """The statuses of the answer."""
        self._answers.clear()
        due_s = 0.0

        def answered() -> bool:
            # A question that leaves before the two ends are matched is lost: it is asked again.
            nonlocal due_s
            if time.monotonic() >= due_s:
                due_s = time.monotonic() + RETRY_S
                self._questions.publish(String(data=text))
            return any(answer.status[0].name == text for answer in self._answers)

        self._bench.wait_until(answered, f"no answer to {text}")
        return [list(one.status) for one in self._answers if one.status[0].name == text][-1]

    def hits(self, text: str) -> list[Any]:
        told, *hits = self.ask(text)
        assert told.level == DiagnosticStatus.OK, told.message
        return hits

    def refusal(self, text: str) -> str:
        (told,) = self.ask(text)
        assert told.level == DiagnosticStatus.ERROR
        return str(told.message)

    def wait_for_hits(self, text: str, expected: int) -> list[Any]:
        found: list[Any] = []

        def there() -> bool:
            found[:] = self.hits(text)
            return len(found) == expected

        self._bench.wait_until(there, f"there are {len(found)} hits, not {expected}")
        return found


@pytest.fixture
def asker(bench: Bench) -> Asker:
    return Asker(bench)


def values(status: Any) -> dict[str, str]:
    return {entry.key: entry.value for entry in status.values}


def camera(bench: Bench, label: str) -> Sensor:
    """A camera that looks at a simulated object."""
    rgb = draw_sample(label, HELD_OUT_SEED + 1).rgb
    height, width, _ = rgb.shape
    return bench.plug("camera/image_raw", real_image, height=height, width=width, step=3 * width, data=rgb.tobytes())


def test_what_was_seen_is_found_by_words_and_by_sensor_and_after_a_restart(bench: Bench, asker: Asker) -> None:
    bench.make(PerceptionNode, sources=["camera"], camera=CAMERA)
    node = bench.make(MemoryNode)
    for label in ("rubber duck", "hammer"):
        sensor = camera(bench, label)
        bench.wait_until(lambda label=label: label in names(node), f"{label} is not remembered")
        last = sensor
        if label == "rubber duck":
            sensor.unplug()
    for label in ("rubber duck", "hammer"):
        best = asker.hits(label)[0]
        assert best.name == label
        assert best.hardware_id == "sensor"
        told = values(best)
        assert told["modalities"] == "image"
        assert float(told["similarity"]) > 0.4
        assert float(told["first_seen"]) <= float(told["last_seen"])
    assert asker.hits("@camera")[0].name == "hammer"
    assert asker.hits("@image - hammer + rubber duck")[0].name == "rubber duck"
    assert asker.hits("@now")[0].name == "hammer"
    assert asker.hits("hammer - rubber duck")[0].name == "hammer"
    last.unplug()
    bench.remove(node)
    bench.make(MemoryNode)
    found = asker.hits("rubber duck")
    assert found[0].name == "rubber duck"
    assert values(found[0])["entry"] == "1"


def names(node: MemoryNode) -> set[str]:
    return {entry.label for entry in node._recollection._memory.store.entries}


def test_standing_still_is_one_entry_that_grows_older(bench: Bench, asker: Asker) -> None:
    bench.make(PerceptionNode, sources=["camera"], camera=CAMERA)
    node = bench.make(MemoryNode)
    camera(bench, "rubber duck")
    bench.wait_until(lambda: node._recollection._memory.store.version > 10, "nothing is remembered")
    (duck,) = asker.hits("rubber duck")
    told = values(duck)
    assert int(told["count"]) > 10
    assert float(told["first_seen"]) < float(told["last_seen"])
    bench.wait_until(lambda: float(values(asker.hits("rubber duck")[0])["last_seen"]) > float(told["last_seen"]), "old")


def test_it_never_holds_more_than_it_may(bench: Bench, asker: Asker, bundle_path: Path) -> None:
    bench.make(PerceptionNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA)
    node = bench.make(MemoryNode, bundle=str(bundle_path), max_entries=3, merge_similarity=1.1, hits=2)
    bench.plug("camera/image_raw", real_image)  # noise, other noise in every frame
    bench.wait_until(lambda: node._recollection._memory.store.version > 8, "nothing is remembered")
    told, *hits = asker.ask(LABELS[0])
    assert told.message == "2 of 3 things that were seen"
    assert float(values(hits[0])["similarity"]) >= float(values(hits[1])["similarity"])


def test_a_damaged_file_is_told_and_set_aside(
    bench: Bench, asker: Asker, state: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.make(PerceptionNode, sources=["camera"], camera=CAMERA)
    node = bench.make(MemoryNode)
    sensor = camera(bench, "hammer")
    bench.wait_until(lambda: names(node), "nothing is remembered")
    bench.remove(node)
    sensor.unplug()
    (file,) = state.glob("memory-*.safetensors")
    assert file.stat().st_mode & 0o077 == 0
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    bench.make(MemoryNode)
    told = capfd.readouterr().err
    assert f"{file}: the memory is damaged: its content is not what was written" in told
    assert f"it was set aside as {file}.damaged, and the memory begins anew" in told
    assert Path(f"{file}.damaged").read_bytes() == bytes(content)
    assert asker.hits("hammer") == []


def test_without_remembering_it_listens_only_for_a_question(bench: Bench, asker: Asker, with_text: str) -> None:
    bench.make(PerceptionNode, bundle=with_text, sources=["camera"], camera=CAMERA)
    node = bench.make(MemoryNode, bundle=with_text)
    bench.plug("camera/image_raw", real_image)
    bench.wait_until(lambda: len(node._recollection._memory.store), "nothing is remembered")
    (changed,) = node.set_parameters([Parameter("remember", value=False)])
    assert changed.successful
    topics = ("recognition", "evidence", "fused_embedding")
    bench.wait_until(lambda: not any(map(bench.node.count_subscribers, topics)), "it still listens")
    version = node._recollection._memory.store.version
    assert asker.hits("@camera + red mug")
    bench.wait_until(lambda: not any(map(bench.node.count_subscribers, topics)), "it still listens")
    assert node._recollection._memory.store.version == version


def test_what_cannot_be_answered_is_told_with_the_remedy(bench: Bench, asker: Asker, bundle_path: Path) -> None:
    bench.make(MemoryNode, bundle=str(bundle_path))
    assert asker.hits("mug") == []
    assert "a sign has no term" in asker.refusal("mug + + hammer")
    assert "the question is empty" in asker.refusal("")
    assert "has no text encoder, and 'xyzzy' is none of its labels" in asker.refusal("xyzzy")
    assert "@camera shows nothing now (nothing is live: see `sources`)" in asker.refusal("@camera")
    assert "cancel each other" in asker.refusal("mug - mug")


def test_questions_are_no_prompts(bench: Bench, asker: Asker, with_text: str) -> None:
    said = {"modality": "text", "topic": "/*", "ttl": 10.0}
    bench.hear("sources", DiagnosticArray)
    bench.make(PerceptionNode, bundle=with_text, discover=["said"], said=said, always_on=True)
    bench.make(MemoryNode, bundle=with_text)
    prompts = bench.node.create_publisher(String, "prompt", 1)
    asker.ask("red mug")

    def heard() -> bool:
        prompts.publish(String(data="a red mug"))
        status = bench.status("prompt")
        return status is not None and status.message.startswith("live:")

    bench.wait_until(heard, "the prompt is not used")
    assert [one.name for one in bench.heard["sources"][-1].status] == ["prompt"]


def test_everything_is_forgotten_when_told_so(bench: Bench, asker: Asker, bundle_path: Path, state: Path) -> None:
    bench.make(PerceptionNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA)
    node = bench.make(MemoryNode, bundle=str(bundle_path), save_period=1.0)
    bench.plug("camera/image_raw", real_image)
    bench.wait_until(lambda: list(state.glob("*.safetensors")), "nothing was saved")
    (file,) = state.glob("*.safetensors")
    Path(f"{file}.damaged").write_bytes(b"of yesterday")
    node.set_parameters([Parameter("remember", value=False)])
    bench.wait_until(lambda: not bench.node.count_subscribers("recognition"), "it goes on remembering")
    size = file.stat().st_size
    answer = bench.call(Trigger, "memory/forget", Trigger.Request())
    assert answer.success, answer.message
    assert "are forgotten" in answer.message
    assert asker.hits("mug") == []
    assert file.stat().st_size < size
    assert not Path(f"{file}.damaged").exists()


def test_a_file_belongs_to_one_node_and_one_embedding_space(bench: Bench, bundle_path: Path, tmp_path: Path) -> None:
    given = {"bundle": str(bundle_path), "file": str(tmp_path / "mine.safetensors")}
    node = bench.make(MemoryNode, **given)
    with pytest.raises(StoreError, match="another process has this memory"):
        bench.make(MemoryNode, **given)
    node._recollection.forget()
    bench.remove(node)
    assert (tmp_path / "mine.safetensors").exists()
    with pytest.raises(ConfigurationError, match="use the bundle it was made with"):
        bench.make(MemoryNode, file=given["file"])
    bench.make(MemoryNode, **given)


def test_without_faiss_it_says_what_to_install(
    bench: Bench, bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ConfigurationError, match="pip install 'faiss-cpu"):
        bench.make(MemoryNode, bundle=str(bundle_path))
