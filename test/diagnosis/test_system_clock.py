from datetime import datetime, timezone

import pytest

from omnibind_ros.diagnosis.finding import Verdict
from omnibind_ros.diagnosis.system_clock import check_system_clock


@pytest.mark.parametrize(("year", "verdict"), [(1970, Verdict.PROBLEM), (2026, Verdict.OK)])
def test_a_clock_that_was_never_set_is_told(year: int, verdict: Verdict) -> None:
    finding = check_system_clock(int(datetime(year, 6, 1, tzinfo=timezone.utc).timestamp() * 1e9))
    assert finding.verdict is verdict
    assert f"{year}-06-01" in finding.message
