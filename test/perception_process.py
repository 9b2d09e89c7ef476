"""A perception node in a process of its own, and the other ends of its topics in this one."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from ros_bench import PATIENCE_S, Bench
from sensor_msgs.msg import PointCloud2
from vision_msgs.msg import Classification

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.messages.header import frame_of, set_header, stamp_ns_of
from omnibind_ros.pipeline.inbox import STREAM_BOUND
from omnibind_ros.results.embedding import embedding_from_message

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def perception(folder: Path, bundle: Bundle, sources: Mapping[str, Mapping[str, Any]]) -> Iterator["Robot"]:
    """Run `perception` with these sources, by name; the topic of each is its name. `folder`: for settings and log."""
    parameters: dict[str, Any] = {"bundle": str(bundle.folder), "max_rate": 1000.0, "sources": list(sources)}
    parameters |= {name: {"topic": name, **settings} for name, settings in sources.items()}
    file, log = folder / "perception.yaml", folder / "perception.log"
    file.write_text(yaml.safe_dump({"/**": {"ros__parameters": parameters}}))
    command = [sys.executable, "-m", "omnibind_ros.nodes.perception", "--ros-args", "--params-file", str(file)]
    robot = Robot(bundle, list(sources), log)
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            robot.bench.wait_until(lambda: robot.bench.heard["sources"] or process.poll() is not None, "no report")
            assert process.poll() is None, robot.log
            yield robot
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)
            robot.bench.close()
    assert process.returncode == 0, robot.log


class Robot:
    """Sends what the sensors of a robot send, and hears what `perception` makes of it."""

    def __init__(self, bundle: Bundle, sources: list[str], log: Path) -> None:
        self.bench = Bench()
        self._bundle = bundle
        self._log = log
        self._publishers: dict[str, Publisher] = {}
        self.bench.hear("recognition", Classification)
        self.bench.hear("sources", DiagnosticArray)
        for source in sources:
            self.bench.hear(f"embedding/{source}", PointCloud2)

    @property
    def log(self) -> str:
        """What the node has logged so far."""
        return self._log.read_text()

    def send(self, source: str, *messages: Any) -> None:
        """Publish on the source's topic, reliably; before the first message, wait until `perception` listens."""
        if source not in self._publishers:
            publisher = self.bench.node.create_publisher(type(messages[0]), source, QoSProfile(depth=STREAM_BOUND))
            self.bench.wait_until(lambda: publisher.get_subscription_count() > 0, f"nobody listens to {source}")
            self._publishers[source] = publisher
        for message in messages:
            self._publishers[source].publish(message)

    def unplug(self, source: str) -> None:
        """Take the sensor away; what is sent next comes from another one."""
        self.bench.node.destroy_publisher(self._publishers.pop(source))
        self.bench.wait_for_state(source, "absent")

    def embed(self, source: str, *messages: Any, seen_ns: int | None = None, within_ns: int = 0) -> Embedding:
        """Send messages; the embedding of the last one.

        seen_ns, within_ns: its stamp, where that is not the message's own, and how far it may be off.
        """
        heard = self.bench.heard[f"embedding/{source}"]
        before = len(heard)
        self.send(source, *messages)
        stamp_ns = stamp_ns_of(messages[-1]) if seen_ns is None else seen_ns

        def found() -> list[Any]:
            new = heard[before:]
            return new if stamp_ns is None else [one for one in new if abs(stamp_ns_of(one) - stamp_ns) <= within_ns]

        self.bench.wait_until(found, f"no embedding of {source} stamped {stamp_ns}")
        embedding = embedding_from_message(found()[0], source=source)
        assert np.linalg.norm(embedding.vector) == pytest.approx(1.0, abs=1e-5)
        assert embedding.space == self._bundle.space
        assert embedding.frame_id == frame_of(messages[-1])
        return embedding

    def recognise(self, source: str, *messages: Any, seen_ns: int | None = None, within_ns: int = 0) -> Embedding:
        """The same; and the recognition in which this embedding is the newest must have come, too."""
        embedding = self.embed(source, *messages, seen_ns=seen_ns, within_ns=within_ns)

        def found() -> list[Any]:
            return [one for one in self.bench.heard["recognition"] if stamp_ns_of(one) == embedding.stamp_ns]

        self.bench.wait_until(found, f"no recognition from {source}, quality {embedding.quality:.2f}")
        recognition = found()[0]
        scores = [one.score for one in recognition.results]
        assert frame_of(recognition) == embedding.frame_id
        assert {one.class_id for one in recognition.results} <= {*self._bundle.description.labels.names, "unknown"}
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        return embedding

    def values(self, source: str) -> dict[str, str]:
        """What the last report says of a source; empty before the first."""
        status = self.bench.status(source)
        return {} if status is None else {entry.key: entry.value for entry in status.values}


def seen_now(message: Any, frame_id: str) -> Any:
    """The message, as if its sensor had sent it now."""
    set_header(message, time.time_ns(), frame_id)
    return message
