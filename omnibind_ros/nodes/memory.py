"""The `memory` node: what the robot has seen, to be asked for in words, by what a sensor sees, and by sums of both.

`ros2 topic pub --once memory/query std_msgs/msg/String "{data: cup + metal}"`; the answer comes on `memory/hits`. Needs
FAISS, which nothing else does.
"""

import sys
from collections.abc import Callable
from concurrent.futures import Future, TimeoutError
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from sensor_msgs.msg import PointCloud2
from std_msgs.msg import String
from std_srvs.srv import Trigger
from vision_msgs.msg import Classification

from omnibind_ros.errors import ConfigurationError, StoreError
from omnibind_ros.inference.bundle import read_description
from omnibind_ros.inference.embedding import space_number
from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.embedding_publishers import QOS
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.offer import offer
from omnibind_ros.nodes.parameters import declare, value
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.recollection import Recollection
from omnibind_ros.nodes.worker import Worker
from omnibind_ros.pipeline.parameters import ParameterSpec
from omnibind_ros.pipeline.resources import backend_maker, bundle_folder, state_folder
from omnibind_ros.retrieval.memory import Memory
from omnibind_ros.retrieval.store import Store, StoreSettings
from omnibind_ros.retrieval.store_file import StoreFile
from omnibind_ros.retrieval.words import Words

_DEFAULTS = StoreSettings()
PARAMETERS = (
    ParameterSpec(
        "bundle",
        "omnibind-sim",
        "The bundle of the node that recognises: name of a shipped one, or path of a folder.",
        takes_effect="at start",
    ),
    ParameterSpec(
        "file",
        "",
        "File of the memory; empty for one in ~/.local/state/omnibind_ros by the names of node and embedding space.",
        takes_effect="at start",
    ),
    ParameterSpec("remember", True, "Take in what is seen; false only answers questions.", takes_effect="at once"),
    ParameterSpec(
        "max_entries",
        _DEFAULTS.most,
        "Most things that are kept; the one not seen for longest makes room.",
        (1, 1_000_000),
        takes_effect="at start",
    ),
    ParameterSpec(
        "merge_within",
        _DEFAULTS.merge_within_s,
        "Seconds after which what looks the same is a new entry.",
        (0.0, 86400.0),
        takes_effect="at start",
        unit="s",
    ),
    ParameterSpec(
        "merge_similarity",
        _DEFAULTS.merge_similarity,
        "Cosine from which what is seen is what was there before; above 1, never.",
        (-1.0, 1.1),
        takes_effect="at start",
    ),
    ParameterSpec("hits", 10, "Most hits in an answer.", (1, 1000), takes_effect="at start"),
    ParameterSpec(
        "save_period",
        60.0,
        "Seconds between two writings of what has changed; at the end it is written, too.",
        (1.0, 86400.0),
        takes_effect="at start",
        unit="s",
    ),
)
QUERY_TOPIC = "memory/query"
HITS_TOPIC = "memory/hits"
POLL_S = 0.25
_RESULTS = QoSProfile(depth=10)
_FORGETTING_S = 5.0


class MemoryNode(Node):
    """Listens to recognitions while it remembers, and answers questions.

    Raises BundleError, ConfigurationError (without FAISS, too), and StoreError for a file that another process has.
    """

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("memory", **node_arguments)
        declare(self, PARAMETERS)
        folder = bundle_folder(value(self, "bundle"))
        space_of = read_description(folder).space
        space = space_number(space_of.id)
        limits = StoreSettings(value(self, "max_entries"), value(self, "merge_within"), value(self, "merge_similarity"))
        memory = Memory(Store(space, space_of.dimension, limits), Words(folder, space, backend_maker(threads=1)))
        file = StoreFile(self._path(space))
        memory.store = self._read(file, memory.store, limits)
        self._journal = Journal(self.get_logger())
        self._answers = offer(self, DiagnosticArray, HITS_TOPIC, QOS)
        self._recollection = Recollection(
            memory,
            file,
            self._journal,
            publish=self._answers.publish,
            now_ns=lambda: self.get_clock().now().nanoseconds,
            tell=self._tell,
            hits=value(self, "hits"),
            save_period_s=value(self, "save_period"),
        )
        self._worker = Worker(self._recollection.step, self._tell_error)
        self._worker.start()
        self._results: list[Subscription] = []
        self.create_subscription(String, QUERY_TOPIC, self._waking(self._recollection.ask), QOS)
        self.create_service(Trigger, "~/forget", self._forget)
        self.create_timer(POLL_S, self._poll)
        self._poll()

    def destroy_node(self) -> None:
        """Save what was seen."""
        self._worker.stop()
        self._recollection.close()
        super().destroy_node()

    def _path(self, space: int) -> Path:
        """The file that is given, or one for every node and embedding space."""
        given = value(self, "file")
        name = self.get_fully_qualified_name().strip("/").replace("/", "_")
        return Path(given).expanduser() if given else state_folder() / f"{name}-{space:08x}.safetensors"

    def _read(self, file: StoreFile, empty: Store, limits: StoreSettings) -> Store:
        """What is in the file; a damaged one is set aside."""
        try:
            store = file.read(empty.space, empty.dimension, limits)
        except StoreError as error:
            self.get_logger().error(f"{error}; it was set aside as {file.set_aside()}, and the memory begins anew")
            return empty
        except ConfigurationError:
            file.close()
            raise
        self.get_logger().info(f"{len(store)} things that were seen are known from {file.path}")
        return store

    def _poll(self) -> None:
        """Listen while there is something to remember, or a question waits for what the sources see."""
        remembers = bool(value(self, "remember"))
        if remembers != self._recollection.remembers:
            self._recollection.remembers = remembers
            self.get_logger().info("what is seen is remembered" if remembers else "what is seen is not remembered")
        listens = remembers or self._recollection.waits
        if listens and not self._results:
            self._results = [
                self.create_subscription(kind, topic, self._waking(take), _RESULTS)
                for kind, topic, take in (
                    (PointCloud2, "fused_embedding", self._recollection.hear_fused),
                    (PointCloud2, "evidence", self._recollection.hear_evidence),
                    (Classification, "recognition", self._recollection.hear_recognition),
                )
            ]
        if not listens:
            for subscription in self._results:
                self.destroy_subscription(subscription)
            self._results = []

    def _waking(self, take: Callable[[Any], None]) -> Callable[[Any], None]:
        def taken(message: Any) -> None:
            take(message)
            self._worker.wake()

        return taken

    def _forget(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """Service: the worker forgets, between two rounds."""
        done = Future[int]()

        def forget() -> None:
            try:
                done.set_result(self._recollection.forget())
            except StoreError as error:
                done.set_exception(error)

        self._worker.call(forget)
        try:
            response.message = f"{done.result(_FORGETTING_S)} things that were seen are forgotten"
            response.success = True
        except (StoreError, TimeoutError) as error:
            response.message = str(error) or "the memory is busy: try again"
        return response

    def _tell_error(self, error: Exception) -> None:
        if self.context.ok():  # else an answer was on its way when the process was told to end
            self._journal.tell_once(error)

    def _tell(self, text: str, is_warning: bool) -> None:
        if not self.context.ok():  # Ctrl-C has ended the context that a logger needs
            print(text, file=sys.stderr)
        elif is_warning:
            self.get_logger().warning(text)
        else:
            self.get_logger().info(text)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros memory`."""
    check_arguments("memory", __doc__, PARAMETERS, arguments)
    run(MemoryNode, arguments)


if __name__ == "__main__":
    main()
