"""What is looked at while somebody looks, and that nothing is while nobody does."""

import time
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node
from ros_bench import Bench, real_image
from std_msgs.msg import String
from vision_msgs.msg import Classification, ObjectHypothesis

from omnibind_ros.dashboard.view import RobotView
from omnibind_ros.nodes.robot_watch import RobotWatch

pytestmark = pytest.mark.ros


class Watcher(Node):
    def __init__(self, **node_arguments: object) -> None:
        super().__init__("watcher", **node_arguments)
        self.view = RobotView()
        self.watch = RobotWatch(self, self.view, lambda: ["/perception"])


def status(name: str, modality: str, topic: str) -> DiagnosticStatus:
    values = {"state": "live", "modality": modality, "topic": topic}
    entries = [KeyValue(key=key, value=value) for key, value in values.items()]
    return DiagnosticStatus(name=name, message="live: data is arriving", values=entries)


@pytest.fixture
def watcher(bench: Bench) -> Any:
    return bench.make(Watcher)


def follow(bench: Bench, watcher: Watcher, *sources: DiagnosticStatus) -> None:
    """Report these sources until they are in the view."""
    publisher = bench.node.create_publisher(DiagnosticArray, "sources", 1)

    def shown() -> bool:
        watcher.watch.poll(watched=True)
        publisher.publish(DiagnosticArray(status=list(sources)))
        return [one.name for one in watcher.view.sources] == [one.name for one in sources]

    bench.wait_until(shown, "the sources are not shown")
    watcher.watch.poll(watched=True)


def test_pictures_and_words_come_from_the_sensors_own_topics(bench: Bench, watcher: Watcher) -> None:
    bench.plug("front/image", real_image)
    bench.plug("prompt", lambda _: String(data="something\nwarm"))
    follow(bench, watcher, status("camera", "image", "front/image"), status("prompt", "text", "prompt"))

    def seen() -> bool:
        watcher.watch.poll(watched=True)
        pictures = watcher.watch.pictures()
        return pictures["camera"].number > 0 and pictures["prompt"].words is not None

    bench.wait_until(seen, "nothing is seen")
    jpeg = watcher.watch.draw("camera")
    assert jpeg is not None
    assert jpeg.startswith(b"\xff\xd8")
    assert watcher.watch.draw("camera") == jpeg
    assert watcher.watch.pictures()["prompt"].words == "something warm"
    assert watcher.watch.draw("prompt") is None
    assert watcher.watch.draw("lidar") is None


def test_a_source_that_moves_to_another_topic_is_followed_and_one_that_leaves_is_left(
    bench: Bench, watcher: Watcher
) -> None:
    for topic in ("front/image", "rear/image"):
        bench.plug(topic, real_image)

    def listened_to() -> list[str]:
        watcher.watch.poll(watched=True)
        return [topic for topic in ("front/image", "rear/image") if bench.node.count_subscribers(topic)]

    follow(bench, watcher, status("camera", "image", "front/image"))
    bench.wait_until(lambda: listened_to() == ["front/image"], "it does not listen to the front")
    follow(bench, watcher, status("camera", "image", "rear/image"))
    bench.wait_until(lambda: listened_to() == ["rear/image"], "it does not listen to the rear")
    follow(bench, watcher, status("microphone", "audio", "sound"))
    bench.wait_until(lambda: listened_to() == [], "it still listens")
    assert set(watcher.watch.pictures()) == {"microphone"}


def test_nothing_is_subscribed_while_nobody_looks(bench: Bench, watcher: Watcher) -> None:
    bench.plug("front/image", real_image)
    topics = ("recognition", "sources", "/diagnostics", "front/image")

    def subscribed() -> bool:
        return all(bench.node.count_subscribers(topic) for topic in topics)

    follow(bench, watcher, status("camera", "image", "front/image"))
    bench.wait_until(lambda: watcher.watch.poll(watched=True) or subscribed(), "it does not subscribe")
    watcher.watch.poll(watched=False)
    bench.wait_until(lambda: not any(map(bench.node.count_subscribers, topics)), "it still subscribes")
    assert watcher.watch.pictures() == {}


def test_recognitions_are_shown(bench: Bench, watcher: Watcher) -> None:
    publisher = bench.node.create_publisher(Classification, "recognition", 1)
    message = Classification(results=[ObjectHypothesis(class_id="mug", score=0.75)])

    def shown() -> bool:
        watcher.watch.poll(watched=True)
        publisher.publish(message)
        return watcher.view.snapshot(0, time.monotonic()).answer is not None

    bench.wait_until(shown, "the recognition is not shown")
    snapshot = watcher.view.snapshot(0, time.monotonic())
    assert snapshot.answer is not None
    assert list(snapshot.answer.results) == [("mug", 0.75)]
    assert list(snapshot.nodes) == ["/perception"]
