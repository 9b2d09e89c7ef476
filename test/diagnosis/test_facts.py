import json
from pathlib import Path

from omnibind_ros.diagnosis.cache import CacheState
from omnibind_ros.diagnosis.facts import backend_facts, bundle_facts, metric_lines
from omnibind_ros.diagnosis.gpu_probe import Probe
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.pipeline.resources import bundle_folder


def test_a_bundle_is_told_whole_and_as_json() -> None:
    bundle = load_bundle(bundle_folder("omnibind-sim"))
    facts = json.loads(json.dumps(bundle_facts(bundle)))
    assert facts["name"] == bundle.name
    assert facts["space"]["number"] == bundle.space
    assert facts["encoders"]["image"]["input"] == [3, 64, 64]
    assert facts["encoders"]["image"]["preprocessing"]["name"] == "compact"
    assert facts["bytes"] == sum(path.stat().st_size for path in bundle.folder.iterdir() if path.name != "bundle.yaml")
    assert len(facts["labels"]) == 30


def test_what_runs_it_is_told() -> None:
    facts = backend_facts("auto", "1.20", Probe(problem="no GPU"), CacheState(Path("/cache"), (), 0, ()))
    assert (facts["gpu"], facts["why_no_gpu"], facts["cache"]["folder"]) == ("", "no GPU", "/cache")


def test_metrics_are_flat_lines() -> None:
    assert list(metric_lines({"samples": 720, "single": {"image": 0.97777}})) == [
        (("samples",), "720"),
        (("single", "image"), "0.978"),
    ]
