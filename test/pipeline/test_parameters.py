from typing import Any

import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.parameters import (
    ENCODER_PARAMETERS,
    FUSION_PARAMETERS,
    NODE_PARAMETERS,
    RULE_PARAMETERS,
    SOURCE_PARAMETERS,
    ParameterSpec,
    check_source_name,
    chosen_modalities,
    discover_rule,
    source_settings,
)

DEFAULTS = {spec.name: spec.default for spec in SOURCE_PARAMETERS}


def settings(**given: Any) -> Any:
    return source_settings("eye", {**DEFAULTS, "modality": "image", "topic": "camera", **given}.__getitem__)


def test_no_parameter_is_declared_twice() -> None:
    for table in (NODE_PARAMETERS, ENCODER_PARAMETERS, FUSION_PARAMETERS, SOURCE_PARAMETERS, RULE_PARAMETERS):
        assert len({spec.name for spec in table}) == len(table)


@pytest.mark.parametrize("spec", [*NODE_PARAMETERS, *SOURCE_PARAMETERS], ids=lambda spec: spec.name)
def test_defaults_lie_within_their_bounds_and_choices(spec: ParameterSpec) -> None:
    assert spec.bounds is None or spec.bounds[0] <= spec.default <= spec.bounds[1]
    assert not spec.choices or spec.default in ("", *spec.choices), "empty: it has to be given"
    assert spec.example


def test_a_source_of_defaults_needs_only_modality_and_topic() -> None:
    camera = settings()
    assert (camera.name, camera.modality, camera.topic) == ("eye", Modality.IMAGE, "camera")
    assert camera.liveness.ttl_s == DEFAULTS["ttl"]
    assert camera.touch_reference is None


def test_what_is_missing_or_unknown_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"eye: .*set `eye\.topic`"):
        settings(topic="")
    with pytest.raises(ConfigurationError, match="there is no modality 'smell'"):
        settings(modality="smell")
    with pytest.raises(ConfigurationError, match="cannot be a source's name"):
        check_source_name("left camera")


def rule(**given: Any) -> Any:
    return discover_rule(
        "eyes", {**DEFAULTS, "type": "", "modality": "image", "topic": "/*/image", **given}.__getitem__
    )


def test_a_rule_is_a_pattern_and_the_settings_of_its_sources() -> None:
    made = rule(ttl=3.0)
    assert (made.name, made.topic, made.type_name) == ("eyes", "/*/image", "")
    assert (made.template.modality, made.template.liveness.ttl_s) == (Modality.IMAGE, 3.0)


def test_a_rule_of_a_type_that_its_modality_does_not_have_is_refused() -> None:
    assert rule(type="sensor_msgs/msg/CompressedImage").type_name == "sensor_msgs/msg/CompressedImage"
    with pytest.raises(ConfigurationError, match=r"image is not decoded from std_msgs/msg/String .*`eyes\.type`"):
        rule(type="std_msgs/msg/String")


def test_no_modality_named_means_all() -> None:
    assert chosen_modalities([]) == chosen_modalities([""]) == set(Modality)
    assert chosen_modalities(["image", "audio"]) == {Modality.IMAGE, Modality.AUDIO}
    with pytest.raises(ConfigurationError, match="'smell' is not a valid Modality"):
        chosen_modalities(["image", "smell"])
