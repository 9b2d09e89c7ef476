"""Small bags written by rosbags, for tests that need no ROS."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fabricated import SECOND, audio_message, image_message, thermal_message
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from omnibind_ros.pipeline.recognition import Recognition
from omnibind_ros.results.evidence import Evidence, rows_from_evidence
from omnibind_ros.results.table import columns

START_NS = 1_700_000_000 * SECOND
TYPES = get_typestore(Stores.ROS2_JAZZY)
for _name, _text in {
    "audio_common_msgs/msg/AudioData": "uint8[] data",
    "audio_common_msgs/msg/AudioDataStamped": "std_msgs/Header header\naudio_common_msgs/AudioData audio",
    "vision_msgs/msg/ObjectHypothesis": "string class_id\nfloat64 score",
    "vision_msgs/msg/Classification": "std_msgs/Header header\nvision_msgs/ObjectHypothesis[] results",
}.items():
    TYPES.register(get_types_from_msg(_text, _name))

Entry = tuple[int, str, Any]


def header(stamp_ns: int, frame_id: str = "sensor") -> Any:
    sec, nanosec = divmod(stamp_ns, SECOND)
    stamp = TYPES.types["builtin_interfaces/msg/Time"](sec=sec, nanosec=nanosec)
    return TYPES.types["std_msgs/msg/Header"](stamp=stamp, frame_id=frame_id)


def frame(stamp_ns: int, *, thermal: bool = False, **changes: Any) -> Any:
    plain = (thermal_message if thermal else image_message)(stamp_ns, **changes)
    fields = {name: getattr(plain, name) for name in ("encoding", "height", "width", "step", "is_bigendian")}
    data = np.frombuffer(plain.data, np.uint8)
    return TYPES.types["sensor_msgs/msg/Image"](header=header(stamp_ns), data=data, **fields)


def sound(stamp_ns: int, *, duration_s: float = 0.1) -> Any:
    data = np.frombuffer(audio_message(stamp_ns, duration_s=duration_s).audio.data, np.uint8)
    audio = TYPES.types["audio_common_msgs/msg/AudioData"](data=data)
    return TYPES.types["audio_common_msgs/msg/AudioDataStamped"](header=header(stamp_ns), audio=audio)


def classification(stamp_ns: int, *labels: str, scores: Sequence[float] = (1.0,)) -> Any:
    hypothesis = TYPES.types["vision_msgs/msg/ObjectHypothesis"]
    results = [hypothesis(class_id=label, score=score) for label, score in zip(labels, scores, strict=True)]
    return TYPES.types["vision_msgs/msg/Classification"](header=header(stamp_ns), results=results)


def evidence_message(evidence: Evidence) -> Any:
    rows = rows_from_evidence(evidence)
    field = TYPES.types["sensor_msgs/msg/PointField"]
    return TYPES.types["sensor_msgs/msg/PointCloud2"](
        header=header(evidence.stamp_ns, evidence.frame_id),
        height=1,
        width=len(rows),
        fields=[field(name=n, offset=o, datatype=t, count=c) for n, o, t, c in columns(rows.dtype)],
        is_bigendian=False,
        point_step=rows.itemsize,
        row_step=rows.nbytes,
        data=np.frombuffer(rows.tobytes(), np.uint8),
        is_dense=True,
    )


def decisions(recognitions: Iterable[tuple[int, Recognition]]) -> list[Entry]:
    """What a robot publishes for recognitions, given with the time at which it made them."""
    entries = []
    for time_ns, one in recognitions:
        hypotheses = one.answer.hypotheses
        labels, scores = [each.label for each in hypotheses], [each.score for each in hypotheses]
        entries.append((time_ns, "/recognition", classification(one.stamp_ns, *labels, scores=scores)))
        entries.append((time_ns, "/evidence", evidence_message(Evidence.of(one))))
    return entries


def states(stamp_ns: int, **state_of: str) -> Any:
    value = TYPES.types["diagnostic_msgs/msg/KeyValue"]
    status = TYPES.types["diagnostic_msgs/msg/DiagnosticStatus"]
    return TYPES.types["diagnostic_msgs/msg/DiagnosticArray"](
        header=header(stamp_ns),
        status=[
            status(level=0, name=name, message=state, hardware_id="", values=[value(key="state", value=state)])
            for name, state in state_of.items()
        ],
    )


def text(words: str) -> Any:
    return TYPES.types["std_msgs/msg/String"](data=words)


def entry(time_s: float, topic: str, make: Any, *arguments: Any, **changes: Any) -> Entry:
    """A message made for a time in seconds since the start, received in the same moment."""
    time_ns = START_NS + round(time_s * SECOND)
    return time_ns, topic, make(time_ns, *arguments, **changes)


def every(
    period_s: float, until_s: float, topic: str, make: Any, *, start_s: float = 0.0, **changes: Any
) -> list[Entry]:
    """Messages of a sensor with a steady rate."""
    count = round((until_s - start_s) / period_s)
    return [entry(start_s + number * period_s, topic, make, **changes) for number in range(count)]


def sensors(until_s: float = 3.0) -> list[Entry]:
    """A camera, a thermal camera and a microphone."""
    return [
        *every(0.05, until_s, "/camera/image_raw", frame),
        *every(0.1, until_s, "/thermal/image_raw", frame, thermal=True),
        *every(0.1, until_s, "/microphone/audio_stamped", sound),
    ]


def write_bag(folder: Path, entries: Iterable[Entry], *, storage: StoragePlugin = StoragePlugin.MCAP) -> Path:
    """Write messages, in any order, into a bag folder."""
    connections: dict[tuple[str, str], Any] = {}
    with Writer(folder, version=9, storage_plugin=storage) as writer:
        for received_ns, topic, message in sorted(entries, key=lambda one: one[:2]):
            key = (topic, message.__msgtype__)
            if key not in connections:
                connections[key] = writer.add_connection(*key, typestore=TYPES)
            writer.write(connections[key], received_ns, TYPES.serialize_cdr(message, message.__msgtype__))
    return folder
