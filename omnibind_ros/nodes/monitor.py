"""The `monitor` node: shows in a terminal what a perception node says, and what it makes of its sources."""

from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rich.live import Live
from vision_msgs.msg import Classification

from omnibind_ros.demo.table import Moment, render
from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.process import run

PERIOD_S = 0.25


class Monitor(Node):
    """Subscribing to `recognition` also makes the perception node work."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("monitor", **node_arguments)
        self._topic = self.resolve_topic_name("recognition")
        self._newest: Classification | None = None
        self._sources: dict[str, dict[str, str]] = {}
        self.create_subscription(Classification, "recognition", self._recognised, 1)
        self.create_subscription(DiagnosticArray, "sources", self._reported, 1)
        self._live = Live(auto_refresh=False)
        self._live.start()
        self.create_timer(PERIOD_S, self._show)

    def moment(self) -> Moment:
        """What is shown now."""
        best = self._newest.results[0] if self._newest else None
        return Moment(
            title=self._topic,
            label=best.class_id if best else "nothing yet",
            score=best.score if best else 0.0,
            sources=self._sources,
        )

    def destroy_node(self) -> None:
        """Leave the terminal as it was found."""
        self._live.stop()
        super().destroy_node()

    def _recognised(self, message: Classification) -> None:
        self._newest = message

    def _reported(self, message: DiagnosticArray) -> None:
        self._sources = {status.name: {entry.key: entry.value for entry in status.values} for status in message.status}

    def _show(self) -> None:
        self._live.update(render(self.moment()), refresh=True)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros monitor`."""
    check_arguments("monitor", __doc__, (), arguments)
    run(Monitor, arguments)


if __name__ == "__main__":
    main()
