"""A recognition to `vision_msgs/Classification`."""

from typing import Any

from omnibind_ros.messages.header import set_header
from omnibind_ros.pipeline.recognition import Recognition


def message_from_recognition(recognition: Recognition) -> Any:
    """A `vision_msgs/Classification`: hypotheses by falling score, `unknown` first when it abstains."""
    from vision_msgs.msg import Classification, ObjectHypothesis  # noqa: PLC0415 (pure code must import without ROS)

    message = Classification()
    set_header(message, recognition.stamp_ns, recognition.frame_id)
    message.results = [
        ObjectHypothesis(class_id=hypothesis.label, score=hypothesis.score)
        for hypothesis in recognition.answer.hypotheses
    ]
    return message
