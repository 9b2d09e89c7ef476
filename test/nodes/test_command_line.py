"""`--help` and wrong arguments, as a user types them."""

import sys
from importlib import import_module

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.pipeline.parameters import NODE_PARAMETERS


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    with pytest.raises(SystemExit) as ended:
        check_arguments("perception", "Recognises.", NODE_PARAMETERS, arguments)
    captured = capsys.readouterr()
    return ended.value.code, captured.out + captured.err


def test_help_tells_every_parameter_and_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = told(capsys, "--help")
    assert status == 0
    assert "Recognises." in said
    assert "exit status: 0" in said
    assert all(f"  {spec.name} " in said for spec in NODE_PARAMETERS)


@pytest.mark.parametrize("arguments", [["--params-file", "x.yaml"], ["camera"], ["--help-me"]])
def test_an_argument_that_nobody_would_look_at_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    status, said = told(capsys, *arguments)
    assert status == 2
    assert f"nothing is known of {' '.join(arguments)}" in said
    assert "follow --ros-args" in said


@pytest.mark.parametrize("arguments", [["-p", "threads"], ["--no-such-flag"]])
def test_what_ros_cannot_read_is_refused_without_a_traceback(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    status, said = told(capsys, "--ros-args", *arguments)
    assert status == 2
    assert "cannot be read" in said
    assert len(said.splitlines()) == 2


def test_what_belongs_to_ros_is_left_to_it() -> None:
    check_arguments("perception", None, (), ["--ros-args", "-p", "threads:=2", "-r", "__ns:=/front"])
    check_arguments("perception", None, (), [])


@pytest.mark.parametrize(
    "program",
    ["perception", "encoder", "fusion", "overlay", "dashboard", "monitor", "file_player", "sensor_simulator", "record",
     "build_engines", "demo", "doctor", "info"],
)  # fmt: skip
def test_every_executable_answers_help_before_it_does_anything(
    program: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [program, "--help"])
    with pytest.raises(SystemExit) as ended:
        import_module(f"omnibind_ros.nodes.{program}").main()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: {program}")
    assert "exit status: 0" in said
