"""The dashboard's server, over real HTTP."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from fake_robot import FakeRobot

import omnibind_ros.dashboard
from omnibind_ros.dashboard.access import Access
from omnibind_ros.errors import ConfigurationError

pytest.importorskip("aiohttp", reason="needs what requirements/dashboard.txt names")

from omnibind_ros.dashboard.server import MOST_BROWSERS, Server

LIMIT_S = 10.0
WEB = Path(omnibind_ros.dashboard.__file__).parent / "web"


class Visitor:
    """Speaks HTTP to a server."""

    def __init__(self, url: str) -> None:
        self.host = url.removeprefix("http://").rstrip("/")

    def open(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        connection = HTTPConnection(self.host, timeout=LIMIT_S)
        given = {"Content-Type": "application/json"} if method == "POST" else {}
        content = body if isinstance(body, (bytes, type(None))) else json.dumps(body)
        connection.request(method, path, content, {**given, **{k.replace("_", "-"): v for k, v in headers.items()}})
        return connection.getresponse()

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        response = self.open("GET", path, **headers)
        return response.status, response.read()

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        response = self.open("POST", path, body, **headers)
        return response.status, json.loads(response.read())


def events(response: HTTPResponse) -> Iterator[Any]:
    for line in response:
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.01)


@pytest.fixture
def robot() -> FakeRobot:
    return FakeRobot()


@pytest.fixture
def visitor(robot: FakeRobot) -> Iterator[Visitor]:
    server = Server(robot, Access(), read_only=False)
    yield Visitor(server.start("127.0.0.1", 0))
    server.stop()


def test_the_page_and_all_it_names_come_from_here(visitor: Visitor) -> None:
    page = visitor.open("GET", "/")
    text = page.read().decode()
    assert page.status == 200
    for path in WEB.iterdir():
        status, body = visitor.get(f"/static/{path.name}")
        assert (status, body) == (200, path.read_bytes())
        assert b"http://" not in body.replace(b"http://www.w3.org/", b"")
        assert b"https://" not in body
    assert "/static/app.js" in text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e%2fserver.py", "/static/server.py", "/nothing"]
)
def test_nothing_else_is_served(visitor: Visitor, path: str) -> None:
    assert visitor.get(path)[0] == 404


def test_the_stream_tells_what_there_is_to_see_and_only_what_is_new(visitor: Visitor, robot: FakeRobot) -> None:
    stream = visitor.open("GET", "/api/stream")
    assert stream.headers["Content-Type"] == "text/event-stream"
    told = events(stream)
    first, second = next(told), next(told)
    assert [source["name"] for source in first["sources"]] == ["camera", "prompt"]
    assert first["sources"][0]["picture"] == 1
    assert first["sources"][1]["words"] == "<b>something</b> warm"
    assert first["answer"]["results"][0] == ["mug", 0.8]
    assert first["points"][0][1] == {"mug": 0.8, "cup": 0.15}
    assert second["points"][0][0] > first["points"][-1][0]
    assert not first["read_only"]


def test_the_robot_knows_how_many_look(visitor: Visitor, robot: FakeRobot) -> None:
    streams = [visitor.open("GET", "/api/stream") for _ in range(2)]
    wait_until(lambda: robot.browsers == 2, "two look")
    for stream in streams:
        stream.close()
    wait_until(lambda: robot.browsers == 0, "nobody looks any more")


def test_more_browsers_than_the_robot_can_serve_are_refused(visitor: Visitor, robot: FakeRobot) -> None:
    streams = [visitor.open("GET", "/api/stream") for _ in range(MOST_BROWSERS)]
    wait_until(lambda: robot.browsers == MOST_BROWSERS, "they look")
    assert visitor.get("/api/stream")[0] == 503
    for stream in streams:
        stream.close()


def test_pictures(visitor: Visitor) -> None:
    picture = visitor.open("GET", "/pictures/camera?number=1")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/jpeg")
    assert picture.read().startswith(b"\xff\xd8")
    assert visitor.get("/pictures/other")[0] == 404
    status, body = visitor.get("/pictures/broken")
    assert status == 422
    assert b"mend it" in body


def test_commands_reach_the_robot(visitor: Visitor, robot: FakeRobot) -> None:
    assert visitor.post("/api/sources/camera", {"enabled": False}) == (200, {})
    assert visitor.post("/api/labels", {"labels": ["mug", "hammer"]}) == (200, {})
    assert json.loads(visitor.get("/api/labels")[1]) == {"labels": ["mug", "hammer"], "bundle": "tiny"}
    status, told = visitor.post("/api/bundle/reload", {})
    assert (status, told["message"]) == (200, "/perception: tiny was loaded again")
    assert robot.commands == [("switch", "camera", False), ("labels", "mug", "hammer"), ("reload",)]


def test_what_the_robot_refuses_is_told_with_the_reason(visitor: Visitor, robot: FakeRobot) -> None:
    robot.refuses = "no such source"
    status, told = visitor.post("/api/sources/camera", {"enabled": False})
    assert status == 409
    assert told["problem"] == "no such source (try something else)"


@pytest.mark.parametrize("body", [{"labels": ["mug"]}, {"labels": "mug"}, {}, b"\x00", b"[" * 5000])
def test_commands_that_make_no_sense_never_reach_the_robot(visitor: Visitor, robot: FakeRobot, body: Any) -> None:
    status, told = visitor.post("/api/labels", body)
    assert status == 409
    assert told["problem"]
    assert not robot.commands


def test_a_command_larger_than_any_list_of_labels_is_refused(visitor: Visitor, robot: FakeRobot) -> None:
    assert visitor.post("/api/labels", b" " * (2 << 20))[0] == 413
    assert not robot.commands


def test_other_sites_are_refused(visitor: Visitor, robot: FakeRobot) -> None:
    assert visitor.get("/", Host="evil.example")[0] == 403
    assert visitor.get("/api/stream", Host="evil.example:8600")[0] == 403
    command = {"enabled": False}
    assert visitor.post("/api/sources/camera", command, Origin="http://evil.example")[0] == 403
    assert visitor.post("/api/sources/camera", command, Content_Type="text/plain")[0] == 403
    assert visitor.post("/api/sources/camera", command, Sec_Fetch_Site="cross-site")[0] == 403
    assert not robot.commands
    assert visitor.post("/api/sources/camera", command, Origin=f"http://{visitor.host}")[0] == 200


def test_a_dashboard_that_only_shows_takes_no_commands(robot: FakeRobot) -> None:
    server = Server(robot, Access(), read_only=True)
    visitor = Visitor(server.start("127.0.0.1", 0))
    assert next(events(visitor.open("GET", "/api/stream")))["read_only"]
    assert visitor.post("/api/bundle/reload", {})[0] == 403
    server.stop()
    assert not robot.commands


def test_a_port_that_is_taken_is_told_with_the_remedy(robot: FakeRobot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigurationError, match="set `port`"):
        Server(robot, Access(), read_only=False).start("127.0.0.1", taken.getsockname()[1])


def test_it_ends_at_once_even_while_somebody_looks(robot: FakeRobot) -> None:
    server = Server(robot, Access(), read_only=False)
    stream = Visitor(server.start("127.0.0.1", 0)).open("GET", "/api/stream")
    told = events(stream)
    next(told)
    server.stop()
    assert list(told) is not None  # the stream ends, too
    assert robot.browsers == 0
