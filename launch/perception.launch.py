"""Recognise from the sensors of this robot: `ros2 launch omnibind_ros perception.launch.py --show-args`."""

from typing import Any

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import LifecycleNode, Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import ExecutableInPackage

from launch import LaunchContext, LaunchDescription

SHARE = get_package_share_directory("omnibind_ros")
LARGE_MESSAGES = PathJoinSubstitution([SHARE, "config", "fastdds_large_messages.xml"])
CHOSEN = ("bundle", "backend", "precision")
RESPAWN_DELAY_S = 2.0
NODES = {"composed": ["perception"], "distributed": ["encoder", "fusion"]}

ARGUMENTS = (
    DeclareLaunchArgument(
        "mode",
        default_value="composed",
        choices=[*NODES],
        description="One process for all, or encoder and fusion as processes of their own.",
    ),
    DeclareLaunchArgument("namespace", default_value="", description="Namespace of the nodes and their topics."),
    DeclareLaunchArgument(
        "params_file",
        default_value=PathJoinSubstitution([SHARE, "config", "perception.yaml"]),
        description="Parameters: the sources of this robot and everything else.",
    ),
    DeclareLaunchArgument(
        "bundle", default_value="", description="Name of a shipped bundle, or a folder; empty: as in params_file."
    ),
    DeclareLaunchArgument(
        "backend",
        default_value="",
        choices=["", "auto", "onnxruntime", "tensorrt", "tensorrt_rtx"],
        description="What runs the encoders; empty: as in params_file.",
    ),
    DeclareLaunchArgument(
        "precision",
        default_value="",
        choices=["", "auto", "fp32", "fp16", "int8"],
        description="Precision of the encoders, where the bundle has it; empty: as in params_file.",
    ),
    DeclareLaunchArgument(
        "build_only",
        default_value="false",
        choices=["true", "false"],
        description="Build the bundle's TensorRT engines for the GPU of this computer, and nothing else.",
    ),
    DeclareLaunchArgument(
        "modalities",
        default_value="",
        description="Use only sources of these modalities, e.g. image,audio; empty: as in params_file.",
    ),
    DeclareLaunchArgument(
        "overlay",
        default_value="false",
        choices=["true", "false"],
        description="Publish `overlay`: the camera's pictures with what is recognised, drawn while somebody looks.",
    ),
    DeclareLaunchArgument(
        "overlay_image", default_value="camera/image_raw", description="Topic of the pictures that `overlay` draws on."
    ),
    DeclareLaunchArgument(
        "dashboard",
        default_value="false",
        choices=["true", "false"],
        description="Serve the dashboard to browsers on this computer; needs python3-aiohttp.",
    ),
    DeclareLaunchArgument(
        "memory",
        default_value="false",
        choices=["true", "false"],
        description="Remember what is seen, to be asked for on `memory/query`; needs faiss-cpu.",
    ),
    DeclareLaunchArgument("dashboard_port", default_value="8600", description="Port of the dashboard."),
    DeclareLaunchArgument(
        "use_sim_time",
        default_value="false",
        choices=["true", "false"],
        description="Follow /clock (bags, simulation).",
    ),
    DeclareLaunchArgument(
        "autostart", default_value="true", choices=["true", "false"], description="Start without a lifecycle manager."
    ),
    DeclareLaunchArgument(
        "respawn",
        default_value="false",
        choices=["true", "false"],
        description="Start a node again, two seconds after it ended for whatever reason.",
    ),
    DeclareLaunchArgument(
        "log_level",
        default_value="info",
        choices=["debug", "info", "warn", "error", "fatal"],
        description="Least severity that is logged.",
    ),
)


def nodes(context: LaunchContext) -> list[ExecuteProcess]:
    def given(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    if given("build_only") == "true":
        program = ExecutableInPackage(executable="build_engines", package="omnibind_ros")
        chosen = [f"--{name}={given(name)}" for name in CHOSEN if given(name)]
        return [ExecuteProcess(cmd=[program, f"--config={given('params_file')}", *chosen], output="screen")]
    parameters = {name: given(name) == "true" for name in ("use_sim_time", "autostart")}
    # What is not given here must not hide what the file says.
    parameters |= {name: ParameterValue(given(name), value_type=str) for name in CHOSEN if given(name)}
    if given("modalities"):
        parameters["modalities"] = given("modalities").split(",")
    common: dict[str, Any] = {
        "package": "omnibind_ros",
        "namespace": given("namespace"),
        "arguments": ["--ros-args", "--log-level", given("log_level")],
        "output": "screen",
        "respawn": given("respawn") == "true",
        "respawn_delay": RESPAWN_DELAY_S,
    }
    of_memory = {name: parameters[name] for name in ("use_sim_time", "bundle") if name in parameters}
    onlookers: dict[str, list[Any]] = {
        "overlay": [{"image_topic": given("overlay_image"), "use_sim_time": given("use_sim_time") == "true"}],
        "dashboard": [{"port": int(given("dashboard_port"))}],
        "memory": [given("params_file"), of_memory],
    }
    return [
        LifecycleNode(
            executable=executable,
            name=executable,
            parameters=[given("params_file"), parameters],
            **common,
        )
        for executable in NODES[given("mode")]
    ] + [
        Node(executable=executable, name=executable, parameters=its_own, **common)
        for executable, its_own in onlookers.items()
        if given(executable) == "true"
    ]


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            *ARGUMENTS,
            # Fast DDS's own shared-memory segment is too small for images and clouds, and drops most of them.
            SetEnvironmentVariable("FASTRTPS_DEFAULT_PROFILES_FILE", LARGE_MESSAGES),
            SetEnvironmentVariable("FASTDDS_DEFAULT_PROFILES_FILE", LARGE_MESSAGES),
            OpaqueFunction(function=nodes),
        ]
    )
