from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from ros_bench import Bench, real_image

from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.nodes.encoder import EncoderNode
from omnibind_ros.nodes.status_output import STATUS_QOS
from omnibind_ros.results.sources import reports_from_message

pytestmark = pytest.mark.ros


def test_whoever_comes_later_hears_the_last_report_and_every_change(bench: Bench, bundle_path: Path) -> None:
    camera = {"modality": "image", "topic": "camera/image_raw", "ttl": 3.0}
    bench.make(EncoderNode, bundle=str(bundle_path), sources=["camera"], camera=camera)
    bench.plug("camera/image_raw", real_image)
    heard: list[DiagnosticArray] = []
    bench.node.create_subscription(DiagnosticArray, "encoder_status", heard.append, STATUS_QOS)
    bench.wait_until(
        lambda: heard and reports_from_message(heard[-1])[0].state is SourceState.LIVE, "the camera is not live"
    )
    (report,) = reports_from_message(heard[-1])
    assert (report.source, report.topic, report.ttl_s) == ("camera", "camera/image_raw", 3.0)
