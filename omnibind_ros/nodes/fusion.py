"""The `fusion` node: embeddings of encoders in other processes or on other computers in, one recognition out."""

from typing import Any

from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.pipeline_node import PipelineNode
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.recognition_output import RecognitionOutput
from omnibind_ros.nodes.remote_supply import RemoteSupply
from omnibind_ros.pipeline.parameters import FUSION_PARAMETERS


class FusionNode(PipelineNode):
    """Recognises from every embedding that is published."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("fusion", FUSION_PARAMETERS, **node_arguments)

    def make_stages(self) -> tuple[RemoteSupply, RecognitionOutput]:
        """Sensors elsewhere, recognition here."""
        return RemoteSupply(self, self.journal, self.wake), RecognitionOutput(self, self.backends, self.journal)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros fusion`."""
    check_arguments("fusion", __doc__, FUSION_PARAMETERS, arguments)
    run(FusionNode, arguments)


if __name__ == "__main__":
    main()
