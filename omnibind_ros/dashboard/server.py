"""The dashboard's HTTP server: the page, a stream of what there is to see, pictures, and commands."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

from aiohttp import web

from omnibind_ros.dashboard.access import Access
from omnibind_ros.dashboard.commands import ReloadBundle, SetLabels, SwitchSource, read_command
from omnibind_ros.dashboard.view import Labels, Picture, Snapshot
from omnibind_ros.errors import ConfigurationError, ControlError, MessageError

PERIOD_S = 0.25
MOST_BROWSERS = 16
# A browser that takes nothing for so long is gone.
_PATIENCE_S = 10.0
_LARGEST_COMMAND = 1 << 20
_WEB = Path(__file__).resolve().parent / "web"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "omnibind",
    "X-Content-Type-Options": "nosniff",
}
Result = TypeVar("Result")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Robot(Protocol):
    """What is shown and commanded; called in the server's thread. What can fail raises ControlError."""

    def watched(self, browsers: int) -> None:
        """So many browsers look now."""

    def snapshot(self, after: int) -> Snapshot:
        """What to show now; of the scores only those after the point of this number."""

    def pictures(self) -> dict[str, Picture]:
        """What there is to see of each source."""

    def draw(self, source: str) -> bytes | None:
        """A source's picture as a JPEG; None when there is none. Called in another thread. Raises MessageError."""

    async def labels(self) -> Labels:
        """The labels and the bundle in use."""

    async def switch(self, source: str, *, enabled: bool) -> None:
        """Use a source, or do not."""

    async def set_labels(self, labels: Sequence[str]) -> None:
        """Tell these apart from now on; none for the bundle's own."""

    async def reload_bundle(self) -> str:
        """Read the bundle again; returns what the robot says to it."""


class Server:
    """Serves in a thread of its own between `start` and `stop`."""

    def __init__(self, robot: Robot, access: Access, *, read_only: bool) -> None:
        self._robot = robot
        self._access = access
        self._read_only = read_only
        self._files = {path.name: path.read_bytes() for path in sorted(_WEB.iterdir()) if path.suffix in _TYPES}
        self._browsers = 0
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="omnibind dashboard", daemon=True)

    def start(self, host: str, port: int) -> str:
        """Listen, on any free port when it is 0; returns the URL. Raises ConfigurationError when that fails."""
        self._thread.start()
        try:
            return self._do(self._listen(host, port))
        except OSError as error:
            self.stop()
            raise ConfigurationError(
                f"cannot listen on {host}:{port}: {error.strerror or error}",
                remedy="set `port` to another one, or to 0 for any that is free",
            ) from error

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._thread.is_alive():
            self._do(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self, host: str, port: int) -> str:
        @web.middleware
        async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app = web.Application(middlewares=[guard], client_max_size=_LARGEST_COMMAND)
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/static/{name}", self._file),
                web.get("/pictures/{source}", self._picture),
                web.get("/api/stream", self._stream),
                web.get("/api/labels", self._labels),
                web.post("/api/labels", self._set_labels),
                web.post("/api/sources/{source}", self._switch),
                web.post("/api/bundle/reload", self._reload_bundle),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        address, chosen = self._runner.addresses[0][:2]
        return f"http://[{address}]:{chosen}/" if ":" in address else f"http://{address}:{chosen}/"

    async def _close(self) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        refusal = self._access.refusal(request.method, request.headers)
        if refusal is None and self._read_only and request.method == "POST":
            refusal = "this dashboard only shows; start it with `read_only:=false` to change things"
        try:
            response = await handler(request) if refusal is None else _problem(refusal, web.HTTPForbidden.status_code)
        except web.HTTPException as error:  # no such page, a body that is too large
            response = _problem(error.reason, error.status)
        except ControlError as error:
            response = _problem(str(error), web.HTTPConflict.status_code)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    async def _page(self, request: web.Request) -> web.Response:
        return self._served("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        return self._served(request.match_info["name"])

    def _served(self, name: str) -> web.Response:
        if name not in self._files:
            raise web.HTTPNotFound
        return web.Response(body=self._files[name], content_type=_TYPES[Path(name).suffix], charset="utf-8")

    async def _picture(self, request: web.Request) -> web.Response:
        try:
            jpeg = await self._loop.run_in_executor(None, self._robot.draw, request.match_info["source"])
        except MessageError as error:
            return _problem(str(error), web.HTTPUnprocessableEntity.status_code)
        if jpeg is None:
            raise web.HTTPNotFound
        return web.Response(body=jpeg, content_type="image/jpeg")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """What there is to see, four times a second, as server-sent events."""
        if self._browsers >= MOST_BROWSERS:
            raise web.HTTPServiceUnavailable(reason="too many browsers look at this dashboard")
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        self._watch(+1)
        try:
            await response.write(b"retry: 1000\n\n")
            seen = 0
            while not self._closing.is_set():
                text, seen = self._event(seen)
                await asyncio.wait_for(response.write(text), _PATIENCE_S)
                await _until(self._closing, PERIOD_S)
        except (ConnectionError, asyncio.TimeoutError):
            pass
        finally:
            self._watch(-1)
        return response

    def _watch(self, change: int) -> None:
        self._browsers += change
        self._robot.watched(self._browsers)

    def _event(self, seen: int) -> tuple[bytes, int]:
        snapshot = self._robot.snapshot(seen)
        pictures = self._robot.pictures()
        shown = asdict(snapshot)
        for source in shown["sources"]:
            picture = pictures.get(source["name"])
            source["picture"] = picture.number if picture else 0
            source["words"] = picture.words if picture else None
        shown["points"] = [[point.time_s, point.scores] for point in snapshot.points]
        shown["read_only"] = self._read_only
        newest = snapshot.points[-1].number if snapshot.points else seen
        return b"data: " + json.dumps(shown, allow_nan=False).encode() + b"\n\n", newest

    async def _labels(self, request: web.Request) -> web.Response:
        return web.json_response(asdict(await self._unless_closing(self._robot.labels())))

    async def _set_labels(self, request: web.Request) -> web.Response:
        command = read_command(SetLabels, await request.read())
        await self._unless_closing(self._robot.set_labels(command.labels))
        return web.json_response({})

    async def _switch(self, request: web.Request) -> web.Response:
        command = read_command(SwitchSource, await request.read())
        await self._unless_closing(self._robot.switch(request.match_info["source"], enabled=command.enabled))
        return web.json_response({})

    async def _reload_bundle(self, request: web.Request) -> web.Response:
        read_command(ReloadBundle, await request.read())
        return web.json_response({"message": await self._unless_closing(self._robot.reload_bundle())})

    async def _unless_closing(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What the robot answers; whoever ends the dashboard does not wait for that."""
        asked = asyncio.ensure_future(work)
        closing = asyncio.ensure_future(self._closing.wait())
        await asyncio.wait({asked, closing}, return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()
        if not asked.done():
            asked.cancel()
            raise ControlError("the dashboard ends", remedy="start it again")
        return asked.result()


def _problem(text: str, status: int) -> web.Response:
    return web.json_response({"problem": text}, status=status)


async def _until(event: asyncio.Event, limit_s: float) -> None:
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), limit_s)
