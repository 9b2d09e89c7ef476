"""The command line of a node: its parameters are ROS's, and all it has of its own is `--help`."""

import argparse
import sys
from collections.abc import Sequence

from rclpy.utilities import remove_ros_args

from omnibind_ros.pipeline.parameters import ParameterSpec

EXIT_STATUS = "exit status: 0 when told to end; 1 when it cannot work, the last line says why; 2 for a wrong argument"


def check_arguments(
    program: str, description: str | None, parameters: Sequence[ParameterSpec], arguments: Sequence[str] | None
) -> None:
    """Answer `--help`, and end the process with status 2 where there is an argument that nobody would look at.

    arguments: those of the process for None, otherwise without the program's name.
    """
    parser = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} [-h] [--ros-args -p NAME:=VALUE -r OLD:=NEW --params-file FILE ...]",
        description=description,
        epilog=_epilog(parameters),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        own = remove_ros_args([program, *given])[1:]
    except RuntimeError as error:  # rclpy has two unrelated classes for it
        parser.error(f"what follows --ros-args cannot be read: {str(error).split(', at ')[0]}")
    _, unknown = parser.parse_known_args(own)
    if unknown:
        parser.error(f"nothing is known of {' '.join(unknown)}; parameters and remappings follow --ros-args")


def _epilog(parameters: Sequence[ParameterSpec]) -> str:
    width = max((len(spec.name) for spec in parameters), default=0)
    lines = [f"  {spec.name:{width}}  {spec.description}" for spec in parameters]
    return "\n".join([*(["parameters:", *lines, ""] if lines else []), EXIT_STATUS])
