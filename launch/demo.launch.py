"""Simulated sensors and their recognition, for a first look in RViz or rqt; `make demo` adds a script and a picture."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchDescription

SHARE = Path(get_package_share_directory("omnibind_ros"))


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument("seed", default_value="0", description="Which simulated world."),
            DeclareLaunchArgument("namespace", default_value="", description="Namespace of all nodes and topics."),
            DeclareLaunchArgument(
                "overlay", default_value="true", choices=["true", "false"], description="Publish `overlay`."
            ),
            DeclareLaunchArgument(
                "dashboard",
                default_value="false",
                choices=["true", "false"],
                description="Serve the dashboard; needs python3-aiohttp.",
            ),
            DeclareLaunchArgument(
                "memory",
                default_value="false",
                choices=["true", "false"],
                description="Remember what is seen; needs faiss-cpu.",
            ),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(SHARE / "launch" / "perception.launch.py")),
                launch_arguments={
                    name: LaunchConfiguration(name) for name in ("namespace", "overlay", "dashboard", "memory")
                }.items(),
            ),
            Node(
                package="omnibind_ros",
                executable="sensor_simulator",
                name="sensor_simulator",
                namespace=LaunchConfiguration("namespace"),
                parameters=[{"seed": ParameterValue(LaunchConfiguration("seed"), value_type=int)}],
                output="screen",
            ),
        ]
    )
