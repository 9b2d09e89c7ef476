import io
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType

from omnibind_ros.diagnosis.cache import CacheState
from omnibind_ros.diagnosis.facts import backend_facts, bundle_facts
from omnibind_ros.diagnosis.finding import ok, problem, warning
from omnibind_ros.diagnosis.gpu_probe import Probe
from omnibind_ros.diagnosis.printed import facts_tables, findings_table
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.pipeline.resources import bundle_folder


def printed(what: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(what)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_every_finding_is_told_with_what_to_do() -> None:
    said = printed(findings_table([ok("clock", "goes"), warning("disk", "full", "make room"), problem("x", "y", "z")]))
    assert "→ make room" in said
    assert "1 ok, 1 warning, 1 problem: something does not work" in said
    assert "all is well" in printed(findings_table([ok("clock", "goes")]))


def test_the_facts_fit_a_terminal() -> None:
    facts: dict[str, Any] = {
        "bundle": bundle_facts(load_bundle(bundle_folder("omnibind-sim"))),
        "backend": backend_facts("auto", "1.20", Probe(problem="no GPU here"), CacheState(Path("/cache"), (), 0, ())),
        "nodes": {"perception: recognition": {"state": "2 of 7 sources live"}},
    }
    said = printed(facts_tables(facts))
    assert "rubber duck" in said
    assert "3×64×64 float32" in said
    assert "none: no GPU here" in said
    assert "127 of them: --json" in said
    assert "Running: perception: recognition" in said
    assert len(said.splitlines()) < 80
