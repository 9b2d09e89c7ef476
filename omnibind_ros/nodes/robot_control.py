"""Finds the nodes that recognise by what they publish, and has them change what they do."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from rcl_interfaces.msg import ParameterType, ParameterValue
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.client import Client
from rclpy.node import Node
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from omnibind_ros.dashboard.view import Labels
from omnibind_ros.errors import ConfigurationError, ControlError
from omnibind_ros.nodes.embedding_publishers import EMBEDDING_TOPIC
from omnibind_ros.nodes.executor_calls import ExecutorCalls
from omnibind_ros.pipeline.parameters import check_source_name, listed

ANSWER_S = 3.0
LOADED_S = 60.0
TRIES = 3
_LOOK_S = 0.05
# A server needs a moment longer to see its client than the client to see it.
_MATCHING_S = 0.3
RECOGNISER = "the node that recognises"


class RobotControl:
    """The coroutines run in any thread but the executor's; all of ROS is done in the latter.

    In one process `perception` has all parameters; distributed, `fusion` has the labels, and every source belongs to
    the `encoder` that publishes its embedding.
    """

    def __init__(self, node: Node, calls: ExecutorCalls) -> None:
        self._node = node
        self._calls = calls
        self._clients: dict[str, Client] = {}

    def recognisers(self) -> list[str]:
        """Full names of the nodes that publish recognitions; to be called in the executor's thread."""
        return self._publishers_of("recognition")

    async def labels(self) -> Labels:
        """The labels and the bundle in use. Raises ControlError."""
        node = (await self._found("recognition", RECOGNISER))[0]
        labels, bundle = await self._get(node, "labels"), await self._get(node, "bundle")
        return Labels(listed(labels and labels.string_array_value), bundle.string_value if bundle else "")

    async def switch(self, source: str, *, enabled: bool) -> None:
        """Use a source, or do not. Raises ControlError."""
        try:
            check_source_name(source)
        except ConfigurationError as error:
            raise ControlError(error.problem, remedy="choose one of the sources that are reported") from error
        name = f"{source}.enabled"
        for node in await self._found(EMBEDDING_TOPIC + source, f"the node of {source}"):
            if await self._get(node, name) is None:
                raise ControlError(
                    f"{source} was found by a rule of `discover` and cannot be switched by itself",
                    remedy=f"list {source} in `sources` of {node}, or change the rule's `enabled`",
                )
            await self._set(node, Parameter(name, Parameter.Type.BOOL, enabled))

    async def set_labels(self, labels: Sequence[str]) -> None:
        """Tell these apart from now on; none for the bundle's own. Raises ControlError with the node's reason."""
        parameter = Parameter("labels", Parameter.Type.STRING_ARRAY, list(labels))
        for node in await self._found("recognition", RECOGNISER):
            await self._set(node, parameter)

    async def reload_bundle(self) -> str:
        """Have every node read its bundle again; returns what they say. Raises ControlError at a failure."""
        recognisers = await self._found("recognition", RECOGNISER)
        encoders = await self._do(self._encoders)
        told = []
        for node in dict.fromkeys([*recognisers, *encoders]):
            response = await self._ask(
                Trigger, f"{node}/reload_bundle", Trigger.Request(), patience_s=LOADED_S, tries=1
            )
            if not response.success:
                raise ControlError(f"{node}: {response.message}", remedy="everything stays as it was")
            told.append(f"{node}: {response.message}")
        return "; ".join(told)

    async def _found(self, topic: str, what: str) -> list[str]:
        nodes = await self._do(lambda: self._publishers_of(topic))
        if not nodes:
            raise ControlError(
                f"{what} is not there", remedy="start `perception` (or `encoder` and `fusion`) in this namespace"
            )
        return nodes

    def _publishers_of(self, topic: str) -> list[str]:
        publishers = self._node.get_publishers_info_by_topic(self._node.resolve_topic_name(topic))
        return sorted({f"{one.node_namespace.rstrip('/')}/{one.node_name}" for one in publishers})

    def _encoders(self) -> list[str]:
        prefix = self._node.resolve_topic_name(EMBEDDING_TOPIC.rstrip("/")) + "/"
        topics = [topic for topic, _ in self._node.get_topic_names_and_types() if topic.startswith(prefix)]
        return sorted({node for topic in topics for node in self._publishers_of(topic)})

    async def _get(self, node: str, name: str) -> ParameterValue | None:
        """A parameter's value; None when it has none, or the node no such parameter."""
        response = await self._ask(GetParameters, f"{node}/get_parameters", GetParameters.Request(names=[name]))
        found = response.values[0] if response.values else None
        return None if found is None or found.type == ParameterType.PARAMETER_NOT_SET else found

    async def _set(self, node: str, parameter: Parameter) -> None:
        request = SetParameters.Request(parameters=[parameter.to_parameter_msg()])
        response = await self._ask(SetParameters, f"{node}/set_parameters", request)
        for result in response.results:
            if not result.successful:
                raise ControlError(result.reason, remedy=f"{node} refused it")

    async def _ask(
        self, service_type: Any, name: str, request: Any, *, patience_s: float = ANSWER_S, tries: int = TRIES
    ) -> Any:
        client = await self._ready(service_type, name)
        for _ in range(tries):
            asked = await self._do(lambda: _Asked(client, request))
            try:
                return await asyncio.wait_for(asyncio.wrap_future(asked.answer), patience_s)
            except asyncio.TimeoutError:
                # A request that leaves before the two ends are matched is lost, ready or not: it is sent again.
                await self._do(asked.forget)
        raise ControlError(f"{name} does not answer", remedy="look whether the node still runs")

    async def _ready(self, service_type: Any, name: str) -> Client:
        is_new = name not in self._clients
        client = await self._do(lambda: self._client(service_type, name))
        for _ in range(round(ANSWER_S / _LOOK_S)):
            if await self._do(client.service_is_ready):
                await asyncio.sleep(_MATCHING_S if is_new else 0.0)
                return client
            await asyncio.sleep(_LOOK_S)
        raise ControlError(f"there is no service {name}", remedy="look whether the node still runs")

    def _client(self, service_type: Any, name: str) -> Client:
        if name not in self._clients:
            self._clients[name] = self._node.create_client(service_type, name)
        return self._clients[name]

    async def _do(self, action: Callable[[], Any]) -> Any:
        return await asyncio.wrap_future(self._calls.submit(action))


class _Asked:
    """A request under way; made and forgotten in the executor's thread."""

    def __init__(self, client: Client, request: Any) -> None:
        self.answer: Future[Any] = Future()
        self._client = client
        self._pending = client.call_async(request)
        self._pending.add_done_callback(self._answered)

    def forget(self) -> None:
        self._client.remove_pending_request(self._pending)

    def _answered(self, pending: Any) -> None:
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_result(pending.result())
