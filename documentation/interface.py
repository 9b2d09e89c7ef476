"""What users meet of the package: programs, topics and services. A test compares it with what the nodes really have."""

from dataclasses import dataclass

RECOGNISERS = ("perception", "fusion")
ENCODERS = ("perception", "encoder")
LIFECYCLE = ("perception", "encoder", "fusion")


@dataclass(frozen=True, slots=True)
class Program:
    """An executable of `ros2 run omnibind_ros`, and what it does."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, and which nodes are at its ends. `<source>` and `<sensor>` stand for names."""

    name: str
    type_name: str
    publishers: tuple[str, ...]
    subscribers: tuple[str, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and which nodes offer it."""

    name: str
    type_name: str
    servers: tuple[str, ...]
    what: str


PROGRAMS = (
    Program("perception", "sensors in, recognition out; a lifecycle node that starts itself (`autostart`)"),
    Program(
        "encoder", "the first half of it, for several processes or computers (`mode:=distributed`): embeddings out"
    ),
    Program("fusion", "the second half: embeddings of any number of encoders in, recognition out"),
    Program(
        "dashboard",
        "shows all of it in a browser, on a phone too, and switches sources, labels and bundles "
        "([docs/dashboard.md](docs/dashboard.md))",
    ),
    Program("overlay", "publishes the camera's pictures with label, score and live sources, while somebody looks"),
    Program(
        "memory",
        "what the robot has seen, to be asked for in words and by sensor ([docs/memory.md](docs/memory.md))",
    ),
    Program("monitor", "shows in a terminal what `perception` says and what it makes of its sources"),
    Program("doctor", "checks ROS, topics, bundle, GPU, clock and memory, and says what to do"),
    Program("info", "prints what a bundle holds, what runs its networks, and what running nodes have loaded"),
    Program(
        "replay", "recognises from a recorded bag, without ROS; results and an HTML report "
        "([docs/replay.md](docs/replay.md))",
    ),
    Program("record", "writes topics into a bag where rosbag2 is missing"),
    Program("build_engines", "compiles a bundle for this GPU ahead of time ([docs/tensorrt.md](docs/tensorrt.md))"),
    Program("sensor_simulator", "publishes a simulated world as real drivers would, with faults on demand"),
    Program("file_player", "publishes folders of pictures and sounds as drivers would"),
    Program("demo", "`perception` and `sensor_simulator` with a script, a live table, a picture and figures"),
)  # fmt: skip

TOPICS = (
    Topic(
        "recognition",
        "vision_msgs/msg/Classification",
        RECOGNISERS,
        ("overlay", "dashboard", "monitor", "memory", "demo"),
        "labels by falling calibrated score; `unknown` first when it abstains",
    ),
    Topic(
        "sources",
        "diagnostic_msgs/msg/DiagnosticArray",
        RECOGNISERS,
        ("overlay", "dashboard", "monitor", "demo", "doctor"),
        "one status a source: state and why, age, rate, drops, errors, latency, quality, weight in the last fusion, "
        "its own top label",
    ),
    Topic(
        "evidence",
        "sensor_msgs/msg/PointCloud2",
        RECOGNISERS,
        ("memory",),
        "what each recognition was made of: a table with a row for every embedding that was fused, while somebody "
        "listens ([docs/replay.md](docs/replay.md#what-the-robot-decided-exactly))",
    ),
    Topic(
        "embedding/<source>",
        "sensor_msgs/msg/PointCloud2",
        ENCODERS,
        ("fusion", "demo"),
        "a table of one row: `embedding`, `quality`, `modality`, `space`",
    ),
    Topic(
        "fused_embedding",
        "sensor_msgs/msg/PointCloud2",
        RECOGNISERS,
        ("memory",),
        "the same of what the sensors say together",
    ),
    Topic(
        "encoder_status",
        "diagnostic_msgs/msg/DiagnosticArray",
        ("encoder",),
        ("fusion",),
        "what `sources` is made of",
    ),
    Topic(
        "/diagnostics",
        "diagnostic_msgs/msg/DiagnosticArray",
        LIFECYCLE,
        ("dashboard", "info"),
        "health of the node, 1 Hz",
    ),
    Topic("overlay", "sensor_msgs/msg/Image", ("overlay",), (), "the camera's pictures with what is recognised"),
    Topic("memory/query", "std_msgs/msg/String", (), ("memory",), "a question, such as `red cup - metal` or `@camera`"),
    Topic(
        "memory/hits",
        "diagnostic_msgs/msg/DiagnosticArray",
        ("memory",),
        (),
        "the answer: a status for the question, then one for everything similar that was seen, best first",
    ),
    Topic(
        "ground_truth",
        "vision_msgs/msg/Classification",
        ("sensor_simulator",),
        (),
        "what really is in front of the simulated sensors; latched",
    ),
)

SERVICES = (
    Service("~/reload_bundle", "std_srvs/srv/Trigger", LIFECYCLE, "read the bundle again, replaced in place"),
    Service("~/forget", "std_srvs/srv/Trigger", ("memory",), "forget everything that was seen, on disk too"),
    Service(
        "~/change_state",
        "lifecycle_msgs/srv/ChangeState",
        LIFECYCLE,
        "configure, activate, deactivate, clean up, shut down; with `~/get_state` and the others of a lifecycle node",
    ),
    Service(
        "~/set_parameters",
        "rcl_interfaces/srv/SetParameters",
        (*LIFECYCLE, "sensor_simulator"),
        "a wrong value is refused with the reason; with the other parameter services of every node",
    ),
)
