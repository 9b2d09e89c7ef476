"""One start of the node: frames published, recognised, computed bare and echoed, in blocks that take turns."""

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from rclpy.qos import QoSProfile, qos_profile_sensor_data
from vision_msgs.msg import Classification

from benchmarks.bare import BarePath
from benchmarks.end_to_end import Latencies
from benchmarks.feeds import FEEDS, camera_images, camera_jpegs
from benchmarks.robot import EVERY_FRAME_HZ, default_bundle, source_parameters
from omnibind_ros.messages.header import stamp_ns_of
from rig.rig import Rig

_FRAME_S = 1 / 30
_PATIENCE_S = 0.3
_WARM_UP = 10
_LIMIT_S = 30.0
# Longer than an embedding counts: what is recognised is of one camera only.
_PAUSE_S = 0.7


class Session:
    """`latencies` is filled by the blocks."""

    def __init__(self, rig: Rig, names: Iterable[str]) -> None:
        self.latencies = Latencies()
        self._rig = rig
        self._names = list(names)
        self._feeds = {name: FEEDS[name]() for name in self._names}
        self._messages: dict[str, list[Any]] = {
            "camera": camera_images(640, 480),
            "jpeg": camera_jpegs(640, 480),
            "camera_hd": camera_images(1280, 720),
            "jpeg_hd": camera_jpegs(1280, 720),
        }
        self._bare = BarePath(default_bundle())
        self._echoed_s: list[float] = []
        node = rig.observer.node
        self._publishers = {
            topic: node.create_publisher(feed.message_type, topic, qos_profile_sensor_data)
            for name, feed in self._feeds.items()
            for topic in (name, _echo_topic(name))
        }
        node.create_subscription(Classification, "echo", self._echoed, QoSProfile(depth=5))
        echo_topics = [f"{_echo_topic(name)}={'jpeg' if 'jpeg' in name else 'raw'}" for name in self._names]
        rig.start_driver("benchmarks.end_to_end.echo", echo_topics, "echo")
        rig.start_node("perception", {**source_parameters(self._names), "max_rate": EVERY_FRAME_HZ})
        for name in self._names:
            rig.wait(partial(self._is_recognised, name), _LIMIT_S, f"{name} is recognised")
            rig.wait(partial(self._answered, _echo_topic(name), 0, self._echoed_s), _LIMIT_S, f"{name} is echoed")

    def block(self, name: str, frames: int) -> None:
        """Publish frames of one kind thirty times a second, and compute each of them here, too."""
        time.sleep(_PAUSE_S)
        messages = self._messages[name]
        for number in range(_WARM_UP + frames):
            begin_s = time.monotonic()
            latency_s = self._answered(name, number, self._rig.observer.latencies_s)
            bare_begin_s = time.perf_counter()
            self._bare(messages[number % len(messages)])
            bare_s = time.perf_counter() - bare_begin_s
            if number >= _WARM_UP:
                self.latencies.bare_s[name].append(bare_s)
                if latency_s is None:
                    self.latencies.lost[name] += 1
                else:
                    self.latencies.ours_s[name].append(latency_s)
            time.sleep(max(0.0, begin_s + _FRAME_S - time.monotonic()))

    def echo_block(self, name: str, frames: int) -> None:
        """Publish frames of one kind thirty times a second to the node that does not look at them."""
        for number in range(_WARM_UP + frames):
            begin_s = time.monotonic()
            latency_s = self._answered(_echo_topic(name), number, self._echoed_s)
            if number >= _WARM_UP and latency_s is not None:
                self.latencies.echo_s[name].append(latency_s)
            time.sleep(max(0.0, begin_s + _FRAME_S - time.monotonic()))

    def limited_s(self, name: str, rate_hz: float, frames: int) -> list[float]:
        """The latencies while the node recognises so many times a second at most; the camera does not wait for it."""
        self._rig.set_parameter("perception", "max_rate", rate_hz)
        time.sleep(_PAUSE_S)
        before = len(self._rig.observer.latencies_s)
        begin_s = time.monotonic()
        for number in range(frames):
            self._publish(name, number)
            time.sleep(max(0.0, begin_s + (number + 1) * _FRAME_S - time.monotonic()))
        return self._rig.observer.latencies_s[before:]

    def _publish(self, topic: str, number: int) -> None:
        feed = self._feeds[topic.removeprefix(_echo_topic(""))]
        self._publishers[topic].publish(feed.message(number, time.time_ns()))

    def _answered(self, topic: str, number: int, heard_s: Sequence[float]) -> float | None:
        """Publish a frame and wait for the latency of its answer; None when there is none."""
        before = len(heard_s)
        self._publish(topic, number)
        until_s = time.monotonic() + _PATIENCE_S
        while len(heard_s) == before and time.monotonic() < until_s:
            time.sleep(0.0005)
        return heard_s[-1] if len(heard_s) > before else None

    def _is_recognised(self, name: str) -> bool:
        return self._answered(name, 0, self._rig.observer.latencies_s) is not None and self._rig.observer.is_live(name)

    def _echoed(self, message: Classification) -> None:
        self._echoed_s.append(time.time() - (stamp_ns_of(message) or 0) * 1e-9)


def _echo_topic(name: str) -> str:
    return f"echo_{name}"
