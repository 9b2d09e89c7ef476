"""The `perception` node: every sensor in, one recognition out, in one process."""

from typing import Any

from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.pipeline_node import PipelineNode
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.recognition_output import RecognitionOutput
from omnibind_ros.nodes.sensor_supply import SensorSupply
from omnibind_ros.pipeline.parameters import NODE_PARAMETERS


class PerceptionNode(PipelineNode):
    """Encodes and recognises; embeddings are handed over directly."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("perception", NODE_PARAMETERS, **node_arguments)

    def make_stages(self) -> tuple[SensorSupply, RecognitionOutput]:
        """Sensors here, recognition here."""
        return SensorSupply(self, self.backends, self.wake), RecognitionOutput(self, self.backends, self.journal)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros perception`."""
    check_arguments("perception", __doc__, NODE_PARAMETERS, arguments)
    run(PerceptionNode, arguments)


if __name__ == "__main__":
    main()
