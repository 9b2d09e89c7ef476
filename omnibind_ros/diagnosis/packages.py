"""The message packages and Python libraries that are imported, some only for one modality."""

from collections.abc import Callable, Collection, Iterator

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning

# Of the results, and of the services of our nodes.
_OWN = ("diagnostic_msgs", "lifecycle_msgs", "rcl_interfaces", "sensor_msgs", "std_msgs", "std_srvs", "vision_msgs")
_OF_MODALITY = {"event": "event_camera_msgs", "audio": "audio_common_msgs"}
_LIBRARIES = {
    "cv2": "opencv",
    "numba": "numba",
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "pydantic": "pydantic",
    "rich": "rich",
    "rosbags": "rosbags",
    "safetensors": "safetensors",
    "scipy": "scipy",
    "soxr": "soxr",
    "tokenizers": "tokenizers",
    "yaml": "PyYAML",
}


def check_packages(is_there: Callable[[str], bool]) -> Iterator[Finding]:
    """is_there: whether a module can be found."""
    missing = [name for name in _OWN if not is_there(name)]
    if missing:
        yield problem("message packages", f"{', '.join(missing)}: not installed", _apt(missing))
    else:
        yield ok("message packages", f"{len(_OWN)} that are always needed")
    for modality, name in _OF_MODALITY.items():
        if is_there(name):
            yield ok("message packages", f"{name}, for sources of the modality {modality}")
        else:
            yield warning("message packages", f"{name} is not installed; {modality} sources need it", _apt([name]))
    if not is_there("event_camera_py"):
        yield ok("message packages", "event_camera_py is not installed: event cameras must send `evt3` or `mono`")
    absent = [library for module, library in _LIBRARIES.items() if not is_there(module)]
    if absent:
        yield problem(
            "Python libraries",
            f"{', '.join(absent)}: not installed, or not in the environment that is active",
            "activate the virtual environment of docs/install.md, or `pip install -r requirements/robot.txt` in it",
        )
    else:
        yield ok("Python libraries", f"{len(_LIBRARIES)} that are needed")


def _apt(packages: Collection[str]) -> str:
    names = " ".join(f"ros-$ROS_DISTRO-{name.replace('_', '-')}" for name in packages)
    return f"`sudo apt install {names}`, or without ROS `make setup`"
