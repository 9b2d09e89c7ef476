"""Recognise from the sensors of this robot: `ros2 launch omnibind_ros perception.launch.py --show-args`."""

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import LifecycleNode
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchDescription

SHARE = get_package_share_directory("omnibind_ros")
LARGE_MESSAGES = PathJoinSubstitution([SHARE, "config", "fastdds_large_messages.xml"])

ARGUMENTS = (
    DeclareLaunchArgument("namespace", default_value="", description="Namespace of the node and its topics."),
    DeclareLaunchArgument(
        "params_file",
        default_value=PathJoinSubstitution([SHARE, "config", "perception.yaml"]),
        description="Parameters: the sources of this robot and everything else.",
    ),
    DeclareLaunchArgument("bundle", default_value="omnibind-sim", description="Name of a shipped bundle, or a folder."),
    DeclareLaunchArgument(
        "backend", default_value="auto", choices=["auto", "onnxruntime"], description="What runs the encoders."
    ),
    DeclareLaunchArgument(
        "modalities", default_value="['']", description="Use only sources of these modalities, e.g. \"['image','audio']\"."
    ),
    DeclareLaunchArgument(
        "use_sim_time", default_value="false", choices=["true", "false"], description="Follow /clock (bags, simulation)."
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


def generate_launch_description() -> LaunchDescription:
    perception = LifecycleNode(
        package="omnibind_ros",
        executable="perception",
        name="perception",
        namespace=LaunchConfiguration("namespace"),
        parameters=[
            LaunchConfiguration("params_file"),
            {
                "bundle": LaunchConfiguration("bundle"),
                "backend": LaunchConfiguration("backend"),
                "modalities": ParameterValue(LaunchConfiguration("modalities"), value_type=list[str]),
                "use_sim_time": ParameterValue(LaunchConfiguration("use_sim_time"), value_type=bool),
                "autostart": ParameterValue(LaunchConfiguration("autostart"), value_type=bool),
            },
        ],
        arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
        output="screen",
    )
    return LaunchDescription(
        [
            *ARGUMENTS,
            # Fast DDS's own shared-memory segment is too small for images and clouds, and drops most of them.
            SetEnvironmentVariable("FASTRTPS_DEFAULT_PROFILES_FILE", LARGE_MESSAGES),
            SetEnvironmentVariable("FASTDDS_DEFAULT_PROFILES_FILE", LARGE_MESSAGES),
            perception,
        ]
    )
