"""Recognise from the sensors of this robot: `ros2 launch omnibind_ros perception.launch.py --show-args`."""

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import LifecycleNode
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchContext, LaunchDescription

SHARE = get_package_share_directory("omnibind_ros")
LARGE_MESSAGES = PathJoinSubstitution([SHARE, "config", "fastdds_large_messages.xml"])
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
        choices=["", "auto", "onnxruntime"],
        description="What runs the encoders; empty: as in params_file.",
    ),
    DeclareLaunchArgument(
        "modalities",
        default_value="",
        description="Use only sources of these modalities, e.g. image,audio; empty: as in params_file.",
    ),
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
        "log_level",
        default_value="info",
        choices=["debug", "info", "warn", "error", "fatal"],
        description="Least severity that is logged.",
    ),
)


def nodes(context: LaunchContext) -> list[LifecycleNode]:
    def given(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    parameters = {name: given(name) == "true" for name in ("use_sim_time", "autostart")}
    # What is not given here must not hide what the file says.
    parameters |= {name: ParameterValue(given(name), value_type=str) for name in ("bundle", "backend") if given(name)}
    if given("modalities"):
        parameters["modalities"] = given("modalities").split(",")
    return [
        LifecycleNode(
            package="omnibind_ros",
            executable=executable,
            name=executable,
            namespace=given("namespace"),
            parameters=[given("params_file"), parameters],
            arguments=["--ros-args", "--log-level", given("log_level")],
            output="screen",
        )
        for executable in NODES[given("mode")]
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
