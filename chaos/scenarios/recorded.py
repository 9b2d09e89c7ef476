"""What happened is recorded, and must come out again: sensors fail and nodes are killed while a bag is written."""

import json
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from chaos.findings import Findings
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.nodes.sensor_simulator import DRIVERS
from omnibind_ros.simulation.objects import LABELS
from omnibind_ros.simulation.sensors import SENSORS, Sensor
from rig.rig import MOMENT_S

# The first sensor of each simulator fails; all of them are shown one object after the other.
SIMULATORS: tuple[tuple[Sensor, ...], ...] = (("camera", "touch", "prompt"), ("lidar",))
MALFORMED: tuple[Sensor, ...] = ("thermal", "event", "microphone")
FAULTS = ("unplug", "none", "freeze", "none", "blind", "none", "corrupt", "none")
FAULT_S = 0.7
MALFORMED_SHARE = 0.02
# What of the robot's own topics the recorder may miss: the first moments of a node that was started again.
LOST_PERCENT_LIMIT = 5.0
REPLAY_LIMIT_S = 120.0
# It is recorded, and read four times, which takes no longer each time.
PARTS = 5


def record(stage: Stage, findings: Findings, durations: Durations) -> None:
    """Record a robot in trouble, then replay the bag and decide again, both twice."""
    recorder = stage.start_recorder(*(DRIVERS[one].topic for one in SENSORS), "recognition", "evidence", "sources")
    for sensors in SIMULATORS:
        stage.simulate(*sensors)
    drivers = [stage.drive({sensor: sensor}, "--malformed", str(MALFORMED_SHARE)) for sensor in MALFORMED]
    stage.start_perception({sensor: sensor for sensor in SENSORS})
    stage.wait_until_live(*SENSORS)
    stage.wait(lambda: "/evidence: recording" in recorder.said, MOMENT_S, "the evidence is recorded")
    faults, objects = cycle(FAULTS), cycle(LABELS)
    for kill in (stage.kill_node, drivers[0].kill, stage.kill_node):
        until_s = time.monotonic() + durations.recorded_s / 3
        while time.monotonic() < until_s:
            fault, shown = next(faults), next(objects)
            for sensor, *_ in SIMULATORS:
                stage.observer.set_parameter(f"{sensor}_driver", "object", shown)
                stage.observer.set_parameter(f"{sensor}_driver", f"{sensor}.fault", fault)
            time.sleep(FAULT_S)
        kill()
        stage.observer.states.clear()
        stage.wait_until_live(*MALFORMED)
    stage.wait_for_recognitions(10)
    unbroken = not recorder.ends
    findings.expect(recorder.stop() == 0 and unbroken, f"the recorder ended before it was told to, see {recorder.log}")
    _decide_again(stage.folder, findings)
    _replay(stage.folder, findings)


def _decide_again(folder: Path, findings: Findings) -> None:
    """Every recorded decision must follow again from its evidence, every frame give its embedding again."""
    figures = _twice(folder, findings, "decisions", "decisions.json", "decisions.jsonl")
    decisions, recorded = figures["decisions"], figures["recognitions"]
    findings.expect(figures["same"] == decisions, f"{decisions - figures['same']} of {decisions} decisions differ")
    lost_percent = 100 * (1 - decisions / max(1, recorded))
    findings.expect(lost_percent <= LOST_PERCENT_LIMIT, f"{lost_percent:.1f} % of the recognitions lost their evidence")
    for source, one in figures["embeddings"].items():
        findings.expect(one["same"] == one["in_bag"] > 0, f"{one} of {source} are those of their frames")
    checked = sum(one["in_bag"] for one in figures["embeddings"].values())
    findings.notes.append(
        f"{figures['same']} of {decisions} decisions the same again, and {checked} embeddings; the recorder missed "
        f"{recorded - decisions} times the evidence and {figures['evidence_without_recognition']} times the recognition"
    )


def _replay(folder: Path, findings: Findings) -> None:
    """The bag without the robot's decisions: how often the robot said the same is noted, not judged."""
    files = ("summary.json", "recognitions.jsonl", "transitions.jsonl", "report.html")
    agreement = _twice(folder, findings, "replay", *files)["as_recorded"]
    findings.notes.append(
        f"replayed with every frame, {agreement['same_label']} of {agreement['matched']} labels are the robot's"
    )


def _twice(folder: Path, findings: Findings, task: str, *files: str) -> Any:
    """Run `replay` twice and compare the files; the figures, which are the first of them."""
    options = ["--decisions"] if task == "decisions" else []
    outputs = [folder / f"{task}_{number}" for number in (1, 2)]
    for output in outputs:
        command = [sys.executable, "-m", "omnibind_ros.replay", str(folder / "bag"), *options]
        command += ["--config", str(folder / "perception.yaml"), "--output", str(output)]
        with (folder / f"{output.name}.log").open("wb") as log:
            done = subprocess.run(command, stdout=log, stderr=log, check=False, timeout=REPLAY_LIMIT_S)
        findings.expect(done.returncode == 0, f"{task} ended with {done.returncode}, see {log.name}")
    for name in files:
        same = outputs[0].joinpath(name).read_bytes() == outputs[1].joinpath(name).read_bytes()
        findings.expect(same, f"{name} is not the same twice")
    return json.loads(outputs[0].joinpath(files[0]).read_text(encoding="utf-8"))


SCENARIOS = (
    Scenario(
        "recorded",
        "what is recorded while sensors fail and nodes are killed comes out again",
        record,
        long_part_s=lambda durations: PARTS * durations.recorded_s,
    ),
)
