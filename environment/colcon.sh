#!/usr/bin/env bash
# Builds omnibind_ros with colcon in build/colcon, as a robot does, and checks that the installed package is whole.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly folder=$PWD/build/colcon
readonly colcon_venv=$folder/venv
unset _ROS_WHEELS_BOOTSTRAP_COMPLETE LD_LIBRARY_PATH PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH

mkdir -p "$folder"
touch build/COLCON_IGNORE
if ! cmp --silent requirements/colcon.txt "$colcon_venv/built_from.txt"; then
  echo "colcon: installing colcon in $colcon_venv"
  rm -rf "$colcon_venv"
  "$(readlink -f .venv/bin/python)" -m venv "$colcon_venv"
  "$colcon_venv/bin/python" -m pip install --disable-pip-version-check -r requirements/colcon.txt >"$folder/pip.log" 2>&1 ||
    { echo "colcon: pip could not install requirements/colcon.txt, see $folder/pip.log" >&2 && exit 1; }
  cp requirements/colcon.txt "$colcon_venv/built_from.txt"
fi

export PATH="$colcon_venv/bin:$PATH" COLCON_LOG_PATH=$folder/log
found=$(colcon list --base-paths .)
if [[ $found != *"(ros.ament_python)"* ]]; then
  echo "colcon: found '$found' instead of an ament_python package; is package.xml valid?" >&2
  exit 1
fi
rm -rf "$folder/build" "$folder/install"  # so that a file that setup.py no longer installs is missed
colcon build --base-paths . --build-base "$folder/build" --install-base "$folder/install"
environment/run.sh python environment/check_install.py "$folder/install/omnibind_ros"
