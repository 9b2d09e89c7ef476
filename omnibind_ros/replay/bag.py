"""A recorded bag: its topics, and their messages in the order in which they were received."""

import heapq
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml
from rosbags.interfaces import Connection
from rosbags.rosbag2 import Reader, ReaderError
from typing_extensions import Self

from omnibind_ros.errors import BagError
from omnibind_ros.replay.message_types import store_for

_STORAGES = {".db3", ".mcap"}
_REPAIR = "repair it with `ros2 bag reindex` or `mcap recover`, or record it again"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with the messages of one type on it."""

    name: str
    message_type: str
    messages: int


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """A message, and when the recorder received it, ROS time in nanoseconds."""

    topic: Topic
    received_ns: int
    message: Any


class Bag:
    """A rosbag2 folder, or one of its files (db3, mcap); to be used as a context.

    Raises BagError for what is missing, damaged or unknown, on opening as well as while reading.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # By topic: messages that do not hold what their type promises.
        self.unreadable: Counter[str] = Counter()
        self._stack = ExitStack()
        self._readers: list[Reader] = []
        self._connections: dict[tuple[str, str], list[Connection]] = {}

    def __enter__(self) -> Self:
        try:
            for reader in self._open():
                self._readers.append(self._stack.enter_context(reader))
                for connection in reader.connections:
                    self._connections.setdefault((connection.topic, connection.msgtype), []).append(connection)
        except Exception as error:  # the library lets errors of every layer through: YAML, SQLite, struct, its own
            self._stack.close()
            self._refuse(error)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What was recorded, by name."""
        return tuple(
            Topic(name, message_type, sum(connection.msgcount for connection in connections))
            for (name, message_type), connections in sorted(self._connections.items())
        )

    @property
    def start_ns(self) -> int:
        """When the first message was received, ROS time; 0 for an empty bag."""
        return min((reader.start_time for reader in self._readers if reader.message_count), default=0)

    @property
    def end_ns(self) -> int:
        """When the last message was received."""
        # The library names the first nanosecond after it.
        return max((reader.end_time - 1 for reader in self._readers if reader.message_count), default=0)

    def messages(self, topics: tuple[Topic, ...]) -> Iterator[Recorded]:
        """The messages of some topics by the time they were received; unreadable ones are counted and left out."""
        topic_of = {
            _identity(connection): topic
            for topic in topics
            for connection in self._connections[topic.name, topic.message_type]
        }
        wanted = [[one for one in reader.connections if _identity(one) in topic_of] for reader in self._readers]
        # Without any connection the library would read all.
        streams = [reader.messages(some) for reader, some in zip(self._readers, wanted, strict=True) if some]
        read_any = False
        try:
            for connection, received_ns, data in heapq.merge(*streams, key=lambda entry: entry[1]):
                read_any = True
                topic = topic_of[_identity(connection)]
                store = store_for(connection.msgtype, connection.msgdef)
                try:
                    message = store.deserialize_cdr(data, connection.msgtype)
                except Exception:  # any bytes may be in a bag, and the library trusts them
                    self.unreadable[topic.name] += 1
                    continue
                yield Recorded(topic, received_ns, message)
        except Exception as error:  # see above
            self._refuse(error)
        if not read_any and any(topic.messages for topic in topics):
            raise BagError(
                "its metadata.yaml describes other topics than its files hold",
                remedy="take that file away: a bag can be read without it",
                source=str(self.path),
            )

    def _open(self) -> list[Reader]:
        if not self.path.exists():
            raise BagError("there is no such file or folder", remedy="check the path", source=str(self.path))
        if self.path.is_dir() and not _names_its_storage(self.path):
            files = sorted(file for file in self.path.iterdir() if file.suffix in _STORAGES)
            if not files:
                raise BagError(
                    "the folder holds no bag", remedy="name a folder with .mcap or .db3 files", source=str(self.path)
                )
            return [Reader(file) for file in files]
        return [Reader(self.path)]

    def _refuse(self, error: Exception) -> NoReturn:
        if isinstance(error, BagError):
            raise error
        text = str(error) if isinstance(error, ReaderError) else f"{type(error).__name__}: {error}"
        raise BagError(f"the bag cannot be read: {text.rstrip('.')}", remedy=_REPAIR, source=str(self.path)) from error


def _identity(connection: Connection) -> tuple[int, int]:
    return id(connection.owner), connection.id


def _names_its_storage(folder: Path) -> bool:
    """Whether a folder has a description that says how it is stored; some recorders leave that empty."""
    description = folder / "metadata.yaml"
    if not description.is_file():
        return False
    try:
        told = yaml.safe_load(description.read_text(encoding="utf-8"))["rosbag2_bagfile_information"]
        return bool(told["storage_identifier"])
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        return True  # the library says better what is wrong with it
