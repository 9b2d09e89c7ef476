"""Every command in README.md, CONTRIBUTING.md and docs/ is run here, or listed with the reason why it cannot be.

Those of a tutorial belong together: test_tutorials.py runs what ends, here run what is a node.

`ros2 run omnibind_ros X` runs the module of that executable, as PyPI has no `ros2`. All run in a folder that stands for
a user's: with a home, a robot's parameter file, folders of pictures and sounds, and a bag named `drive`.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from documented_commands import NODES, ROOT, Command, commands
from launch_files import FOLDER, launch_arguments
from recorded_bag import START_NS, decisions, sensors, write_bag

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
pytest.importorskip("faiss", reason="needs requirements/memory.txt: run `make setup-test`")

import rclpy
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from ros_bench import PATIENCE_S, Bench
from std_srvs.srv import Trigger

from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.memory import MemoryNode
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker, bundle_folder

# Not run here, and why; the first that fits counts.
NOT_HERE = {
    r"sudo |rosdep ": "changes the system with apt",
    r"colcon |source |mkdir |git clone|python3 -m venv|pip install|cd ": "test_package.py builds with colcon",
    r"export |ros2 security ": "SROS2 is not on PyPI; test_security_policy.py holds the policy",
    r"rviz2 |ros2 run rqt_image_view": "viewers are not on PyPI; test_viewer_configurations.py holds their files",
    r"ros2 topic ": "the ros2 command is not on PyPI; test_memory.py asks and hears what it would",
    r"ros2 bag ": "rosbag2 is not on PyPI; `record` is run instead",
    r"ros2 launch omnibind_ros ": "launch is not on PyPI; file and arguments are looked up below",
    r"make ": "each takes minutes, and .ci/run makes most of them; the target is looked up below",
    r"environment/run\.sh pre-commit ": "changes .git, or is `make lint`; the configuration is validated below",
    r"environment/run\.sh python -m chaos ": "takes minutes; test/chaos/test_main.py runs a scenario",
    r"environment/run\.sh python -m benchmarks ": "takes minutes; test/benchmarks/test_main.py runs the cheap ones",
    r"\.venv/bin/python relay\.py": "test_tutorials.py runs it",
    r"tensorboard ": "shows curves until it is ended; test_optimise.py reads what is logged",
    r"torchrun ": "trains for minutes; test_processes.py runs two processes, and the arguments are parsed below",
    r"ray ": "starts a cluster; test_ray_extraction.py runs a local one where Ray is installed",
    r"python -m training reproduce ": "takes an hour or two; .ci/run adds --quick, digits only with their recordings",
    r"(environment/run\.sh |\.venv/bin/)?python -m training ": "takes minutes to hours; test/training runs each step, "
    "and the arguments are parsed below",
}
# What has no GPU cannot build engines, and says so.
MAY_FAIL = {"build_engines": "no GPU can be used"}
PARAMETER = r"ros2 param set /(perception|memory) "
SERVICE = r"ros2 service call /(perception|memory)/"

COMMANDS = commands()


def matching(pattern: str) -> list[Command]:
    return [command for command in COMMANDS if re.match(pattern, command.text)]


OURS = [command for command in COMMANDS if command.module]
RUNNING = list({one.as_run_here(): one for one in OURS if one.executable in NODES}.values())
TUTORIAL = "docs/tutorials/"
ENDING = [one for one in OURS if one.executable not in NODES and not one.document.startswith(TUTORIAL)]


def test_there_are_commands_and_each_is_run_or_listed_with_a_reason() -> None:
    assert len(COMMANDS) > 40
    handled = {*OURS, *matching(PARAMETER), *matching(SERVICE)}
    handled |= {command for pattern in NOT_HERE for command in matching(pattern)}
    unknown = [str(command) for command in COMMANDS if command not in handled]
    assert not unknown, f"run these here, or list them in NOT_HERE with the reason: {unknown}"


def test_every_reason_is_still_needed() -> None:
    assert not [pattern for pattern in NOT_HERE if not matching(pattern)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder."""
    place = tmp_path_factory.mktemp("place")
    for name in (".venv", "config", "environment", "models", "omnibind_ros"):
        (place / name).symlink_to(ROOT / name)
    for name in ("my_robot.yaml", "arm.yaml"):
        shutil.copy(ROOT / "config" / "perception.yaml", place / name)
    for name, dtype in (("photos", np.uint8), ("thermal", np.uint16)):
        (place / "home" / name).mkdir(parents=True)
        cv2.imwrite(str(place / "home" / name / "one.png"), np.full((48, 64), 100, dtype))
    (place / "home" / "sounds").mkdir()
    with wave.open(str(place / "home" / "sounds" / "one.wav"), "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", ""))
        sound.writeframes(bytes(32000))
    bundle = load_bundle(bundle_folder("omnibind-sim"))
    heard = Embedding("microphone", Modality.AUDIO, bundle.centres_KkD[0, 0], 1.0, START_NS, "mic", bundle.space)
    said = RecognitionPipeline(bundle, backend_maker(1), most_labels=5).answer([heard])
    write_bag(place / "drive", [*sensors(1.0), *decisions([(START_NS, said)])])
    return place


def environment(place: Path, domain: int) -> dict[str, str]:
    return {
        **os.environ,
        "HOME": str(place / "home"),
        "ROS_DOMAIN_ID": str(domain),
        "XDG_CACHE_HOME": str(place / "cache"),
    }


@pytest.mark.parametrize("command", ENDING, ids=str)
def test_a_program_does_its_work_and_ends_well(command: Command, place: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", command.as_run_here()], cwd=place, env=environment(place, int(os.environ["ROS_DOMAIN_ID"])),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode and command.executable in MAY_FAIL:
        assert MAY_FAIL[command.executable] in done.stderr
    else:
        assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Started:
    command: Command
    domain: int
    process: "subprocess.Popen[str]"


@pytest.fixture
def started(place: Path) -> Iterator[list[Started]]:
    """All nodes at once, each in a domain of its own, so that they take their time together."""
    first = int(os.environ["ROS_DOMAIN_ID"])
    nodes = []
    for recorded in place.glob("recorded*"):
        shutil.rmtree(recorded)
    for number, command in enumerate(RUNNING):
        text = command.as_run_here()
        if command.executable == "record":  # into a folder that is not there yet
            text = re.sub(r"-o \w+", f"-o recorded_{number}", text)
        domain = (first + number) % 100 + 1
        process = subprocess.Popen(
            ["bash", "-c", text], cwd=place, env=environment(place, domain),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        nodes.append(Started(command, domain, process))
    yield nodes
    for one in nodes:
        one.process.kill()
        one.process.communicate()


def wait_until_it_is_there(one: Started) -> None:
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=one.domain)
    node = rclpy.create_node("onlooker", context=context)
    executor = rclpy.executors.SingleThreadedExecutor(context=context)
    name = re.search(r"__node:=(\w+)", one.command.text)
    wanted = name[1] if name else one.command.executable
    try:
        for _ in range(int(PATIENCE_S / 0.05)):
            if wanted in node.get_node_names() or one.process.poll() is not None:
                return
            executor.spin_once(timeout_sec=0.05)
        pytest.fail(f"{one.command}: there is no node {wanted}")
    finally:
        node.destroy_node()
        context.try_shutdown()


@pytest.mark.ros
def test_the_nodes_run_until_they_are_told_to_end(started: list[Started]) -> None:
    for one in started:
        wait_until_it_is_there(one)
        assert one.process.poll() is None, f"{one.command}: {one.process.communicate()[0]}"
        one.process.send_signal(signal.SIGINT)
    for one in started:
        said, _ = one.process.communicate(timeout=PATIENCE_S)
        assert one.process.returncode == 0, f"{one.command}: {said}"
        assert "Traceback" not in said, f"{one.command}: {said}"


def set_parameters(bench: Bench, command: Command) -> None:
    *_, node, name, given = shlex.split(command.text)
    what: Any = yaml.safe_load(given)
    # The documentation names a bundle of the reader's.
    what = str(bundle_folder("omnibind-sim")) if name == "bundle" else what
    request = SetParameters.Request(parameters=[Parameter(name, value=what).to_parameter_msg()])
    (result,) = bench.call(SetParameters, f"{node.lstrip('/')}/set_parameters", request).results
    assert result.successful, f"{command}: {result.reason}"


@pytest.mark.ros
def test_parameters_and_services_of_a_running_node_take_what_is_told(tmp_path: Path) -> None:
    bench = Bench()
    try:
        bench.make(
            PerceptionNode,
            **yaml.safe_load((ROOT / "config" / "perception.yaml").read_text())["/**"]["ros__parameters"],
        )
        bench.make(MemoryNode, file=str(tmp_path / "memory.safetensors"))
        for command in matching(PARAMETER):
            set_parameters(bench, command)
        for command in matching(SERVICE):
            service, kind = shlex.split(command.text)[3:5]
            assert kind == "std_srvs/srv/Trigger", command
            answer = bench.call(Trigger, service.lstrip("/"), Trigger.Request())
            assert answer.success, f"{command}: {answer.message}"
    finally:
        bench.close()


@pytest.mark.parametrize("command", matching(r"ros2 launch omnibind_ros "), ids=str)
def test_launch_files_have_the_arguments_that_are_given(command: Command) -> None:
    _, _, _, file, *given = shlex.split(command.text)
    declared = launch_arguments(FOLDER / file)
    for assignment in given:
        name, _, what = assignment.partition(":=")
        assert what in declared[name].get("choices", [what]), command


def test_every_target_of_make_is_there() -> None:
    targets = {shlex.split(command.text)[1] for command in matching("make ")}
    assert targets
    done = subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_pre_commit_can_read_its_configuration() -> None:
    pytest.importorskip("pre_commit", reason="needs requirements/test.txt")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_arguments_of_training_are_known() -> None:
    pytest.importorskip("torch", reason="needs `make setup-training`")
    from torch.distributed import run as torchrun  # noqa: PLC0415

    from training.__main__ import _parser  # noqa: PLC0415 (it imports torch)

    for command in matching(r"(environment/run\.sh |\.venv/bin/)?python -m training |torchrun "):
        if command.text.startswith("torchrun "):
            launched = torchrun.parse_args(shlex.split(command.text)[1:])
            assert launched.module, str(command)
            assert launched.training_script == "training", str(command)
            given = launched.training_script_args
        else:
            given = shlex.split(command.text.partition("-m training ")[2])
        try:
            _parser().parse_args(given)
        except SystemExit as ended:
            assert ended.code == 0, str(command)
