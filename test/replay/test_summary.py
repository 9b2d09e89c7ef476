import json
from pathlib import Path

import pytest

from omnibind_ros.demo.record import Lane, Recognised
from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.replay.bag import Bag
from omnibind_ros.replay.configuration import configuration
from omnibind_ros.replay.run import ReplayRun
from omnibind_ros.replay.summary import summary
from omnibind_ros.replay.witness import Agreement

CAMERA = configuration({"sources": ["camera"], "camera.modality": "image", "camera.topic": "/camera/image_raw"}).sources


def test_the_figures_sum_the_run_up(bag_path: Path, bundle: Bundle) -> None:
    with Bag(bag_path) as bag:
        run = ReplayRun(CAMERA, bag.start_ns)
        run.truth = Lane([(0.0, "mug"), (2.0, "")])
        for label, time_s in (("mug", 0.5), ("cup", 1.0), ("mug", 1.5), ("unknown", 2.75)):
            run.recognised.append(Recognised(label, 0.5, time_s, time_s, {"camera": 1.0}))
        run.reported("camera", "live", used=True, time_s=1.45)
        error = ConfigurationError("no encoder", remedy="another bundle", source="nose")
        figures = summary(run, bag, bundle, agreement=Agreement(4, 3, 2), ignored=bag.topics[:1], left_out=[error])
    assert json.loads(json.dumps(figures)) == figures
    assert (figures["recognitions"], figures["abstentions"], figures["judged"]) == (4, 1, 3)
    assert figures["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["longest_gap_s"] == 1.25
    assert figures["as_recorded"] == {"recorded": 4, "matched": 3, "same_label": 2}
    assert figures["recognised"]["mug"] == {"times": 2, "mean_score": 0.5, "judged": 2, "right": 2}
    assert next(iter(figures["recognised"])) == "mug"
    assert figures["sources"]["camera"]["live_share"] == pytest.approx(0.5, abs=0.02)
    assert figures["ignored_topics"] == {"/camera/image_raw": "sensor_msgs/msg/Image"}
    assert figures["left_out"] == ["nose: no encoder (another bundle)"]


def test_what_is_not_known_is_not_made_up(bag_path: Path, bundle: Bundle) -> None:
    with Bag(bag_path) as bag:
        figures = summary(ReplayRun(CAMERA, bag.start_ns), bag, bundle, agreement=None, ignored=(), left_out=())
    assert figures["accuracy"] is None
    assert figures["as_recorded"] is None
    assert figures["sources"]["camera"]["mean_quality"] is None
