import numpy as np
import pytest

from omnibind_ros.pipeline.recognition import Recognition
from omnibind_ros.recognition.recogniser import Answer, Hypothesis
from omnibind_ros.results.recognition import message_from_recognition

pytest.importorskip("vision_msgs.msg", reason="needs vision_msgs: run `make setup`")


def test_hypotheses_go_out_in_their_order_with_time_and_frame() -> None:
    hypotheses = (Hypothesis("unknown", 0.6), Hypothesis("mug", 0.4), Hypothesis("hammer", 0.25))
    recognition = Recognition(
        stamp_ns=12_000_000_034,
        frame_id="camera_link",
        answer=Answer(hypotheses, abstained=True),
        vector=np.zeros(4, np.float32),
        contributions={},
    )
    message = message_from_recognition(recognition)
    assert [(one.class_id, one.score) for one in message.results] == [("unknown", 0.6), ("mug", 0.4), ("hammer", 0.25)]
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (12, 34)
    assert message.header.frame_id == "camera_link"
