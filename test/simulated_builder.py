"""Stands for the program that builds engines: a process that builds one for the simulated GPU when a test lets it.

It tells that half is done, waits for the file PART in ORDERS, and then builds; where something is written in that file,
the build fails with it. In PART.pid it leaves its process id.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.engine_key import engine_key
from omnibind_ros.inference.engines.gpu import Gpu
from omnibind_ros.inference.engines.network import networks


def main(bundle: str, part: str, precision: str, cache: str, orders: str, library: str, gpu: str) -> None:
    (Path(orders) / f"{part}.pid").write_text(str(os.getpid()))
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    network = next(one for one in networks(load_bundle(Path(bundle)), precision).values() if one.part == part)
    _tell(BuildProgress(network.name, BuildState.BUILDING, 0.5))
    order = Path(orders) / part
    while not order.exists():
        time.sleep(0.02)
    problem = order.read_text()
    if problem:
        _tell(BuildProgress(network.name, BuildState.FAILED, problem=problem))
        sys.exit(1)
    stand_in: Any = SimpleNamespace(**json.loads(library))
    EngineCache(Path(cache)).keep_plan(engine_key(network, stand_in, Gpu(**json.loads(gpu))), network.model)
    _tell(BuildProgress(network.name, BuildState.READY, 1.0))


def _tell(progress: BuildProgress) -> None:
    print(progress.to_line(), flush=True)


def _end_with_the_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
