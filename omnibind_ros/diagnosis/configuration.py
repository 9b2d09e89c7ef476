"""The parameter file: what the node would leave out, and what it would never look at."""

from collections.abc import Iterator, Mapping
from typing import Any

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning
from omnibind_ros.pipeline.parameters import FUSION_PARAMETERS, NODE_PARAMETERS, RULE_PARAMETERS, SOURCE_PARAMETERS
from omnibind_ros.replay.configuration import Configuration

_SUBJECT = "configuration"
_OF_NODES = {spec.name: spec for spec in (*NODE_PARAMETERS, *FUSION_PARAMETERS)}
_OF_ROS = ("use_sim_time", "qos_overrides", "start_type_description_service")


def check_configuration(name: str, chosen: Configuration, given: Mapping[str, Any]) -> Iterator[Finding]:
    """name: of the file. given: what stands in it, by full names; ROS ignores what no node declares."""
    for error in chosen.left_out:
        yield problem(error.source or _SUBJECT, f"is left out: {error.problem}", error.remedy)
    for parameter, spec in _OF_NODES.items():
        if spec.choices and given.get(parameter, spec.default) not in spec.choices:
            yield problem(
                _SUBJECT, f"`{parameter}` is {given[parameter]!r}", f"set it to one of {', '.join(spec.choices)}"
            )
    unknown = [full for full in given if not _is_declared(full, given)]
    if unknown:
        yield warning(
            _SUBJECT,
            f"nothing looks at {', '.join(f'`{one}`' for one in unknown)}",
            "correct the names (docs/parameters.md), or add the source to `sources`",
        )
    yield ok(_SUBJECT, f"{name}: {len(chosen.sources)} sources, {len(chosen.rules)} rules")


def _is_declared(full: str, given: Mapping[str, Any]) -> bool:
    owner, _, own = full.partition(".")
    if not own:
        return full in _OF_NODES or full in _OF_ROS
    specs = {
        **dict.fromkeys(given.get("sources") or (), SOURCE_PARAMETERS),
        **dict.fromkeys(given.get("discover") or (), RULE_PARAMETERS),
    }
    return owner in _OF_ROS or own in {spec.name for spec in specs.get(owner, ())}
