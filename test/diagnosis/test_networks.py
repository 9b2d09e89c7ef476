from itertools import count
from pathlib import Path

import pytest
from tiny_bundle import write_tiny_bundle

from omnibind_ros.diagnosis.finding import Verdict
from omnibind_ros.diagnosis.networks import check_networks
from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.pipeline.resources import backend_maker, bundle_folder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder: Path = tmp_path_factory.mktemp("bundle") / "tiny"
    write_tiny_bundle(folder)
    return load_bundle(folder)


def test_every_network_of_the_shipped_bundle_runs() -> None:
    seconds = count()
    (finding,) = check_networks(
        load_bundle(bundle_folder("omnibind-sim")), backend_maker(1), 10.0, lambda: next(seconds) / 1000
    )
    assert finding.verdict is Verdict.OK
    assert "runs all 8 networks; ms for each: image 1.0, text 1.0" in finding.message


def test_a_computer_that_is_too_slow_is_told(bundle: Bundle) -> None:
    seconds = count()
    (finding,) = check_networks(bundle, backend_maker(1), 10.0, lambda: float(next(seconds)))
    assert finding.verdict is Verdict.WARNING
    assert "10 recognitions a second are too many" in finding.message


def test_a_network_that_cannot_be_loaded_is_a_problem(bundle: Bundle) -> None:
    def refuse(model: bytes, name: str) -> Backend:
        raise BackendError("no", remedy="export it again", source=name)

    found = list(check_networks(bundle, refuse, 10.0))
    assert {one.verdict for one in found} == {Verdict.PROBLEM}
    assert {one.remedy for one in found} == {"export it again"}
