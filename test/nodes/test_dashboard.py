"""The dashboard's node with a real perception node on real DDS, over real HTTP."""

import builtins
import json
import sys
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
pytest.importorskip("aiohttp", reason="needs what requirements/dashboard.txt names")

from diagnostic_msgs.msg import DiagnosticArray
from ros_bench import Bench, real_image

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.nodes.dashboard import Dashboard
from omnibind_ros.nodes.perception import PerceptionNode

pytestmark = pytest.mark.ros

LIMIT_S = 30.0
CAMERA = {"modality": "image", "topic": "camera/image_raw", "frozen_after": 0.0}


class Browser:
    """Follows a dashboard's stream and clicks, in threads of its own."""

    def __init__(self, url: str) -> None:
        self._host = url.removeprefix("http://").rstrip("/")
        self.told: list[Any] = []
        self._stream = HTTPConnection(self._host, timeout=LIMIT_S)
        self._stream.request("GET", "/api/stream")
        self._response = self._stream.getresponse()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for line in self._response:
                if line.startswith(b"data: "):
                    self.told.append(json.loads(line.removeprefix(b"data: ")))
        except (OSError, ValueError, AttributeError):  # it was closed
            pass

    def source(self, name: str) -> Any:
        newest = self.told[-1]["sources"] if self.told else []
        return next((one for one in newest if one["name"] == name), None)

    def state(self, name: str) -> str:
        found = self.source(name)
        return found["state"] if found else "not shown"

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Any) -> "threading.Thread":
        def ask() -> None:
            connection = HTTPConnection(self._host, timeout=LIMIT_S)
            headers = {"Content-Type": "application/json", "Origin": f"http://{self._host}"}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            thread.status, thread.body = response.status, response.read()  # type: ignore[attr-defined]

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        self._stream.sock.shutdown(2)
        self._stream.close()


def answered(bench: Bench, asked: Any) -> Any:
    bench.wait_until(lambda: not asked.is_alive(), "the dashboard does not answer")
    return asked


@pytest.fixture
def perceive(bench: Bench, bundle_path: Path) -> Callable[[], Any]:
    bench.hear("sources", DiagnosticArray)
    return lambda: bench.make(PerceptionNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA)


def test_a_browser_sees_what_the_robot_recognises_and_changes_it(bench: Bench, perceive: Callable[[], Any]) -> None:
    perceive()
    bench.plug("camera/image_raw", real_image)
    dashboard: Dashboard = bench.make(Dashboard, port=0)
    assert dashboard.url.startswith("http://127.0.0.1:")
    browser = Browser(dashboard.url)
    bench.wait_until(lambda: browser.told and browser.told[-1]["answer"], "no answer is shown")
    bench.wait_until(lambda: browser.told[-1]["bundle"] == "tiny", "the bundle is not shown")
    assert browser.told[-1]["nodes"] == ["/perception"]
    assert browser.state("camera") == "live"
    assert browser.source("camera")["weight"] == 1.0
    bench.wait_until(lambda: browser.source("camera")["picture"] > 0, "there is no picture")
    picture = answered(bench, browser.get("/pictures/camera"))
    assert (picture.status, picture.body[:2]) == (200, b"\xff\xd8")

    assert answered(bench, browser.post("/api/sources/camera", {"enabled": False})).status == 200
    bench.wait_until(lambda: browser.state("camera") == "disabled", "it is not switched off")
    assert answered(bench, browser.post("/api/sources/camera", {"enabled": True})).status == 200
    bench.wait_until(lambda: browser.state("camera") == "live", "it is not switched on")
    assert answered(bench, browser.post("/api/bundle/reload", {})).status == 200
    assert json.loads(answered(bench, browser.get("/api/labels")).body)["labels"] == []
    browser.close()


def test_the_robot_may_die_and_come_back(bench: Bench, perceive: Callable[[], Any]) -> None:
    bench.plug("camera/image_raw", real_image)
    dashboard: Dashboard = bench.make(Dashboard, port=0)
    browser = Browser(dashboard.url)
    bench.wait_until(lambda: browser.told, "the dashboard tells nothing")
    assert not browser.told[-1]["present"]
    for _ in range(2):
        perception = perceive()
        bench.wait_until(lambda: browser.told[-1]["answer"], "no answer is shown")
        bench.remove(perception)
        bench.wait_until(lambda: browser.state("camera") == "silent", "the robot is still shown")
        assert browser.told[-1]["answer"] is None
        command = answered(bench, browser.post("/api/sources/camera", {"enabled": False}))
        assert command.status == 409
    browser.close()


def test_nothing_is_subscribed_while_nobody_looks(bench: Bench) -> None:
    dashboard: Dashboard = bench.make(Dashboard, port=0)
    browser = Browser(dashboard.url)
    bench.wait_until(lambda: bench.node.count_subscribers("recognition") == 1, "it does not subscribe")
    browser.close()
    bench.wait_until(lambda: bench.node.count_subscribers("recognition") == 0, "it still subscribes")


def test_it_follows_its_namespace_and_remappings(bench: Bench) -> None:
    arguments = ["--ros-args", "-r", "__ns:=/front", "-r", "sources:=/rear/sources"]
    dashboard: Dashboard = bench.make(lambda **rest: Dashboard(cli_args=arguments, **rest), port=0)
    browser = Browser(dashboard.url)
    for topic in ("/front/recognition", "/rear/sources", "/diagnostics"):
        bench.wait_until(lambda topic=topic: bench.node.count_subscribers(topic) == 1, f"it does not listen to {topic}")
    browser.close()


@pytest.mark.parametrize(("name", "value"), [("host", "not an address"), ("port", 70000)])
def test_an_address_that_cannot_be_is_refused_with_the_remedy(bench: Bench, name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        bench.make(Dashboard, **{"port": 0, name: value})


def test_without_its_library_it_says_what_to_install(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "aiohttp":
            raise ModuleNotFoundError("No module named 'aiohttp'", name="aiohttp")
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "omnibind_ros.dashboard.server", raising=False)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ConfigurationError, match="python3-aiohttp"):
        bench.make(Dashboard, port=0)
