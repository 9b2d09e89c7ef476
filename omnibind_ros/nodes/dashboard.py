"""The `dashboard` node: a page in the browser that shows what a robot recognises, and lets one change it.

`ros2 run omnibind_ros dashboard`, then open the address it logs. Needs aiohttp, which nothing else does.
"""

import socket
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from rclpy.node import Node

from omnibind_ros.dashboard.access import Access, check_host, is_loopback
from omnibind_ros.dashboard.view import Labels, Picture, RobotView, Snapshot
from omnibind_ros.errors import ConfigurationError
from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.executor_calls import ExecutorCalls
from omnibind_ros.nodes.parameters import declare, value
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.robot_control import RobotControl
from omnibind_ros.nodes.robot_watch import RobotWatch
from omnibind_ros.pipeline.parameters import NO_NAMES, ParameterSpec

PARAMETERS = (
    ParameterSpec(
        "host",
        "127.0.0.1",
        "Address to listen on; any other than the default lets other computers look and command.",
        takes_effect="at start",
    ),
    ParameterSpec("port", 8600, "Port to listen on; 0 for any that is free.", (0, 65535), takes_effect="at start"),
    ParameterSpec("read_only", False, "Only show, change nothing.", takes_effect="at start"),
    ParameterSpec(
        "allowed_hosts",
        NO_NAMES,
        "Names, besides localhost and this computer's, under which browsers may reach it.",
        takes_effect="at start",
    ),
)
POLL_S = 0.5
# A page that is loaded anew comes back at once; what it shows should still be there.
LINGER_S = 2.0


class Dashboard(Node):
    """The robot of the server: the server's thread asks, the executor's thread does."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("dashboard", **node_arguments)
        declare(self, PARAMETERS)
        self._view = RobotView()
        self._calls = ExecutorCalls(self)
        self._control = RobotControl(self, self._calls)
        self._watch = RobotWatch(self, self._view, self._control.recognisers)
        self._browsers = 0
        self._last_looked_s = float("-inf")
        names = [socket.gethostname(), f"{socket.gethostname()}.local", *value(self, "allowed_hosts")]
        self._server = _server_class()(self, Access(names), read_only=value(self, "read_only"))
        host = check_host(value(self, "host"))
        self.url: str = self._server.start(host, value(self, "port"))
        self.create_timer(POLL_S, self._poll)
        self.get_logger().info(f"the dashboard is at {self.url}")
        if not is_loopback(host) and not value(self, "read_only"):
            self.get_logger().warning(
                f"everybody who reaches {host} can switch this robot's sources: set `read_only`, or `host` to 127.0.0.1"
            )

    def destroy_node(self) -> None:
        """Close every connection."""
        self._calls.close()
        self._server.stop()
        self._watch.close()
        super().destroy_node()

    def watched(self, browsers: int) -> None:
        """So many browsers look now."""
        self._browsers = browsers
        self._last_looked_s = time.monotonic()
        if browsers:
            self._calls.submit(self._poll)

    def snapshot(self, after: int) -> Snapshot:
        """What to show now."""
        return self._view.snapshot(after, time.monotonic())

    def pictures(self) -> dict[str, Picture]:
        """What there is to see of each source."""
        return self._watch.pictures()

    def draw(self, source: str) -> bytes | None:
        """A source's picture as a JPEG."""
        return self._watch.draw(source)

    async def labels(self) -> Labels:
        """The labels and the bundle in use."""
        return await self._control.labels()

    async def switch(self, source: str, *, enabled: bool) -> None:
        """Use a source, or do not."""
        await self._control.switch(source, enabled=enabled)

    async def set_labels(self, labels: Sequence[str]) -> None:
        """Tell these apart from now on."""
        await self._control.set_labels(labels)

    async def reload_bundle(self) -> str:
        """Read the bundle again."""
        return await self._control.reload_bundle()

    def _poll(self) -> None:
        looked_s = time.monotonic() - self._last_looked_s
        self._watch.poll(watched=self._browsers > 0 or looked_s < LINGER_S)


def _server_class() -> Any:
    try:
        return import_module("omnibind_ros.dashboard.server").Server
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"the dashboard needs {error.name}, which is not installed",
            remedy="install it: sudo apt install python3-aiohttp, or pip install 'aiohttp>=3.8,<4'",
        ) from error


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros dashboard`."""
    check_arguments("dashboard", __doc__, PARAMETERS, arguments)
    run(Dashboard, arguments)


if __name__ == "__main__":
    main()
