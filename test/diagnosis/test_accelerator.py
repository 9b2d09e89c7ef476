import pytest

from omnibind_ros.diagnosis.accelerator import check_accelerator, nvidia_is_here
from omnibind_ros.diagnosis.finding import Finding, Verdict, worst
from omnibind_ros.diagnosis.gpu_probe import Probe

NONE = Probe(problem="no GPU can be used", remedy="install the driver")


def check(backend: str, probe: Probe, *, has_gpu: bool = False) -> list[Finding]:
    return list(check_accelerator(backend, "my_bundle", lambda: probe, has_gpu))


@pytest.mark.parametrize(
    ("backend", "has_gpu", "verdict"),
    [
        ("auto", False, Verdict.OK),
        ("auto", True, Verdict.WARNING),
        ("tensorrt", False, Verdict.PROBLEM),
        ("onnxruntime", True, Verdict.OK),
    ],
)
def test_without_a_usable_gpu_it_depends_on_what_was_asked_for(backend: str, has_gpu: bool, verdict: Verdict) -> None:
    found = check(backend, NONE, has_gpu=has_gpu)
    assert worst(found) is verdict
    assert found[0].remedy == ("" if verdict is Verdict.OK else "install the driver")


def test_the_gpu_is_not_even_looked_at_when_nobody_asks_for_it() -> None:
    def unexpected() -> Probe:
        raise AssertionError

    assert worst(check_accelerator("onnxruntime", "b", unexpected, True)) is Verdict.OK


def test_engines_that_are_missing_come_with_the_command_that_builds_them() -> None:
    found = check("auto", Probe("Orin, compute capability 8.7", "tensorrt 10.3", {"image": True, "audio": False}))
    assert found[0].verdict is Verdict.OK
    assert "not built for this GPU: audio" in found[1].message
    assert "build_engines --bundle my_bundle" in found[1].remedy
    assert worst(check("auto", Probe("Orin", "tensorrt 10.3", {"image": True}))) is Verdict.OK


def test_whether_there_is_a_gpu_can_be_asked_anywhere() -> None:
    assert nvidia_is_here() in (True, False)
