from pathlib import Path

import pytest

from omnibind_ros.diagnosis.finding import Verdict, worst
from omnibind_ros.diagnosis.transport import PROFILE_VARIABLES, Limits, check_transport, limits_here

ENOUGH = Limits(2**30, 4 * 2**20, 4096)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "profile.xml"
    path.write_text("<profiles/>")
    return path


@pytest.mark.parametrize("variable", PROFILE_VARIABLES)
def test_a_profile_and_enough_of_everything_is_well(variable: str, profile: Path) -> None:
    assert worst(check_transport({variable: str(profile)}, ENOUGH, profile)) is Verdict.OK


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(64 * 2**20, None, 4096), "64 MiB are free in /dev/shm"),
        (Limits(None, None, 4096), "there is no /dev/shm"),
        (Limits(2**30, 212992, 4096), "net.core.rmem_max is 212992"),
        (Limits(2**30, None, 256), "a process may have 256"),
    ],
)
def test_too_little_is_a_warning_with_the_command(limits: Limits, told: str, profile: Path) -> None:
    found = list(check_transport({PROFILE_VARIABLES[0]: str(profile)}, limits, profile))
    (bad,) = (one for one in found if one.verdict is Verdict.WARNING)
    assert told in bad.message
    assert bad.remedy


def test_without_a_profile_it_says_which_to_export_and_a_wrong_one_is_a_problem(profile: Path) -> None:
    found = next(iter(check_transport({}, ENOUGH, profile)))
    assert found.verdict is Verdict.WARNING
    assert f"export {PROFILE_VARIABLES[0]}={profile}" in found.remedy
    found = next(iter(check_transport({PROFILE_VARIABLES[1]: "/nowhere.xml"}, ENOUGH, profile)))
    assert found.verdict is Verdict.PROBLEM


def test_this_computer_tells_its_limits() -> None:
    assert limits_here().open_files != 0
