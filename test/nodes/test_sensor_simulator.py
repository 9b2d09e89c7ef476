"""The simulated drivers on real DDS: what real ones publish, and every fault on request."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from ros_bench import Bench
from vision_msgs.msg import Classification

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.messages.image import rgb_from_image
from omnibind_ros.nodes.sensor_simulator import DRIVERS, LATCHED, SensorSimulator
from omnibind_ros.simulation.sensors import SENSORS

pytestmark = pytest.mark.ros


# deep enough to keep what comes while a loaded computer does something else
EVERYTHING = QoSProfile(depth=1000, reliability=ReliabilityPolicy.BEST_EFFORT)


def listen(bench: Bench, *sensors: str) -> None:
    for sensor in sensors:
        driver = DRIVERS[sensor]  # type: ignore[index]
        bench.node.create_subscription(driver.message_type, driver.topic, bench.heard[sensor].append, EVERYTHING)


def set_parameter(bench: Bench, name: str, value: Any) -> Any:
    request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
    return bench.call(SetParameters, "sensor_simulator/set_parameters", request).results[0]


def newest_images(bench: Bench, count: int) -> list[np.ndarray]:
    bench.heard["camera"].clear()
    bench.wait_until(lambda: len(bench.heard["camera"]) >= count, "no pictures came")
    return [rgb_from_image(message) for message in bench.heard["camera"][:count]]


def test_every_sensor_publishes_what_its_driver_would(bench: Bench) -> None:
    listen(bench, *SENSORS)
    bench.make(SensorSimulator, seed=1)
    bench.wait_until(lambda: all(len(bench.heard[sensor]) >= 2 for sensor in SENSORS), "a sensor is silent")
    for sensor in SENSORS:
        first, second = bench.heard[sensor][:2]
        if sensor != "prompt":
            assert first.header.frame_id == sensor
            assert stamp_ns_of(second) > stamp_ns_of(first)
    assert bench.heard["camera"][0].encoding == "rgb8"
    assert bench.heard["thermal"][0].encoding == "mono16"
    assert bench.heard["event"][1].seq == bench.heard["event"][0].seq + 1


def test_only_the_sensors_asked_for_are_there(bench: Bench) -> None:
    simulator = bench.make(SensorSimulator, sensors=["camera"])
    topics = {name for name, _ in simulator.get_publisher_names_and_types_by_node("sensor_simulator", "/")}
    assert "/camera/image_raw" in topics
    assert "/lidar/points" not in topics


def test_an_unplugged_sensor_has_no_publisher_and_a_plugged_one_has(bench: Bench) -> None:
    bench.make(SensorSimulator, sensors=["camera"], camera={"fault": "unplug"})
    assert bench.node.count_publishers("camera/image_raw") == 0
    assert set_parameter(bench, "camera.fault", "none").successful
    bench.wait_until(lambda: bench.node.count_publishers("camera/image_raw") == 1, "the camera was not plugged in")
    assert set_parameter(bench, "camera.fault", "unplug").successful
    bench.wait_until(lambda: bench.node.count_publishers("camera/image_raw") == 0, "the camera was not unplugged")


def test_a_frozen_sensor_repeats_itself_a_blind_one_is_dark_and_a_mended_one_sees(bench: Bench) -> None:
    listen(bench, "camera")
    bench.make(SensorSimulator, sensors=["camera"])
    one, other = newest_images(bench, 2)
    assert not np.array_equal(one, other)
    set_parameter(bench, "camera.fault", "freeze")
    one, other = newest_images(bench, 3)[1:]
    assert np.array_equal(one, other)
    set_parameter(bench, "camera.fault", "blind")
    bench.wait_until(lambda: newest_images(bench, 1)[0].max() < 10, "the blind camera still sees")
    set_parameter(bench, "camera.fault", "none")
    bench.wait_until(lambda: newest_images(bench, 1)[0].max() > 50, "the mended camera sees nothing")


def test_the_truth_is_told_also_to_those_who_come_late_and_when_the_object_changes(bench: Bench) -> None:
    bench.make(SensorSimulator, sensors=["camera"], object="gear")
    truths: list[Classification] = []
    bench.node.create_subscription(Classification, "ground_truth", truths.append, LATCHED)
    bench.wait_until(lambda: truths, "no truth was told")
    assert truths[-1].results[0].class_id == "gear"
    set_parameter(bench, "object", "mug")
    bench.wait_until(lambda: truths[-1].results[0].class_id == "mug", "the new object was not told")


@pytest.mark.parametrize(("name", "value"), [("object", "unicorn"), ("camera.fault", "explode")])
def test_an_object_or_fault_nobody_knows_is_refused_with_what_there_is(bench: Bench, name: str, value: str) -> None:
    bench.make(SensorSimulator, sensors=["camera"])
    result = set_parameter(bench, name, value)
    assert not result.successful
    assert ("mug" if name == "object" else "freeze") in result.reason


def test_a_fault_nobody_knows_is_refused_at_start(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="explode"):
        bench.make(SensorSimulator, sensors=["camera"], camera={"fault": "explode"})
