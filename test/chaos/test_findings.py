from chaos.findings import Findings, ScenarioResult


def test_a_scenario_passes_while_every_expectation_holds() -> None:
    findings = Findings()
    findings.expect(True, "never told")
    findings.time("camera_used_s", 0.4, at_most_s=1.0)
    findings.gap(0.2)
    findings.gap(0.1)
    findings.lost([])
    findings.growth(1.2)
    result = ScenarioResult.of("calm", findings, duration_s=3.0)
    assert result.passed
    assert result.longest_gap_s == 0.2
    assert result.times == {"camera_used_s": 0.4, "duration_s": 3.0}
    assert result.memory_growth_percent == 1.2


def test_every_failed_expectation_is_told() -> None:
    findings = Findings()
    findings.time("camera_used_s", 1.4, at_most_s=1.0)
    findings.gap(1.2)
    findings.lost(["lidar"])
    findings.lost(["camera"])
    findings.growth(2.5)
    result = ScenarioResult.of("storm", findings, duration_s=3.0)
    assert not result.passed
    assert result.lost_sources == ["camera", "lidar"]
    for told in ("camera_used_s: 1.40 s", "no recognition for 1.20 s", "lost lidar", "lost camera", "grew by 2.50 %"):
        assert told in result.detail


def test_growth_that_is_only_noted_is_no_failure() -> None:
    findings = Findings()
    findings.growth(30.0, at_most_percent=None)
    assert not findings.failures
