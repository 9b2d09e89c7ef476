"""The ears of the rig: a ROS node of its own that notes when what came from the robot."""

import contextlib
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from functools import partial
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from sensor_msgs.msg import PointCloud2
from vision_msgs.msg import Classification

from omnibind_ros.demo.record import Lane
from omnibind_ros.fusion.source_state import SourceState

_QOS = QoSProfile(depth=100)


class Observer:
    """Hears recognitions, source states and, for the sources named, their embeddings, in a thread of its own.

    Times are monotonic seconds. latencies_s: of each recognition, since its stamp, by this computer's clock. labels:
    those of the last recognitions.
    states: what the robot said of each source; reasons: why, as it said last; faults: the reasons of all faults.
    """

    def __init__(self, domain: int, embeddings_of: Iterable[str] = ()) -> None:
        self.recognised_s: list[float] = []
        self.latencies_s: list[float] = []
        self.labels: deque[set[str]] = deque(maxlen=10)
        self.states: dict[str, Lane] = {}
        self.reasons: dict[str, str] = {}
        self.values: dict[str, dict[str, str]] = {}
        self.faults: defaultdict[str, list[str]] = defaultdict(list)
        self.embedded_s: defaultdict[str, list[float]] = defaultdict(list)
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        self.node = rclpy.create_node("observer", context=self._context, start_parameter_services=False)
        self.node.create_subscription(Classification, "recognition", self._recognised, _QOS)
        self.node.create_subscription(DiagnosticArray, "sources", self._reported, _QOS)
        for source in embeddings_of:
            self.node.create_subscription(PointCloud2, f"embedding/{source}", partial(self._embedded, source), _QOS)
        self._clients: dict[str, Client] = {}
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, name="observer", daemon=True)
        self._thread.start()

    def state(self, source: str) -> str | None:
        """What the robot said last of a source."""
        lane = self.states.get(source)
        return lane.changes[-1][1] if lane and lane.changes else None

    def is_live(self, *sources: str) -> bool:
        """Whether all of these are live."""
        return all(self.state(source) == SourceState.LIVE for source in sources)

    def set_parameter(self, node: str, name: str, value: Any) -> bool:
        """Send a parameter to a node; False while it cannot hear. Does not wait for the answer."""
        service = f"{node}/set_parameters"
        if service not in self._clients:
            self._clients[service] = self.node.create_client(SetParameters, service)
        client = self._clients[service]
        if not client.service_is_ready():
            return False
        client.call_async(SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()]))
        return True

    def close(self) -> None:
        """Leave the network."""
        self._context.try_shutdown()
        self._thread.join()
        self.node.destroy_node()

    def _spin(self) -> None:
        with contextlib.suppress(ExternalShutdownException):
            self._executor.spin()

    def _recognised(self, message: Classification) -> None:
        # In this order: whoever waits for one more recognition finds its latency.
        self.latencies_s.append(time.time() - message.header.stamp.sec - message.header.stamp.nanosec * 1e-9)
        self.recognised_s.append(time.monotonic())
        self.labels.append({result.class_id for result in message.results})

    def _embedded(self, source: str, _: PointCloud2) -> None:
        self.embedded_s[source].append(time.monotonic())

    def _reported(self, message: DiagnosticArray) -> None:
        now_s = time.monotonic()
        for status in message.status:
            state, _, reason = status.message.partition(": ")
            if state == "faulty" and (not self.faults[status.name] or self.faults[status.name][-1] != reason):
                self.faults[status.name].append(reason)
            self.reasons[status.name] = reason
            self.values[status.name] = {entry.key: entry.value for entry in status.values}
            self.states.setdefault(status.name, Lane()).set(now_s, state)
