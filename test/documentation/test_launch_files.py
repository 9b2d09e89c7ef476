"""Launch arguments explain themselves, and offer what the nodes take."""

from pathlib import Path

import pytest
from launch_files import FOLDER, launch_arguments

from omnibind_ros.pipeline.parameters import NODE_PARAMETERS


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.launch.py")), ids=lambda path: path.name)
def test_every_argument_is_described_and_every_switch_has_choices(path: Path) -> None:
    arguments = launch_arguments(path)
    assert arguments
    for name, declared in arguments.items():
        assert declared["description"].endswith("."), name
        if declared.get("default_value") in ("true", "false"):
            assert sorted(declared["choices"]) == ["false", "true"], name


def test_choices_of_parameters_are_those_of_the_nodes() -> None:
    arguments = launch_arguments(FOLDER / "perception.launch.py")
    for spec in NODE_PARAMETERS:
        if spec.choices and spec.name in arguments:
            assert arguments[spec.name]["choices"] == ["", *spec.choices]
