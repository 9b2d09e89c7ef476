"""The `encoder` node: sensors in, embeddings out, for a `fusion` in another process or on another computer."""

from typing import Any

from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.pipeline_node import PipelineNode
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.sensor_supply import SensorSupply
from omnibind_ros.nodes.status_output import StatusOutput
from omnibind_ros.pipeline.parameters import ENCODER_PARAMETERS


class EncoderNode(PipelineNode):
    """Encodes for whoever listens to the embeddings."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("encoder", ENCODER_PARAMETERS, **node_arguments)

    def make_stages(self) -> tuple[SensorSupply, StatusOutput]:
        """Sensors here, recognition elsewhere."""
        return SensorSupply(self, self.backends, self.wake), StatusOutput(self, self.backends)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros encoder`."""
    check_arguments("encoder", __doc__, ENCODER_PARAMETERS, arguments)
    run(EncoderNode, arguments)


if __name__ == "__main__":
    main()
