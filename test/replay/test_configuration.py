from pathlib import Path
from typing import Any

import pytest
import yaml

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.parameters import NODE_PARAMETERS
from omnibind_ros.replay.configuration import Configuration, configuration, read_configuration, resolved

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "perception.yaml"
CAMERA = {"modality": "image", "topic": "camera/image_raw"}


def read(tmp_path: Path, tree: Any) -> Configuration:
    path = tmp_path / "robot.yaml"
    path.write_text(yaml.safe_dump(tree))
    return read_configuration(path)


def test_the_shipped_configuration_is_read_as_the_node_reads_it() -> None:
    chosen = read_configuration(SHIPPED)
    given = yaml.safe_load(SHIPPED.read_text())["/**"]["ros__parameters"]
    assert [source.name for source in chosen.sources] == given["sources"]
    prompt = next(source for source in chosen.sources if source.modality is Modality.TEXT)
    assert prompt.liveness.ttl_s == given["prompt"]["ttl"]
    assert chosen.left_out == ()


def test_what_is_not_given_has_the_nodes_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, {}).node == {spec.name: spec.default for spec in NODE_PARAMETERS}


@pytest.mark.parametrize(
    "tree",
    [
        {"/**": {"ros__parameters": {"max_rate": 5.0}}},
        {"perception": {"ros__parameters": {"max_rate": 5.0}}},
        {"/robot/perception": {"ros__parameters": {"max_rate": 5.0}}},
        {"robot": {"perception": {"ros__parameters": {"max_rate": 5.0}}}},
        {"/**": {"ros__parameters": {"max_rate": 1.0}}, "perception": {"ros__parameters": {"max_rate": 5.0}}},
    ],
)
def test_entries_for_the_node_are_found_wherever_they_stand(tmp_path: Path, tree: dict[str, Any]) -> None:
    assert read(tmp_path, tree).node["max_rate"] == 5.0


def test_entries_for_other_nodes_are_passed_over(tmp_path: Path) -> None:
    tree = {"driver": {"ros__parameters": {"max_rate": "fast"}}, "/**": {"ros__parameters": {"frame_rate": 30}}}
    assert read(tmp_path, tree).node["max_rate"] == 10.0


def test_parameters_may_be_written_with_dots_too(tmp_path: Path) -> None:
    dotted = {"sources": ["eye"], **{f"eye.{key}": value for key, value in CAMERA.items()}}
    (eye,) = read(tmp_path, {"/**": {"ros__parameters": dotted}}).sources
    assert (eye.name, eye.topic) == ("eye", "camera/image_raw")


@pytest.mark.parametrize(("key", "value"), [("max_rate", 10), ("max_rate", 0.0), ("threads", "2"), ("sources", "eye")])
def test_a_value_ros_would_refuse_is_refused_with_an_example(key: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=rf"`{key}` is .*set it to"):
        configuration({key: value})


def test_a_source_that_makes_no_sense_is_left_out_with_the_reason() -> None:
    chosen = configuration(
        {
            "sources": ["eye", "ear", "two words", "nose"],
            "eye.modality": "image",
            "eye.topic": "camera",
            "ear.topic": "sound",
            "ear.modality": "audio",
            "ear.ttl": 1,
            "nose.topic": "smell",
            "nose.modality": "smell",
        }
    )
    assert [source.name for source in chosen.sources] == ["eye"]
    assert [error.source for error in chosen.left_out] == ["ear", "two words", "nose"]


def test_rules_and_modalities_are_read() -> None:
    given = {
        "sources": ["eye"], "eye.modality": "image", "eye.topic": "camera", "discover": ["ears"],
        "ears.modality": "audio", "ears.topic": "/mic*",
    }  # fmt: skip
    assert [rule.name for rule in configuration(given).rules] == ["ears"]
    only_sound = configuration({**given, "modalities": ["audio"]})
    assert (only_sound.sources, len(only_sound.rules)) == ((), 1)


@pytest.mark.parametrize("content", ["{", "\xff\xfe"])
def test_a_file_that_is_no_yaml_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "robot.yaml").write_text(content, encoding="latin-1")
    with pytest.raises(ConfigurationError, match=r"robot\.yaml"):
        read_configuration(tmp_path / "robot.yaml")
    with pytest.raises(ConfigurationError, match=r"missing\.yaml"):
        read_configuration(tmp_path / "missing.yaml")


def test_topics_are_resolved_as_ros_does() -> None:
    assert resolved("camera/image_raw", "") == "/camera/image_raw"
    assert resolved("camera/image_raw", "/robot") == "/robot/camera/image_raw"
    assert resolved("/camera", "robot") == "/camera"
    assert resolved("~/camera", "robot") == "/robot/perception/camera"
