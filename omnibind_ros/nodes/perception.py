"""The `perception` node: every sensor in, one recognition out, in one process."""

import time
from typing import Any

from rclpy.parameter import Parameter
from rclpy.timer import Timer

from omnibind_ros.errors import OmnibindError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.nodes.managed_node import ManagedNode
from omnibind_ros.nodes.parameters import NODE_PARAMETERS, declare, read_source, value
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.recognition_loop import Pipelines, RecognitionLoop
from omnibind_ros.nodes.resources import backend_maker, bundle_folder
from omnibind_ros.nodes.result_publishers import ResultPublishers
from omnibind_ros.nodes.source_subscription import SourceSubscription
from omnibind_ros.nodes.worker import Worker
from omnibind_ros.pipeline.encoding import EncodingPipeline
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.source import Source

GRAPH_POLL_S = 0.25


class PerceptionNode(ManagedNode):
    """Wires the pipeline to ROS: callbacks only store messages, one worker does the rest."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("perception", **node_arguments)
        declare(self, NODE_PARAMETERS)
        self._pipelines: Pipelines | None = None
        self._results: ResultPublishers | None = None
        self._worker: Worker | None = None
        self._poll_timer: Timer | None = None
        self._source_subscriptions: list[SourceSubscription] = []
        self.add_post_set_parameters_callback(self._parameters_changed)
        if value(self, "autostart"):
            self.start()

    def configure(self) -> None:
        """Load and check the bundle, and set up the sources. Raises BundleError, BackendError."""
        bundle = load_bundle(bundle_folder(value(self, "bundle")))
        make_backend = backend_maker(value(self, "threads"))
        encoding = EncodingPipeline(bundle, make_backend, time.monotonic)
        for name in value(self, "sources"):
            try:
                encoding.add_source(read_source(self, name))
            except OmnibindError as error:
                self.get_logger().error(f"source left out: {error.at(name)}")
        recognition = RecognitionPipeline(bundle, make_backend, most_labels=value(self, "most_labels"))
        self._pipelines = Pipelines(bundle, encoding, recognition)
        names = ", ".join(f"{one.name} ({one.settings.modality})" for one in encoding.sources)
        self.get_logger().info(
            f"bundle {bundle.name} with {len(bundle.description.labels.names)} labels; sources: {names or 'none'}"
        )

    def activate(self) -> None:
        """Subscribe, publish, and start working."""
        if self._pipelines is None:
            return  # a lifecycle manager cannot ask for this before `configure`
        sources = self._pipelines.encoding.sources
        self._results = ResultPublishers(self, [source.name for source in sources])
        loop = RecognitionLoop(self, self._pipelines, self._results)
        self._worker = Worker(loop.step, loop.tell_once)
        self._worker.start()
        self._source_subscriptions = [SourceSubscription(self, source, self._receive) for source in sources]
        self._poll_timer = self.create_timer(GRAPH_POLL_S, self._poll_graph)
        self._poll_graph()

    def deactivate(self) -> None:
        """Stop working and give every topic back."""
        if self._poll_timer is not None:
            self.destroy_timer(self._poll_timer)
            self._poll_timer = None
        for subscription in self._source_subscriptions:
            subscription.close()
        self._source_subscriptions = []
        if self._worker is not None:
            self._worker.stop()
            self._worker = None
        if self._results is not None:
            self._results.close()
            self._results = None

    def cleanup(self) -> None:
        """Release the bundle and every inference session."""
        if self._pipelines is not None:
            self._pipelines.close()
            self._pipelines = None

    def _receive(self, source: Source, message: Any) -> None:
        # The executor's thread must be free for the next message: nothing is decoded here.
        source.receive(message, self.get_clock().now().nanoseconds, time.monotonic())
        if self._worker is not None:
            self._worker.wake()

    def _poll_graph(self) -> None:
        for subscription in self._source_subscriptions:
            subscription.poll()

    def _parameters_changed(self, parameters: list[Parameter]) -> None:
        changed = {parameter.name: parameter.value for parameter in parameters}
        for source in self._pipelines.encoding.sources if self._pipelines else ():
            if f"{source.name}.enabled" in changed:
                source.enable(changed[f"{source.name}.enabled"])


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros perception`."""
    run(PerceptionNode, arguments)


if __name__ == "__main__":
    main()
