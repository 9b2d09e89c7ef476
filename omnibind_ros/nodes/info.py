"""Prints what a bundle holds, what runs its networks on this computer, and what running nodes have loaded."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import onnxruntime
from rich.console import Console

from omnibind_ros.diagnosis.cache import cache_state
from omnibind_ros.diagnosis.facts import backend_facts, bundle_facts
from omnibind_ros.diagnosis.gpu_probe import Probe, look_safely
from omnibind_ros.diagnosis.printed import facts_tables
from omnibind_ros.errors import OmnibindError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.nodes.build_engines import ENGINES
from omnibind_ros.nodes.doctor import why_no_rclpy
from omnibind_ros.pipeline.resources import bundle_folder, cache_folder
from omnibind_ros.replay.configuration import configuration, read_configuration


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros info`."""
    options = _parse(arguments)
    try:
        facts = gather(options)
    except OmnibindError as error:
        sys.exit(f"info: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if options.json:
        print(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        Console().print(facts_tables(facts))


def gather(options: argparse.Namespace) -> dict[str, object]:
    """All facts. Raises BundleError, ConfigurationError."""
    node = (read_configuration(options.config) if options.config else configuration({})).node
    bundle = load_bundle(bundle_folder(options.bundle or node["bundle"]))
    engines = cache_folder() / ENGINES
    backend = node["backend"]
    if backend == "onnxruntime":
        probe = Probe(problem="`backend` is onnxruntime")
    else:
        probe = look_safely(backend, node["precision"], bundle.folder, engines)
    return {
        "bundle": bundle_facts(bundle),
        "backend": backend_facts(backend, onnxruntime.__version__, probe, cache_state(engines)),
        "nodes": _running(options.namespace, options.seconds),
    }


def _running(namespace: str, seconds: float) -> Mapping[str, Mapping[str, str]]:
    """What our nodes say of themselves on `/diagnostics`; nothing where there is no ROS, or nobody looked."""
    if seconds <= 0 or why_no_rclpy():
        return {}
    health: Mapping[str, Mapping[str, str]] = (
        import_module("omnibind_ros.nodes.surveyor").survey(namespace, seconds).health
    )
    return health


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="info", description=__doc__, epilog="exit status: 0 when it is told; 1 when the bundle cannot be read"
    )
    parser.add_argument(
        "bundle", nargs="?", help="name of a shipped bundle, or a folder (default: the configuration's)"
    )
    parser.add_argument("--config", type=Path, help="parameter file of the robot")
    parser.add_argument("--namespace", default="", help="namespace of the nodes, such as /front")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long to look for running nodes (default 2)")
    parser.add_argument("--json", action="store_true", help="facts as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
