"""An encoder that raises on some inputs, as networks do that were exported wrongly."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import onnx
import yaml
from onnx import TensorProto, helper, numpy_helper

from chaos.findings import Findings
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.simulation.sensors import Sensor

STEADY: tuple[Sensor, ...] = ("thermal", "microphone")
# The mean of a black image in the encoder's units is -1.
DARK = -0.95
# The node tries a failed encoder again after two seconds.
RECOVERY_LIMIT_S = 3.0


def fail_encoder(stage: Stage, findings: Findings, _: Durations) -> None:
    """The image encoder raises on black images: the camera's lens is covered and uncovered."""
    bundle = stage.folder / "bundle"
    bundle_that_fails_in_the_dark(stage.bundle, bundle)
    stage.simulate("camera")
    stage.simulate(*STEADY)
    stage.start_perception({sensor: sensor for sensor in ("camera", *STEADY)}, parameters={"bundle": str(bundle)})
    start_s = stage.wait_until_live("camera", *STEADY)
    for number in (1, 2):
        covered_s = stage.set_parameter("camera_driver", "camera.fault", "blind")
        faulty_s = stage.wait_for_state("camera", "faulty")
        findings.time(f"faulty_{number}_s", faulty_s - covered_s, at_most_s=1.0)
        reason = stage.observer.reasons["camera"]
        findings.expect("image.onnx: inference failed" in reason, f"the fault names no encoder: {reason}")
        stage.wait_for_recognitions(30)
        uncovered_s = stage.set_parameter("camera_driver", "camera.fault", "none")
        live_s = stage.wait_for_state("camera", SourceState.LIVE)
        findings.time(f"recovered_{number}_s", live_s - uncovered_s, at_most_s=RECOVERY_LIMIT_S)
    stage.judge(findings, STEADY, start_s)
    others = {one for one in STEADY if stage.observer.faults[one]}
    findings.expect(not others, f"{', '.join(others)} became faulty, too")


def bundle_that_fails_in_the_dark(original: Path, folder: Path) -> None:
    """A copy of a bundle whose image encoder reads beyond an array when the mean of its input is below `DARK`."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder)
    model = onnx.load(folder / "image.onnx")
    embed = next(node for node in model.graph.node if "embedding" in node.output)
    embed.output[list(embed.output).index("embedding")] = "embedding_in_the_light"
    model.graph.initializer.extend(
        [numpy_helper.from_array(np.float32(DARK), "dark"), numpy_helper.from_array(np.ones(1, np.float32), "one")]
    )
    model.graph.node.extend(
        [
            helper.make_node("ReduceMean", ["input"], ["brightness"], keepdims=0),
            helper.make_node("Less", ["brightness", "dark"], ["is_dark"]),
            helper.make_node("Cast", ["is_dark"], ["place"], to=TensorProto.INT64),
            helper.make_node("Gather", ["one", "place"], ["factor"]),
            helper.make_node("Mul", ["embedding_in_the_light", "factor"], ["embedding"]),
        ]
    )
    content = model.SerializeToString()
    (folder / "image.onnx").write_bytes(content)
    description = yaml.safe_load((folder / "bundle.yaml").read_text(encoding="utf-8"))
    description["encoders"]["image"]["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / "bundle.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")


SCENARIOS = (Scenario("failing_encoder", "one encoder raises", fail_encoder),)
