"""The robot that is measured: its bundle, its sources, and a rig with processes of their own."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.result import UnavailableError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.pipeline.resources import bundle_folder
from omnibind_ros.simulation.sensors import MODALITIES as SENSOR_MODALITIES
from rig.network import domains
from rig.proc import ProcessFigures, figures_of

if TYPE_CHECKING:
    from rig.processes import SupervisedProcess
    from rig.rig import Rig

BUNDLE = "omnibind-sim"
MODALITIES = dict[str, str](SENSOR_MODALITIES.items()) | dict.fromkeys(("camera_hd", "jpeg", "jpeg_hd"), "image")
"""What each feed of `benchmarks.feeds` is to the robot."""
# A hint is worth more than a moment, as in config/perception.yaml.
_TTL_S = {"prompt": 3.0}
# Above all sensors' rates: every frame is to be recognised as soon as it comes.
EVERY_FRAME_HZ = 1000.0
_DOMAINS = domains()


def default_bundle() -> Bundle:
    """The bundle the robot uses."""
    return load_bundle(bundle_folder(BUNDLE))


def make_rig(folder: Path) -> "Rig":
    """A rig on a domain of its own. Raises UnavailableError without ROS."""
    if find_spec("rclpy") is None:
        raise UnavailableError("there is no ROS 2 here: run `make setup`")
    from rig.rig import Rig  # noqa: PLC0415 (benchmarks that need no ROS must not import it)

    return Rig(folder, domain=next(_DOMAINS), bundle=bundle_folder(BUNDLE))


def source_parameters(feeds: Iterable[str]) -> dict[str, Any]:
    """Parameters of a node whose sources are these feeds, each on the topic of its name."""
    names = list(feeds)
    sources: dict[str, Any] = {
        name: {"modality": MODALITIES[name], "topic": name, **({"ttl": _TTL_S[name]} if name in _TTL_S else {})}
        for name in names
    }
    return {"sources": names, **sources}


def topics(feeds: Iterable[str]) -> list[str]:
    """The same topics for `benchmarks.driver`."""
    return [f"{name}={name}" for name in feeds]


def figures(process: "SupervisedProcess") -> ProcessFigures:
    """The figures of a process at this moment. Raises RuntimeError when it has ended by itself."""
    pid = process.pid
    if pid is None:
        raise RuntimeError(f"{process.log.stem} has ended by itself, see {process.log}")
    return figures_of(pid)
