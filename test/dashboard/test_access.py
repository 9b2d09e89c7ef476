"""Which requests the dashboard answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.dashboard.access import Access, check_host, is_loopback
from omnibind_ros.errors import ConfigurationError

JSON = {"Content-Type": "application/json; charset=utf-8"}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8600", "127.0.0.1:8600", "[::1]:8600", "192.168.1.5", "Robot.local.:80"]
)
def test_whoever_looks_under_a_known_name_or_an_address_is_answered(host: str) -> None:
    access = Access(["robot.local"])
    assert access.refusal("GET", {"Host": host}) is None
    assert access.refusal("POST", {"Host": host, "Origin": f"http://{host}", **JSON}) is None


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8600", "", "[::1"])
def test_a_name_that_was_made_to_point_here_is_refused(host: str) -> None:
    refusal = Access(["robot.local"]).refusal("GET", {"Host": host})
    assert refusal is not None
    assert "allowed_hosts" in refusal


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", **JSON},
        {"Origin": "null", **JSON},
        {"Origin": "http://localhost:1", **JSON},
        {"Origin": "http://localhost:8600", "Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {},
        {"Sec-Fetch-Site": "cross-site", **JSON},
        {"Sec-Fetch-Site": "same-site", **JSON},
    ],
)
def test_no_other_site_can_command(headers: dict[str, str]) -> None:
    assert Access().refusal("POST", {"Host": "localhost:8600", **headers}) is not None


def test_no_other_site_can_embed_pictures_but_may_link_to_the_page() -> None:
    other = {"host": "localhost", "sec-fetch-site": "cross-site"}
    assert Access().refusal("GET", {**other, "sec-fetch-mode": "no-cors"}) is not None
    assert Access().refusal("GET", {**other, "sec-fetch-mode": "navigate"}) is None


def test_a_proxy_that_adds_encryption_is_no_other_site() -> None:
    headers = {"Host": "robot.example", "Origin": "https://robot.example", **JSON}
    assert Access(["robot.example"]).refusal("POST", headers) is None


@given(st.dictionaries(st.sampled_from(["Host", "Origin", "Content-Type", "Sec-Fetch-Site"]), st.text()))
@settings(deadline=None)
def test_whatever_the_headers_are_there_is_an_answer(headers: dict[str, str]) -> None:
    assert Access().refusal("POST", headers) is None or isinstance(Access().refusal("POST", headers), str)


def test_only_addresses_are_listened_on() -> None:
    assert check_host("0.0.0.0") == "0.0.0.0"  # noqa: S104
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0")] == [True] * 3 + [False]  # noqa: S104
    with pytest.raises(ConfigurationError, match="host"):
        check_host("example.org")
