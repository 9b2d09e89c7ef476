import pytest

from omnibind_ros.results.diagnostics import NodeHealth, message_from_health

diagnostics = pytest.importorskip("diagnostic_msgs.msg", reason="needs diagnostic_msgs: run `make setup`")


@pytest.mark.parametrize("warning", [False, True])
def test_health_is_one_status_with_its_details(warning: bool) -> None:
    health = NodeHealth("robot/perception", "1 of 3 sources live", warning, {"bundle": "tiny"})
    (status,) = message_from_health(health, stamp_ns=1).status
    assert status.name == "robot/perception: recognition"
    assert status.message == "1 of 3 sources live"
    assert status.level == (diagnostics.DiagnosticStatus.WARN if warning else diagnostics.DiagnosticStatus.OK)
    assert [(pair.key, pair.value) for pair in status.values] == [("bundle", "tiny")]
