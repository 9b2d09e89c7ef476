"""The `record` node: writes topics into a bag, for a computer without rosbag2; on a robot `ros2 bag record` does it."""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from ament_index_python.packages import get_package_share_directory
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from rclpy.utilities import remove_ros_args
from rosbags.interfaces import Connection
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from omnibind_ros.errors import BagError
from omnibind_ros.nodes.process import run

POLL_S = 0.25
# Messages that wait in the middleware while the disk is busy; nothing waits here.
_DEPTH = 20
_STORAGES = {"mcap": StoragePlugin.MCAP, "sqlite3": StoragePlugin.SQLITE3}
_NESTED = re.compile(r"[\w]+/msg/[\w]+")


class Recorder(Node):
    """Writes every message as it comes from the wire, undecoded, with the time at which it was received.

    A topic need not exist yet. What a publisher offers is what is asked for, latched messages included.
    Raises BagError when the folder exists or cannot be written.
    """

    def __init__(self, topics: Sequence[str], folder: Path, storage: str = "mcap", **node_arguments: Any) -> None:
        super().__init__("record", **node_arguments)
        self._folder = folder
        self._topics = [self.resolve_topic_name(topic) for topic in topics]
        self._connections: dict[tuple[str, str], Connection] = {}
        self._subscriptions_by_topic: dict[str, tuple[str, QoSProfile, Subscription]] = {}
        self._refused: set[str] = set()
        self._writer: Writer | None = None
        if folder.exists():
            raise BagError("the folder exists", remedy="name a new one", source=str(folder))
        try:
            self._writer = Writer(folder, version=Writer.VERSION_LATEST, storage_plugin=_STORAGES[storage])
            self._writer.open()
        except OSError as error:
            self._writer = None
            raise self._unwritable(error) from error
        self.create_timer(POLL_S, self._poll)
        self._poll()

    @property
    def messages(self) -> dict[str, int]:
        """How many messages were written, by topic."""
        counts = dict.fromkeys(self._topics, 0)
        for (topic, _), connection in self._connections.items():
            counts[topic] += self._writer.counts[connection.id] if self._writer else 0
        return counts

    def destroy_node(self) -> None:
        """Finish the bag; without this it has no index."""
        if self._writer is not None:
            for topic, count in self.messages.items():
                # Ctrl-C has ended the context that a logger needs.
                print(f"{topic}: {count} messages", file=sys.stderr)
            writer, self._writer = self._writer, None
            try:
                writer.close()
            except Exception as error:  # SQLite and the file system fail each in its own way
                print(self._unwritable(error), file=sys.stderr)
        super().destroy_node()

    def _poll(self) -> None:
        for topic in self._topics:
            publishers = self.get_publishers_info_by_topic(topic)
            if not publishers:
                continue
            qos = QoSProfile(
                depth=_DEPTH,
                reliability=_common(
                    [one.qos_profile.reliability for one in publishers],
                    ReliabilityPolicy.RELIABLE,
                    ReliabilityPolicy.BEST_EFFORT,
                ),
                durability=_common(
                    [one.qos_profile.durability for one in publishers],
                    DurabilityPolicy.TRANSIENT_LOCAL,
                    DurabilityPolicy.VOLATILE,
                ),
            )
            message_type = publishers[0].topic_type
            present = self._subscriptions_by_topic.get(topic)
            if present is None or present[0] != message_type or present[1] != qos:
                self._subscribe(topic, message_type, qos)

    def _subscribe(self, topic: str, message_type: str, qos: QoSProfile) -> None:
        if present := self._subscriptions_by_topic.pop(topic, None):
            self.destroy_subscription(present[2])
        try:
            connection = self._connection(topic, message_type)
            package, _, name = message_type.split("/")
            message_class = getattr(import_module(f"{package}.msg"), name)
        except (AttributeError, LookupError, ModuleNotFoundError, OSError) as error:
            if message_type not in self._refused:
                self._refused.add(message_type)
                self.get_logger().error(f"{topic}: {message_type} is not installed: {error}")
            return

        def write(data: bytes, received: dict[str, Any]) -> None:
            self._write(connection, received["received_timestamp"] or self.get_clock().now().nanoseconds, data)

        subscription = self.create_subscription(message_class, topic, cast(Any, write), qos, raw=True)
        self._subscriptions_by_topic[topic] = (message_type, qos, subscription)
        self.get_logger().info(f"{topic}: recording {message_type}")

    def _connection(self, topic: str, message_type: str) -> Connection:
        if (topic, message_type) not in self._connections and self._writer is not None:
            self._connections[topic, message_type] = self._writer.add_connection(
                topic, message_type, typestore=installed_types(message_type)
            )
        return self._connections[topic, message_type]

    def _write(self, connection: Connection, received_ns: int, data: bytes) -> None:
        if self._writer is None:
            return
        try:
            self._writer.write(connection, received_ns, data)
        except Exception as error:  # see above
            raise self._unwritable(error) from error

    def _unwritable(self, error: Exception) -> BagError:
        return BagError(f"cannot be written: {error}", remedy="check the free space", source=str(self._folder))


def installed_types(message_type: str) -> Typestore:
    """A message type with all it is made of, from the definitions that its packages install.

    Raises LookupError for a package, OSError for a type that is not there.
    """
    store = get_typestore(Stores.EMPTY)
    wanted = [message_type]
    while wanted:
        name = wanted.pop()
        if name in store.fielddefs:
            continue
        package, kind, base = name.split("/")
        text = (Path(get_package_share_directory(package)) / kind / f"{base}.msg").read_text(encoding="utf-8")
        store.register(get_types_from_msg(text, name))
        wanted += _NESTED.findall(repr(store.fielddefs[name][1]))
    return store


def _common(offered: Sequence[Any], strict: Any, lenient: Any) -> Any:
    """What can be asked for: the strict policy only where everybody offers it."""
    return strict if all(one == strict for one in offered) else lenient


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros record`."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parse(remove_ros_args([sys.argv[0], *given])[1:])
    run(lambda: Recorder(options.topics, options.output, options.storage), arguments)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="record",
        description="Write topics into a rosbag2 folder until Ctrl-C.",
        epilog="exit status: 0 when told to end; 1 when the bag cannot be written; 2 for a wrong argument",
    )
    parser.add_argument("topics", nargs="+", metavar="TOPIC", help="topic to record; it need not exist yet")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the bag; it must not exist")
    parser.add_argument("--storage", choices=[*_STORAGES], default="mcap", help="default: mcap")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
