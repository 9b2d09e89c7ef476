"""Whether anybody recognises, and whether those who listen can hear it."""

from collections.abc import Iterator, Sequence

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning
from omnibind_ros.diagnosis.survey import Survey

RESULTS = ("recognition", "sources", "evidence", "fused_embedding")


def check_live_results(survey: Survey, topics: Sequence[str]) -> Iterator[Finding]:
    """topics: full names of `RESULTS`, the recognition first."""
    recognisers = sorted({one.node for one in survey.publishers(topics[0])})
    if not recognisers:
        yield warning(
            "running nodes",
            f"nobody publishes on {topics[0]}",
            "run `ros2 launch omnibind_ros perception.launch.py`; with a namespace, tell it: --namespace",
        )
    elif len(recognisers) > 1:
        yield warning(
            "running nodes",
            f"{', '.join(recognisers)} all publish on {topics[0]}",
            "end all but one, or give each a namespace",
        )
    else:
        yield ok("running nodes", f"{recognisers[0]} recognises")
    for topic in topics:
        for mismatch in survey.topics[topic].mismatches if topic in survey.topics else ():
            yield problem(
                "results",
                f"{topic}: {mismatch}",
                "let the subscriber ask for volatile durability, without deadline or liveliness, or set "
                f"`qos_overrides.{topic}.publisher` as docs/parameters.md says",
            )
