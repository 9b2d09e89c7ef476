"""A bench for nodes: sensors to plug, topics to hear, and a way to wait until something has happened."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from fabricated import audio_message, image_message, thermal_message
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy

assert os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"

HIGHEST_DOMAIN = 101  # beyond it the ports that DDS uses collide with those Linux gives away
RATE_HZ = 20.0
PATIENCE_S = 30.0
RETRY_S = 3.0


def real_image(now_ns: int, **changes: Any) -> Any:
    """A `sensor_msgs/Image` of noise, with some of its fields changed."""
    return _real_frame(image_message(now_ns, **changes))


def real_thermal(now_ns: int, **changes: Any) -> Any:
    """A `sensor_msgs/Image` of counts."""
    return _real_frame(thermal_message(now_ns, **changes))


def real_audio(now_ns: int, **_: Any) -> Any:
    """An `audio_common_msgs/AudioDataStamped` of a tenth of a second."""
    from audio_common_msgs.msg import AudioDataStamped  # noqa: PLC0415

    plain = audio_message(now_ns, duration_s=1 / RATE_HZ)
    message = AudioDataStamped()
    _copy_header(plain, message)
    message.audio.data = plain.audio.data
    return message


class Sensor:
    """Publishes a message many times a second until it is unplugged; `changes` are made to each message."""

    def __init__(self, node: Node, topic: str, make: Callable[..., Any], **changes: Any) -> None:
        self._node = node
        self._make = make
        self.changes = changes
        # Best effort, as sensors publish.
        quality_of_service = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
        self._publisher = node.create_publisher(type(self._message()), topic, quality_of_service)
        self._timer = node.create_timer(1 / RATE_HZ, lambda: self._publisher.publish(self._message()))

    def unplug(self) -> None:
        self._node.destroy_timer(self._timer)
        self._node.destroy_publisher(self._publisher)

    def _message(self) -> Any:
        return self._make(self._node.get_clock().now().nanoseconds, **self.changes)


class Bench:
    """The nodes under test and the bench's own node live in two contexts, as if in two processes.

    Every bench, with the processes started beside it, has a domain of its own: DDS takes its time to forget the nodes
    of the test before, which have the same names.
    """

    def __init__(self) -> None:
        os.environ["ROS_DOMAIN_ID"] = str(int(os.environ["ROS_DOMAIN_ID"]) % HIGHEST_DOMAIN + 1)
        self.node = rclpy.create_node("bench", context=_fresh_context())
        self._context = _fresh_context()
        self._executors = [SingleThreadedExecutor(context=context) for context in (self.node.context, self._context)]
        self._executors[0].add_node(self.node)
        self.heard: defaultdict[str, list[Any]] = defaultdict(list)

    def remove(self, node: Node) -> None:
        """Take a node off the bench and destroy it."""
        self._executors[1].remove_node(node)
        node.destroy_node()

    @contextmanager
    def apart(self, node: Node) -> Iterator[None]:
        """Spin a node in a thread of its own for a while: the bench's is slow, as it takes turns with its own node."""
        self._executors[1].remove_node(node)
        executor = SingleThreadedExecutor(context=self._context)
        executor.add_node(node)
        thread = threading.Thread(target=executor.spin)
        thread.start()
        try:
            yield
        finally:
            executor.shutdown()
            thread.join()
            self._executors[1].add_node(node)

    def make(self, node_class: Callable[..., Node], **parameters: Any) -> Any:
        """A node with parameters; a source's are given as `camera={"topic": ...}`."""
        flat = {
            **{key: given for key, given in parameters.items() if not isinstance(given, dict)},
            **{
                f"{source}.{key}": given
                for source, settings in parameters.items()
                if isinstance(settings, dict)
                for key, given in settings.items()
            },
        }
        overrides = [Parameter(name, value=given) for name, given in flat.items()]
        node = node_class(context=self._context, parameter_overrides=overrides)
        self._executors[1].add_node(node)
        return node

    def plug(self, topic: str, make: Callable[..., Any], **changes: Any) -> Sensor:
        return Sensor(self.node, topic, make, **changes)

    def hear(self, topic: str, message_type: Any) -> list[Any]:
        self.node.create_subscription(message_type, topic, self.heard[topic].append, 10)
        return self.heard[topic]

    def wait_until(self, condition: Callable[[], Any], what: str) -> None:
        """Spin until it holds; fails with `what` when it does not for long."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, f"waited {PATIENCE_S:g} s in vain: {what}; {self.told()}"
            for executor in self._executors:
                executor.spin_once(timeout_sec=0.01)

    def wait_for_new(self, topic: str) -> Any:
        """The next message of a topic that is heard."""
        seen = len(self.heard[topic])
        self.wait_until(lambda: len(self.heard[topic]) > seen, f"nothing came on {topic}")
        return self.heard[topic][-1]

    def status(self, source: str) -> DiagnosticStatus | None:
        """What `sources` said last of a source."""
        reports: list[DiagnosticArray] = self.heard["sources"]
        return next((one for one in reports[-1].status if one.name == source), None) if reports else None

    def wait_for_state(self, source: str, state: str) -> DiagnosticStatus:
        def reached() -> bool:
            status = self.status(source)
            return status is not None and status.message.startswith(f"{state}:")

        self.wait_until(reached, f"{source} did not become {state}")
        status = self.status(source)
        assert status is not None
        return status

    def told(self) -> str:
        reports = self.heard["sources"]
        return "; ".join(f"{one.name} is {one.message}" for one in reports[-1].status) if reports else "no sources"

    def call(self, service_type: Any, name: str, request: Any) -> Any:
        """Call a service of a node on this bench."""
        client = self.node.create_client(service_type, name)
        self.wait_until(client.service_is_ready, f"there is no service {name}")
        # A server that has not seen the client yet would answer into the void.
        servers = self._executors[1].get_nodes()
        self.wait_until(lambda: servers[0].count_clients(f"/{name}"), f"the server of {name} does not see its client")
        futures: list[Any] = []
        due_s = 0.0

        def answered() -> bool:
            # A request that leaves before the two ends are matched is lost, ready or not: it is sent again.
            nonlocal due_s
            if time.monotonic() >= due_s:
                due_s = time.monotonic() + RETRY_S
                futures.append(client.call_async(request))
            return any(future.done() for future in futures)

        self.wait_until(answered, f"{name} did not answer")
        self.node.destroy_client(client)
        return next(future.result() for future in futures if future.done())

    def lifecycle_state(self, node: str) -> str:
        return str(self.call(GetState, f"{node}/get_state", GetState.Request()).current_state.label)

    def transition(self, node: str, label: str) -> bool:
        request = ChangeState.Request()
        request.transition.label = label
        return bool(self.call(ChangeState, f"{node}/change_state", request).success)

    def close(self) -> None:
        for executor in self._executors:
            for node in executor.get_nodes():
                executor.remove_node(node)
                node.destroy_node()
            executor.shutdown()
        for context in (self.node.context, self._context):
            context.try_shutdown()


def _fresh_context() -> rclpy.Context:
    context = rclpy.Context()
    rclpy.init(context=context)
    return context


def _real_frame(plain: Any) -> Any:
    from sensor_msgs.msg import Image  # noqa: PLC0415

    message = Image()
    _copy_header(plain, message)
    for field in ("encoding", "height", "width", "step", "is_bigendian", "data"):
        setattr(message, field, getattr(plain, field))
    return message


def _copy_header(plain: Any, message: Any) -> None:
    message.header.stamp.sec = plain.header.stamp.sec
    message.header.stamp.nanosec = plain.header.stamp.nanosec
    message.header.frame_id = plain.header.frame_id
