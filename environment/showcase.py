"""Simulated sensors that come, go and fail without end, their recognition, and the dashboard to watch them in.

`make dashboard` runs it until Ctrl-C; `make screenshots` takes the pictures of docs/dashboard.md with it.
"""

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import cv2
import rclpy
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.utilities import try_shutdown
from sensor_msgs.msg import Image

from omnibind_ros.messages.image import rgb_from_image

ROOT = Path(__file__).resolve().parent.parent
LARGE_MESSAGES = ROOT / "config" / "fastdds_large_messages.xml"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

# Seconds since the start, and what changes then at the simulator; after the last it begins again.
ACTS: tuple[tuple[float, Mapping[str, str]], ...] = (
    (0.0, {"object": "bottle"}),
    (10.0, {"object": "kettle"}),
    (16.0, {"camera.fault": "blind", "lidar.fault": "unplug"}),
    (22.0, {"object": "rubber duck"}),
    (28.0, {"camera.fault": "none", "thermal.fault": "freeze"}),
    (34.0, {"object": "hand bell", "lidar.fault": "none"}),
    (40.0, {"touch.fault": "corrupt", "microphone.fault": "none"}),
    (60.0, {"thermal.fault": "none", "touch.fault": "none"}),
)
PICTURE_S = 48.0
START_LIMIT_S = 60.0
PAGES: Mapping[str, dict[str, Any]] = {
    "dashboard": {"viewport": {"width": 1280, "height": 1000}, "color_scheme": "dark"},
    "dashboard_phone": {
        "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
        "color_scheme": "light",
    },
}  # fmt: skip


class Director(Node):
    """Has the simulator do what the acts say, and keeps the newest overlay."""

    def __init__(self) -> None:
        super().__init__("director")
        self.overlay: Image | None = None
        self._simulator = self.create_client(SetParameters, "sensor_simulator/set_parameters")
        self._started_s: float | None = None
        self._done = 0
        self.create_timer(0.1, self._direct)

    @property
    def time_s(self) -> float:
        """Seconds since the first act."""
        return 0.0 if self._started_s is None else time.monotonic() - self._started_s

    def look(self) -> None:
        """Have the overlay drawn from now on."""
        self.create_subscription(Image, "overlay", self._see, 1)

    def _see(self, message: Image) -> None:
        self.overlay = message

    def _direct(self) -> None:
        if not self._simulator.service_is_ready():
            return
        if self._started_s is None or self._done == len(ACTS):
            self._started_s, self._done = time.monotonic(), 0
        due_s, changes = ACTS[self._done]
        if self.time_s >= due_s:
            self._done += 1
            parameters = [
                Parameter(name=name, value=ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=text))
                for name, text in changes.items()
            ]
            self._simulator.call_async(SetParameters.Request(parameters=parameters))


@contextmanager
def started(module: str, *ros_arguments: str) -> Iterator[None]:
    """One of our executables as a process of its own while the context lasts."""
    command = [sys.executable, "-m", f"omnibind_ros.nodes.{module}", "--ros-args", *ros_arguments]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def spinning(node: Node) -> Iterator[None]:
    """Spin a node in a thread of its own."""
    executor = SingleThreadedExecutor()
    executor.add_node(node)

    def spin() -> None:
        with suppress(ExternalShutdownException):
            executor.spin()

    thread = threading.Thread(target=spin, daemon=True)
    thread.start()
    try:
        yield
    finally:
        executor.shutdown()
        thread.join()


def wait_for(port: int) -> None:
    """Return when somebody listens on this computer's port."""
    until_s = time.monotonic() + START_LIMIT_S
    while True:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        if time.monotonic() > until_s:
            sys.exit("showcase: the dashboard did not start; its reason stands above")
        time.sleep(0.1)


def take_pictures(director: Director, url: str, folder: Path) -> None:
    """Watch the show in a real browser, and save what is seen when it has gone on for a while."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only whoever takes pictures needs it)

    folder.mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        sys.exit("showcase: no Chromium here (sudo apt install chromium)")
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=program, args=["--no-sandbox"])
        pages = {}
        for name, device in PAGES.items():
            pages[name] = browser.new_context(**device).new_page()
            pages[name].goto(url)
        pages["dashboard"].get_by_role("switch", name="Use prompt").click(timeout=60_000)
        director.look()
        while director.time_s < PICTURE_S or director.overlay is None:
            pages["dashboard"].wait_for_timeout(100)
        for name, page in pages.items():
            page.screenshot(path=folder / f"{name}.png", full_page=name != "dashboard_phone")
        browser.close()
    cv2.imwrite(str(folder / "overlay.png"), cv2.cvtColor(rgb_from_image(director.overlay), cv2.COLOR_RGB2BGR))


def main() -> None:
    """Run the show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=8600, help="port of the dashboard (default 8600)")
    parser.add_argument("--seed", type=int, default=2, help="which simulated world (default 2)")
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="save pictures there, and end")
    options = parser.parse_args()
    # A world of its own: the show must neither see nor disturb a robot on the same network.
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    os.environ.setdefault("ROS_DOMAIN_ID", str(1 + secrets.randbelow(100)))
    for variable in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        os.environ.setdefault(variable, str(LARGE_MESSAGES))
    rclpy.init(args=[])
    try:
        with ExitStack() as stack:
            stack.enter_context(started("sensor_simulator", "-p", f"seed:={options.seed}"))
            stack.enter_context(started("perception", "--params-file", str(ROOT / "config" / "perception.yaml")))
            stack.enter_context(started("dashboard", "-p", f"port:={options.port}"))
            director = Director()
            stack.enter_context(spinning(director))
            if options.screenshots is None:
                threading.Event().wait()
            stack.enter_context(started("overlay"))
            wait_for(options.port)
            take_pictures(director, f"http://127.0.0.1:{options.port}/", options.screenshots)
    except KeyboardInterrupt:
        pass
    finally:
        try_shutdown()


if __name__ == "__main__":
    main()
