"""All checks that need the package's own code, one after the other; none can end the others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from omnibind_ros.diagnosis.accelerator import check_accelerator, nvidia_is_here
from omnibind_ros.diagnosis.bundle import check_bundle
from omnibind_ros.diagnosis.cache import check_cache
from omnibind_ros.diagnosis.configuration import check_configuration
from omnibind_ros.diagnosis.finding import Finding, problem
from omnibind_ros.diagnosis.gpu_probe import look_safely
from omnibind_ros.diagnosis.live_results import RESULTS, check_live_results
from omnibind_ros.diagnosis.live_sources import check_live_sources
from omnibind_ros.diagnosis.networks import check_networks
from omnibind_ros.diagnosis.ros_time import check_ros_time
from omnibind_ros.diagnosis.survey import Survey
from omnibind_ros.diagnosis.transport import check_transport, limits_here
from omnibind_ros.errors import OmnibindError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.pipeline.resources import backend_maker, bundle_folder, share_folder
from omnibind_ros.pipeline.source_settings import SourceSettings
from omnibind_ros.replay.configuration import Configuration, configuration, given_parameters, resolved

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked for.

    config: parameter file; None for the shipped one. bundle, backend: instead of the file's. engines: folder of the
    engine cache. look: at the ROS graph; None where there is no rclpy.
    """

    environment: Mapping[str, str]
    config: Path | None
    namespace: str
    bundle: str | None
    backend: str | None
    engines: Path
    look: Callable[[], Survey] | None


def examine(questions: Questions) -> list[Finding]:
    """The findings, in the order in which they should be looked at."""
    findings: list[Finding] = []

    def attempt(subject: str, make: Callable[[], _Made]) -> _Made | None:
        try:
            return make()
        except OmnibindError as error:
            told = f"{error.source}: {error.problem}" if error.source else error.problem
            findings.append(problem(subject, told, error.remedy))
        except Exception as error:  # the other checks are still worth something
            findings.append(
                problem(subject, f"cannot be checked: {type(error).__name__}: {error}", "mend that, then look again")
            )
        return None

    def check(subject: str, make: Callable[[], Iterable[Finding]]) -> None:
        attempt(subject, lambda: findings.extend(make()))

    path = questions.config or share_folder() / "config" / "perception.yaml"
    given = attempt("configuration", lambda: given_parameters(path)) or {}
    chosen = attempt("configuration", lambda: configuration(given)) or configuration({})
    check("configuration", lambda: check_configuration(str(path), chosen, given))
    survey = attempt("ROS graph", questions.look) if questions.look else None
    if survey is not None:
        check("live topics", lambda: _live(survey, chosen, questions.namespace))
    profile = share_folder() / "config" / "fastdds_large_messages.xml"
    check("large messages", lambda: check_transport(questions.environment, limits_here(), profile))
    name = questions.bundle or chosen.node["bundle"]
    bundle = attempt("bundle", lambda: load_bundle(bundle_folder(name)))
    if bundle is not None:
        check("bundle", lambda: check_bundle(bundle, {source.modality for source in chosen.sources}))
        maker = backend_maker(chosen.node["threads"])
        check("ONNX Runtime", lambda: check_networks(bundle, maker, chosen.node["max_rate"]))
        backend = questions.backend or chosen.node["backend"]
        check(
            "GPU",
            lambda: check_accelerator(
                backend,
                name,
                lambda: look_safely(backend, chosen.node["precision"], bundle.folder, questions.engines),
                nvidia_is_here(),
            ),
        )
    check("engine cache", lambda: check_cache(questions.engines))
    return findings


def _live(survey: Survey, chosen: Configuration, namespace: str) -> list[Finding]:
    rules = [replace(rule, topic=resolved(rule.topic, namespace)) for rule in chosen.rules]
    return [
        *check_ros_time(survey),
        *check_live_results(survey, [resolved(topic, namespace) for topic in RESULTS]),
        *check_live_sources(survey, _resolved_sources(chosen.sources, namespace), rules),
    ]


def _resolved_sources(sources: Sequence[SourceSettings], namespace: str) -> list[SourceSettings]:
    """With full names of their topics."""

    def full(topic: str) -> str:
        return resolved(topic, namespace) if topic else ""

    return [
        replace(source, topic=full(source.topic), audio=replace(source.audio, info_topic=full(source.audio.info_topic)))
        for source in sources
    ]
