import os
from itertools import islice, pairwise
from pathlib import Path

import pytest

from rig.network import domains, stay_on_this_computer


def test_ros_stays_on_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
    for variable in ("ROS_AUTOMATIC_DISCOVERY_RANGE", *profiles):
        monkeypatch.setenv(variable, "something else")
    stay_on_this_computer()
    assert os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
    assert all(Path(os.environ[variable]).is_file() for variable in profiles)


def test_what_one_suite_uses_no_other_gets() -> None:
    first, second = domains(), domains()
    mine = next(first)
    assert mine not in set(islice(second, 20))
    first.close()
    assert mine in set(islice(second, 20))


def test_domains_differ_from_one_to_the_next_and_are_legal() -> None:
    some = list(islice(domains(), 40))
    assert all(one != following for one, following in pairwise(some))
    assert all(102 <= domain <= 232 for domain in some)
