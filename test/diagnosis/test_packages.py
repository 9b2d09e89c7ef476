from omnibind_ros.diagnosis.finding import Verdict, worst
from omnibind_ros.diagnosis.packages import check_packages


def test_all_there_is_well() -> None:
    assert worst(check_packages(lambda name: True)) is Verdict.OK


def test_what_is_missing_is_named_with_its_command() -> None:
    absent = {"vision_msgs", "audio_common_msgs", "event_camera_py", "onnxruntime"}
    told = {one.message: one for one in check_packages(lambda name: name not in absent)}
    results = told["vision_msgs: not installed"]
    assert results.verdict is Verdict.PROBLEM
    assert "sudo apt install ros-$ROS_DISTRO-vision-msgs" in results.remedy
    assert told["audio_common_msgs is not installed; audio sources need it"].verdict is Verdict.WARNING
    libraries = next(one for one in told.values() if one.subject == "Python libraries")
    assert libraries.message.startswith("onnxruntime: not installed")
    assert "requirements/robot.txt" in libraries.remedy
