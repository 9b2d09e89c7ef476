"""The package's simulator, telling when its sensors can be heard: `python -m chaos.simulated_sensor --ros-args …`."""

from chaos.driver import announce_plugged
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.sensor_simulator import SensorSimulator


class AnnouncingSimulator(SensorSimulator):
    """The simulator; its publishers exist when it has been made."""

    def __init__(self) -> None:
        super().__init__()
        announce_plugged()


if __name__ == "__main__":
    run(AnnouncingSimulator, None)
