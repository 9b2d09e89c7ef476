"""Looks at the ROS graph for a few seconds, and at what our running nodes say."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import GetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import (
    QoSCompatibility,
    QoSProfile,
    ReliabilityPolicy,
    qos_check_compatible,
    qos_profile_sensor_data,
)
from rclpy.task import Future
from rosgraph_msgs.msg import Clock

from omnibind_ros.diagnosis.ros_time import CLOCK
from omnibind_ros.diagnosis.survey import Endpoint, LiveTopic, Survey
from omnibind_ros.errors import MessageError
from omnibind_ros.nodes.status_output import STATUS_TOPIC
from omnibind_ros.pipeline.source import SourceReport
from omnibind_ros.results.sources import reports_from_message

_SPIN_S = 0.05
_QOS = QoSProfile(depth=10)


def survey(namespace: str, seconds: float) -> Survey:
    """What there is after so many seconds. namespace: of the nodes whose `sources` are listened to.

    Raises RuntimeError where the middleware cannot be started.
    """
    with _context() as context:
        surveyor = _Surveyor(context, namespace)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(surveyor)
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            surveyor.poll()
            executor.spin_once(timeout_sec=_SPIN_S)
        found = surveyor.found()
        executor.remove_node(surveyor)
        surveyor.destroy_node()
        return found


@contextmanager
def _context() -> Iterator[Context]:
    context = Context()
    rclpy.init(args=[], context=context)
    try:
        yield context
    finally:
        context.try_shutdown()


class _Surveyor(Node):
    """Listens to what is small; of the sensors it only sees that they are there."""

    def __init__(self, context: Context, namespace: str) -> None:
        super().__init__("doctor", context=context, namespace=namespace or None, start_parameter_services=False)
        self._reports: dict[str, SourceReport] = {}
        self._health: dict[str, dict[str, str]] = {}
        self._clock_ns: list[int] = []
        self._simulated: dict[str, Future] = {}
        self.create_subscription(DiagnosticArray, "sources", self._reported, _QOS)
        self.create_subscription(DiagnosticArray, "/diagnostics", self._diagnosed, _QOS)
        self.create_subscription(Clock, CLOCK, self._ticked, qos_profile_sensor_data)

    def poll(self) -> None:
        """Ask nodes that are new whether they use simulated time."""
        for node in self._own_nodes():
            if node not in self._simulated:
                client = self.create_client(GetParameters, f"{node}/get_parameters")
                # A server that has not seen the client yet would answer into the void.
                if client.service_is_ready():
                    self._simulated[node] = client.call_async(GetParameters.Request(names=["use_sim_time"]))
                else:
                    self.destroy_client(client)

    def found(self) -> Survey:
        """All of it."""
        topics = {name: self._topic(name) for name, _ in self.get_topic_names_and_types()}
        return Survey(
            topics={name: topic for name, topic in topics.items() if topic.publishers},
            reports=tuple(self._reports.values()),
            health={name: values for name, values in self._health.items() if self._is_own(name)},
            simulated=tuple(node for node, answer in self._simulated.items() if _is_true(answer)),
            clock_ns=(self._clock_ns[0], self._clock_ns[-1]) if self._clock_ns else None,
            system_ns=time.time_ns(),
        )

    def _topic(self, name: str) -> LiveTopic:
        publishers = self.get_publishers_info_by_topic(name)
        subscribers = [
            one
            for one in self.get_subscriptions_info_by_topic(name)
            if _full_name(one) != self.get_fully_qualified_name()
        ]
        return LiveTopic(
            tuple(Endpoint(_full_name(one), one.topic_type, _reliability(one)) for one in publishers),
            tuple(_mismatches(publishers, subscribers)),
        )

    def _own_nodes(self) -> list[str]:
        found = [
            one
            for topic in ("recognition", STATUS_TOPIC)
            for one in self.get_publishers_info_by_topic(self.resolve_topic_name(topic))
        ]
        return sorted({_full_name(one) for one in found})

    def _is_own(self, status: str) -> bool:
        return any(status.startswith(f"{node.lstrip('/')}:") for node in self._own_nodes())

    def _reported(self, message: DiagnosticArray) -> None:
        try:
            self._reports = {report.source: report for report in reports_from_message(message)}
        except MessageError as error:
            self.get_logger().warning(str(error), once=True)

    def _diagnosed(self, message: DiagnosticArray) -> None:
        for status in message.status:
            values = {entry.key: entry.value for entry in status.values}
            self._health[status.name] = {"state": status.message, **values}

    def _ticked(self, message: Clock) -> None:
        self._clock_ns.append(message.clock.sec * 10**9 + message.clock.nanosec)


def _mismatches(publishers: Sequence[Any], subscribers: Sequence[Any]) -> Iterator[str]:
    for publisher in publishers:
        for subscriber in subscribers:
            compatibility, reason = qos_check_compatible(publisher.qos_profile, subscriber.qos_profile)
            if compatibility == QoSCompatibility.ERROR:
                told = reason.replace("ERROR: ", "").strip("; ")
                yield f"{_full_name(subscriber)} hears nothing of {_full_name(publisher)} ({told})"


def _full_name(endpoint: Any) -> str:
    return f"{endpoint.node_namespace.rstrip('/')}/{endpoint.node_name}"


def _reliability(endpoint: Any) -> str:
    return "reliable" if endpoint.qos_profile.reliability == ReliabilityPolicy.RELIABLE else "best effort"


def _is_true(answer: Future) -> bool:
    if not answer.done() or answer.exception() is not None or not answer.result().values:
        return False
    value = answer.result().values[0]
    return bool(value.type == ParameterType.PARAMETER_BOOL and value.bool_value)
