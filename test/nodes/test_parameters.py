from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import DescribeParameters, ListParameters
from rclpy.node import Node
from rclpy.parameter import Parameter
from ros_bench import Bench

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.parameters import declare, read_source, value
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.pipeline.parameters import NODE_PARAMETERS, SOURCE_PARAMETERS

pytestmark = pytest.mark.ros

CONFIG = Path(__file__).resolve().parents[2] / "config" / "perception.yaml"
SPECS = (*NODE_PARAMETERS, *SOURCE_PARAMETERS)


def plain_node(bench: Bench, **parameters: Any) -> Any:
    return bench.make(lambda **arguments: Node("plain", **arguments), **parameters)


def flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, entry in tree.items():
        result.update(flat(entry, f"{prefix}{key}.") if isinstance(entry, dict) else {f"{prefix}{key}": entry})
    return result


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_parameter_is_described_in_a_sentence(spec: Any) -> None:
    assert spec.description.endswith(".")
    assert len(spec.description) > 10


def test_what_is_described_is_what_ros_tells(bench: Bench, bundle_path: Path) -> None:
    camera = {"modality": "image", "topic": "camera"}
    bench.make(PerceptionNode, bundle=str(bundle_path), sources=["camera"], camera=camera)
    names = bench.call(ListParameters, "perception/list_parameters", ListParameters.Request()).result.names
    ours = [name for name in names if not name.startswith(("use_sim_time", "start_type_description", "qos_overrides"))]
    expected = {spec.name for spec in NODE_PARAMETERS} | {f"camera.{spec.name}" for spec in SOURCE_PARAMETERS}
    assert set(ours) == expected
    request = DescribeParameters.Request(names=ours)
    for descriptor in bench.call(DescribeParameters, "perception/describe_parameters", request).descriptors:
        assert descriptor.description, f"{descriptor.name} has no description"
        assert descriptor.type != ParameterType.PARAMETER_NOT_SET or descriptor.name == "sources"


def test_the_shipped_configuration_holds_only_declared_parameters_of_the_right_types() -> None:
    given = yaml.safe_load(CONFIG.read_text())["/**"]["ros__parameters"]
    sources = given["sources"]
    assert set(sources) == {key for key, entry in given.items() if isinstance(entry, dict)}
    defaults = {spec.name: spec.default for spec in NODE_PARAMETERS}
    for source in sources:
        defaults |= {f"{source}.{spec.name}": spec.default for spec in SOURCE_PARAMETERS}
    for name, entry in flat(given).items():
        assert name in defaults, f"{name} is not declared"
        if name != "sources":
            assert type(entry) is type(defaults[name]), f"{name}: {entry!r}"


def test_the_shipped_configuration_makes_sense(bench: Bench) -> None:
    given = yaml.safe_load(CONFIG.read_text())["/**"]["ros__parameters"]
    node = plain_node(bench, **given)
    for source in given["sources"]:
        settings = read_source(node, source)
        assert settings.name == source
        assert str(settings.modality) == given[source]["modality"]


def test_a_source_is_read_with_its_defaults(bench: Bench) -> None:
    node = plain_node(bench, mic={"modality": "audio", "topic": "sound", "ttl": 2.0, "channels": 4})
    settings = read_source(node, "mic")
    assert settings.modality is Modality.AUDIO
    assert settings.liveness.ttl_s == 2.0
    assert settings.liveness.max_clock_offset_s == 1.0
    assert (settings.audio.rate_hz, settings.audio.channels, settings.audio.sample_format) == (16000, 4, "S16LE")
    assert settings.enabled
    assert settings.touch_reference is None


def test_a_source_can_be_read_again_after_a_change(bench: Bench) -> None:
    node = plain_node(bench, mic={"modality": "audio", "topic": "sound"})
    read_source(node, "mic")
    node.set_parameters([Parameter("mic.topic", value="other")])
    assert read_source(node, "mic").topic == "other"


def test_a_value_of_another_type_is_refused_with_an_example(bench: Bench) -> None:
    node = plain_node(bench, max_rate=10)
    with pytest.raises(ConfigurationError, match=r"set `max_rate` to a number from 0\.1 to 1000\.0, written like 10"):
        declare(node, NODE_PARAMETERS)


def test_a_source_with_one_wrong_value_can_be_read_again(bench: Bench) -> None:
    node = plain_node(bench, mic={"modality": "audio", "topic": "sound", "ttl": 1})
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"mic\.ttl"):
            read_source(node, "mic")


def test_values_out_of_bounds_are_refused_at_run_time(bench: Bench) -> None:
    node = plain_node(bench)
    declare(node, NODE_PARAMETERS)
    (result,) = node.set_parameters([Parameter("max_rate", value=1e6)])
    assert not result.successful
    assert value(node, "max_rate") == 10.0


def test_what_only_matters_at_start_cannot_be_changed_later(bench: Bench) -> None:
    node = plain_node(bench)
    declare(node, NODE_PARAMETERS)
    (result,) = node.set_parameters([Parameter("autostart", value=False)])
    assert not result.successful


def test_a_list_that_was_not_given_is_empty(bench: Bench) -> None:
    node = plain_node(bench)
    declare(node, NODE_PARAMETERS)
    assert value(node, "sources") == []
