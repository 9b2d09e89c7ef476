#!/usr/bin/env bash
# Runs a program in .venv, apart from any ROS this shell has sourced:
#   environment/run.sh python -m omnibind_ros.nodes.perception --ros-args -p bundle:=...
# `.venv/bin/python` alone works too; it then starts twice, as the ROS wheels set the library path by a second start.
set -euo pipefail
venv=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.venv" && pwd)
shopt -s nullglob
library_folders=("$venv"/lib/python3.*/site-packages/ros_*.libs "$venv/lib")

unset PYTHONPATH PYTHONHOME
LD_LIBRARY_PATH=$(IFS=: && echo "${library_folders[*]}")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
export AMENT_PREFIX_PATH=$venv PATH="$venv/bin:$PATH" _ROS_WHEELS_BOOTSTRAP_COMPLETE=1
exec "$@"
