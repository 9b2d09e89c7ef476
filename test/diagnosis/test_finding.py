import pytest

from omnibind_ros.diagnosis.finding import Finding, Verdict, ok, problem, warning, worst

FINE, ODD, BROKEN = ok("a", "well"), warning("b", "hm", "look"), problem("c", "no", "mend")


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], Verdict.OK),
        ([FINE], Verdict.OK),
        ([ODD, FINE], Verdict.WARNING),
        ([FINE, BROKEN, ODD], Verdict.PROBLEM),
    ],
)
def test_the_worst_counts(findings: list[Finding], verdict: Verdict) -> None:
    assert worst(findings) is verdict
