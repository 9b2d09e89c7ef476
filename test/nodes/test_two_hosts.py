"""An encoder on one computer, a fusion on another: network namespaces with a cable between them that is cut."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

pytestmark = [pytest.mark.ros, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
HOSTS = {"omnibind_a": "10.213.7.1/24", "omnibind_b": "10.213.7.2/24"}
# Prints a line for every recognition and for every change of the camera's state.
LISTENER = """
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from vision_msgs.msg import Classification
rclpy.init()
node = rclpy.create_node("listener")
def report(message):
    for status in message.status:
        print("state", status.message, flush=True)
node.create_subscription(Classification, "recognition", lambda _: print("recognition", flush=True), 5)
node.create_subscription(DiagnosticArray, "sources", report, 5)
rclpy.spin(node)
"""


class Hosts:
    """Two namespaces, joined by a cable; programs in them talk UDP only, as two computers do."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        for host in HOSTS:
            ip("netns", "add", host)
            stack.callback(ip, "netns", "del", host)
        cable = [f"{host[-1]}_cable" for host in HOSTS]
        ip("link", "add", cable[0], "type", "veth", "peer", "name", cable[1])
        for (host, address), end in zip(HOSTS.items(), cable, strict=True):
            ip("link", "set", end, "netns", host)
            ip("-n", host, "address", "add", address, "dev", end)
            for device in ("lo", end):
                ip("-n", host, "link", "set", device, "up")
            ip("-n", host, "route", "add", "default", "dev", end)  # for multicast, by which nodes find each other
        self.lines: list[str] = []

    def cable(self, state: str) -> None:
        ip("-n", "omnibind_b", "link", "set", "b_cable", state)
        if state == "up":
            ip("-n", "omnibind_b", "route", "add", "default", "dev", "b_cable")

    def run(self, host: str, *command: str) -> "subprocess.Popen[str]":
        environment = {
            **os.environ,
            "ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET",
            "FASTDDS_BUILTIN_TRANSPORTS": "UDPv4",
        }
        log = self._stack.enter_context((self._folder / f"{len(list(self._folder.iterdir()))}.log").open("w"))
        process = subprocess.Popen(
            ["ip", "netns", "exec", host, sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        self._stack.callback(end, process)
        return process

    def node(self, host: str, name: str, **parameters: str) -> None:
        given = [part for key, value in parameters.items() for part in ("-p", f"{key.replace('__', '.')}:={value}")]
        self.run(host, "-m", f"omnibind_ros.nodes.{name}", "--ros-args", *given)

    def listen(self, host: str) -> None:
        process = self.run(host, "-c", LISTENER)

        def read() -> None:
            assert process.stdout is not None
            self.lines.extend(process.stdout)

        threading.Thread(target=read, daemon=True).start()

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            logs = "".join(path.read_text() for path in sorted(self._folder.iterdir()))
            assert time.monotonic() < deadline_s, f"{what}; {self.lines[-3:]}; {logs}"
            time.sleep(0.05)

    def wait_for(self, start: str) -> None:
        """Wait for a new line that starts like this."""
        before = len(self.lines)
        self.wait_until(lambda: any(line.startswith(start) for line in self.lines[before:]), f"{start!r} does not come")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def end(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("making network namespaces needs iproute2 and root")
    with ExitStack() as stack:
        try:
            made = Hosts(stack, tmp_path)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"network namespaces cannot be made here: {error.stderr.decode().strip()}")
        yield made


def test_a_cable_that_is_cut_and_plugged_again(hosts: Hosts) -> None:
    hosts.node("omnibind_a", "sensor_simulator", sensors="[camera]")
    hosts.node(
        "omnibind_a",
        "encoder",
        sources="[camera]",
        camera__topic="camera/image_raw",
        camera__modality="image",
        camera__frozen_after="0.0",
    )
    hosts.node("omnibind_b", "fusion")
    hosts.listen("omnibind_b")
    hosts.wait_for("state live")
    hosts.wait_for("recognition")
    hosts.cable("down")
    hosts.wait_for("state stale")
    recognised = hosts.lines.count("recognition\n")
    hosts.wait_for("state stale")
    assert hosts.lines.count("recognition\n") == recognised
    hosts.cable("up")
    hosts.wait_for("state live")
    hosts.wait_for("recognition")
