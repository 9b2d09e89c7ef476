import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Server:
    url: str
    log: Path
    process: "subprocess.Popen[str]"

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    @property
    def answered(self) -> list[dict[str, Any]]:
        return [request for request in self.requests if not request["fault"]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers of chat completions whose first requests go wrong as told."""
    servers: list[Server] = []

    def start(*faults: dict[str, Any] | None) -> Server:
        log = tmp_path / f"requests-{len(servers)}.jsonl"
        program = Path(__file__).with_name("chat_server_process.py")
        process = subprocess.Popen(
            [sys.executable, str(program), str(log), json.dumps(faults)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        servers.append(Server(f"http://127.0.0.1:{process.stdout.readline().strip()}/v1", log, process))
        return servers[-1]

    yield start
    for server in servers:
        server.process.kill()
        server.process.communicate()
