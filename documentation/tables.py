"""Programs, topics, services and parameters as Markdown tables."""

from collections.abc import Iterable, Sequence

from documentation.interface import PROGRAMS, SERVICES, TOPICS
from omnibind_ros.pipeline.parameters import NO_NAMES, ParameterSpec
from omnibind_ros.pipeline.source_settings import AUDIO_INFO_TYPE, MESSAGE_TYPES


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what would end a cell is escaped."""
    lines = [heading, ["---"] * len(heading), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines).replace("| --- |", "|---|").replace(" --- |", "---|")


def programs() -> str:
    """Every executable."""
    return table(("executable", "what it does"), ((f"`{one.name}`", one.what) for one in PROGRAMS))


def topics() -> str:
    """Every topic of our own."""
    return table(
        ("topic", "type", "published by", "heard by", "what"),
        (
            (f"`{one.name}`", f"`{_short(one.type_name)}`", _codes(one.publishers), _codes(one.subscribers), one.what)
            for one in TOPICS
        ),
    )


def results(publisher: str) -> str:
    """The topics that one node publishes."""
    return table(
        ("topic", "type", "what"),
        ((f"`{one.name}`", f"`{_short(one.type_name)}`", one.what) for one in TOPICS if publisher in one.publishers),
    )


def sensor_types() -> str:
    """Which messages each modality is decoded from."""
    return table(
        ("modality", "message types of its topics"),
        (
            (
                str(modality),
                _codes(map(_short, types))
                + (f"; `info_topic`: `{_short(AUDIO_INFO_TYPE)}`" if "audio_common_msgs" in types[0] else ""),
            )
            for modality, types in MESSAGE_TYPES.items()
        ),
    )


def services() -> str:
    """Every service worth a word."""
    return table(
        ("service", "type", "of", "what"),
        ((f"`{one.name}`", f"`{_short(one.type_name)}`", _codes(one.servers), one.what) for one in SERVICES),
    )


def parameters(specs: Sequence[ParameterSpec], *, prefix: str = "") -> str:
    """The parameters of a node, or of one source of it."""
    return table(
        ("parameter", "type", "unit", "default", "range", "takes effect", "meaning"),
        (
            (
                f"`{prefix}{one.name}`",
                _type(one.default),
                one.unit,
                _default(one.default),
                _range(one),
                one.takes_effect,
                one.description,
            )
            for one in specs
        ),
    )


def shared_parameters(by_node: dict[str, Sequence[ParameterSpec]]) -> str:
    """Parameters of several nodes that share most of them; the last column says whose each is."""
    specs = list(dict.fromkeys(spec for specs in by_node.values() for spec in specs))
    heading, rule, *rows = parameters(specs).splitlines()
    owners = [_codes(node for node, theirs in by_node.items() if spec in theirs) for spec in specs]
    return "\n".join(
        [f"{heading} of |", f"{rule}---|", *(f"{row} {of} |" for row, of in zip(rows, owners, strict=True))]
    )


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _short(type_name: str) -> str:
    """As ROS 2 tools and people write it: without the middle part."""
    package, _, name = type_name.split("/")
    return f"{package}/{name}"


def _type(default: object) -> str:
    if default == NO_NAMES:
        return "list of texts"
    return {bool: "true/false", int: "integer", float: "number", str: "text"}[type(default)]


def _default(default: object) -> str:
    if default in (NO_NAMES, ""):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _range(spec: ParameterSpec) -> str:
    if spec.choices:
        return ", ".join(spec.choices)
    return " … ".join(str(bound).removesuffix(".0") for bound in spec.bounds) if spec.bounds else ""
