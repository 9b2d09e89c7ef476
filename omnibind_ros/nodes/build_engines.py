"""Builds the TensorRT engines of a bundle for this computer's GPU, before the robot needs them."""

import argparse
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from omnibind_ros.errors import ConfigurationError, OmnibindError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.inference.engines.accelerator import accelerator
from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.inference.engines.engine_builder import build_engine
from omnibind_ros.inference.engines.library import BACKENDS
from omnibind_ros.inference.engines.network import Network, networks
from omnibind_ros.inference.precision import GPU_PRECISIONS
from omnibind_ros.pipeline.resources import bundle_folder, cache_folder
from omnibind_ros.replay.configuration import read_configuration

ENGINES = "engines"  # folder below that of the caches
_DEFAULTS = {"bundle": "omnibind-sim", "backend": "auto", "precision": "auto"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `build_engines`; exits with 1 when an engine could not be built."""
    options = _parse(arguments)
    report = _tell()
    if options.background:
        os.nice(10)
        threading.Thread(target=_end_with_the_input, daemon=True).start()
        report = _write_line
    try:
        all_built = build_all(options, report)
    except OmnibindError as error:
        sys.exit(f"build_engines: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0 if all_built else 1)


def background_command(bundle: Bundle, network: Network, backend: str, precision: str) -> list[str]:
    """The command for an `EngineMaker` that builds the engine of one network of a bundle."""
    program = [sys.executable, "-m", "omnibind_ros.nodes.build_engines", "--background"]
    chosen = ["--bundle", str(bundle.folder), "--backend", backend, "--precision", precision, "--parts", network.part]
    return [*program, *chosen]


def build_all(options: argparse.Namespace, report: Callable[[BuildProgress], None]) -> bool:
    """Build what the options name; whether all of it is there then.

    Raises OmnibindError where there is no bundle, no TensorRT or no GPU.
    """
    node = read_configuration(options.config).node if options.config else _DEFAULTS
    backend = options.backend or node["backend"]
    if backend == "onnxruntime":
        print("the backend onnxruntime needs no engines")
        return True
    target = accelerator(backend, cache_folder() / ENGINES)
    bundle = load_bundle(bundle_folder(options.bundle or node["bundle"]))
    found = {network.part: network for network in networks(bundle, options.precision or node["precision"]).values()}
    parts = options.parts or [*found]
    unknown = [part for part in parts if part not in found]
    if unknown:
        raise ConfigurationError(
            f"the bundle has no part {', '.join(unknown)}", remedy=f"choose from {', '.join(found)}", source=bundle.name
        )
    built = [
        build_engine(found[part], target.library, target.gpu, target.cache, report, check=target.check)
        for part in parts
    ]
    return all(built)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="build_engines",
        description=__doc__,
        epilog="exit status: 0 when all engines are there; 1 when one could not be built; 2 for a wrong argument",
    )
    parser.add_argument("--bundle", help=f"name of a shipped bundle, or a folder (default: {_DEFAULTS['bundle']})")
    parser.add_argument("--backend", choices=BACKENDS, help="default: auto")
    parser.add_argument("--precision", choices=[*GPU_PRECISIONS], help="default: auto, fp16 where there is one")
    parser.add_argument("--parts", type=_listed, help="only these modalities, or fusion: image,audio,fusion")
    parser.add_argument("--config", type=Path, help="parameter file of a perception node; says what is not given here")
    parser.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _listed(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _tell() -> Callable[[BuildProgress], None]:
    """Prints each new state of each network, and every tenth of a build."""
    told: set[tuple[str, BuildState, int]] = set()

    def tell(progress: BuildProgress) -> None:
        step = (progress.network, progress.state, int(progress.share * 10))
        if step not in told:
            told.add(step)
            share = f" {10 * step[2]} %" if progress.state is BuildState.BUILDING else ""
            print(f"{progress.network}: {progress.state.value}{share}{progress.problem and f': {progress.problem}'}")

    return tell


def _write_line(progress: BuildProgress) -> None:
    print(progress.to_line(), flush=True)


def _end_with_the_input() -> None:
    """A build that nobody waits for any more must not go on: end with the process that started it."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
