"""Sources whose encoders run elsewhere: their embeddings and reports arrive, and here it is judged what counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from omnibind_ros.errors import ConfigurationError, FusionError, OmnibindError
from omnibind_ros.fusion.source_state import NANOSECONDS, SourceState, Transition
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.encoding import EncodingStep
from omnibind_ros.pipeline.source import SourceReport

# Encoders report twice a second; after so many seconds without a report one is gone, hung or cut off.
REPORT_TTL_S = 2.0
# A source of which nothing was heard for so long is no longer listed.
FORGET_AFTER_S = 30.0


@dataclass(slots=True)
class _Remote:
    name: str
    modality: Modality
    heard_ns: int
    state: SourceState = SourceState.WAITING
    reason: str = "no embedding yet"
    report: SourceReport | None = None
    reported_ns: int = 0
    rival: SourceReport | None = None
    rival_ns: int = 0
    both_report: bool = False
    newest: Embedding | None = None
    embedded_ns: int = 0
    waits: bool = False
    problem: str = ""
    dropped: int = 0


class RemoteSources:
    """One worker calls everything. Times are ROS time in nanoseconds, of this computer.

    space: number of the embedding space that can be fused. default_ttl_s: how long an embedding counts whose encoder
    does not report. wanted: which sources to follow, by name and modality.
    """

    def __init__(self, *, space: int, default_ttl_s: float, wanted: Callable[[str, Modality], bool]) -> None:
        self.space = space
        self.default_ttl_s = default_ttl_s
        self.wanted = wanted
        self._remotes: dict[str, _Remote] = {}

    def embedded(self, embedding: Embedding, now_ns: int) -> OmnibindError | None:
        """An embedding came in. Returns why it cannot be used, if it cannot."""
        if embedding.modality is None:
            return FusionError(
                "a fused embedding cannot be fused again",
                remedy="publish the sources' own on `embedding/<source>`",
                source=embedding.source,
            )
        remote = self._remote(embedding.source, embedding.modality, now_ns)
        if remote is None:
            return None
        if embedding.space != self.space:
            error = FusionError(
                f"its embeddings come from space {embedding.space:08x}, this bundle's is {self.space:08x}",
                remedy="run every encoder and the fusion with the same bundle",
                source=embedding.source,
            )
            remote.problem = f"{error.problem} ({error.remedy})"
            return error
        remote.problem = ""
        remote.dropped += remote.waits
        remote.newest, remote.embedded_ns, remote.waits = embedding, now_ns, True
        return None

    def reported(self, report: SourceReport, now_ns: int) -> OmnibindError | None:
        """An encoder told about one of its sources. Returns what is wrong with that, if anything is.

        Of two encoders that offer a source of the same name the first one's word counts, as long as it reports.
        """
        remote = self._remote(report.source, report.modality, now_ns)
        if remote is None:
            return None
        if _too_old(remote.rival_ns, REPORT_TTL_S, now_ns):
            remote.rival, remote.both_report = None, False
        first = remote.report.encoders if remote.report else report.encoders
        if report.encoders != first and not _too_old(remote.reported_ns, REPORT_TTL_S, now_ns):
            # The other may have ended and this one taken its place: only if that reports once more, there are two.
            remote.rival, remote.rival_ns = report, now_ns
            return None
        if report.encoders != first:
            remote.rival, remote.both_report = None, False
        remote.report, remote.reported_ns = report, now_ns
        if remote.rival is None:
            return None
        remote.both_report = True
        return ConfigurationError(
            f"it is offered by two encoders, {' and '.join(sorted((*first, *remote.rival.encoders)))}",
            remedy="give one of the two another name in the parameter `sources` of its encoder",
            source=report.source,
        )

    def failed(self, source: str, error: OmnibindError) -> None:
        """A message on a source's embedding topic could not be read."""
        if source in self._remotes:
            self._remotes[source].problem = f"{error.problem} ({error.remedy})"

    def step(self, now_ns: int, *, expected: bool) -> EncodingStep:
        """Settle every source's state; the embeddings of the live ones that were not handed out yet.

        expected: whether embeddings are subscribed to; if not, a source is what its encoder says.
        """
        gone = [remote.name for remote in self._remotes.values() if self._is_gone(remote, now_ns)]
        for name in gone:
            del self._remotes[name]
        embeddings, transitions = [], []
        for name in sorted(self._remotes):
            remote = self._remotes[name]
            before = remote.state
            self._succeed(remote, now_ns)
            remote.state, remote.reason = self._judge(remote, now_ns, expected=expected)
            if remote.state is not before:
                transitions.append(Transition(name, before, remote.state, remote.reason))
            if remote.state is SourceState.LIVE and remote.waits and remote.newest is not None:
                embeddings.append(remote.newest)
                remote.waits = False
        return EncodingStep(tuple(embeddings), tuple(transitions), (), tuple(gone))

    def ttl_s(self, source: str) -> float:
        """How long an embedding of a source counts; not at all when the source is gone."""
        remote = self._remotes.get(source)
        return self._ttl_s(remote) if remote else 0.0

    def states(self) -> dict[str, SourceState]:
        """The state of every source as of the last step."""
        return {name: self._remotes[name].state for name in sorted(self._remotes)}

    def reports(self, now_ns: int) -> list[SourceReport]:
        """What to tell about every source: its encoder's report, with what is known better here."""
        return [self._report(self._remotes[name], now_ns) for name in sorted(self._remotes)]

    def _remote(self, source: str, modality: Modality, now_ns: int) -> _Remote | None:
        if not self.wanted(source, modality):
            return None
        known = self._remotes.get(source)
        if known is None or known.modality is not modality:
            known = self._remotes[source] = _Remote(source, modality, now_ns)
        known.heard_ns = now_ns
        return known

    def _is_gone(self, remote: _Remote, now_ns: int) -> bool:
        silent = now_ns - remote.heard_ns > FORGET_AFTER_S * NANOSECONDS
        return silent or not self.wanted(remote.name, remote.modality)

    def _ttl_s(self, remote: _Remote) -> float:
        return remote.report.ttl_s if remote.report else self.default_ttl_s

    @staticmethod
    def _succeed(remote: _Remote, now_ns: int) -> None:
        """Once the first encoder is silent, the word of the one that came meanwhile counts: it was started again."""
        if (
            remote.rival is not None
            and _too_old(remote.reported_ns, REPORT_TTL_S, now_ns)
            and not _too_old(remote.rival_ns, REPORT_TTL_S, now_ns)
        ):
            remote.report, remote.reported_ns = remote.rival, remote.rival_ns
            remote.rival, remote.both_report = None, False

    def _judge(self, remote: _Remote, now_ns: int, *, expected: bool) -> tuple[SourceState, str]:
        report = remote.report
        if remote.problem:
            return SourceState.FAULTY, remote.problem
        if report is not None:
            if _too_old(remote.reported_ns, REPORT_TTL_S, now_ns):
                return SourceState.STALE, f"no report of its encoder for more than {REPORT_TTL_S:g} s"
            if report.state is not SourceState.LIVE or not expected:
                return report.state, report.reason
        if remote.newest is None:
            return SourceState.WAITING, "no embedding yet"
        if _too_old(remote.embedded_ns, self._ttl_s(remote), now_ns):
            return SourceState.STALE, f"no embedding for more than {self._ttl_s(remote):g} s"
        return SourceState.LIVE, "embeddings are arriving"

    def _report(self, remote: _Remote, now_ns: int) -> SourceReport:
        report = remote.report or SourceReport(
            source=remote.name,
            modality=remote.modality,
            topic="",
            state=remote.state,
            reason=remote.reason,
            age_s=None,
            rate_hz=0.0,
            latency_s=None,
            quality=None,
            dropped=0,
            errors=0,
            ttl_s=self.default_ttl_s,
        )
        newest = remote.newest
        rivals = remote.rival.encoders if remote.rival and remote.both_report else ()
        return replace(
            report,
            state=remote.state,
            reason=f"{remote.reason}; another encoder offers it, too: {', '.join(rivals)}" if rivals else remote.reason,
            encoders=(*report.encoders, *rivals),
            age_s=max(0.0, (now_ns - remote.embedded_ns) / NANOSECONDS) if newest else report.age_s,
            quality=newest.quality if newest else report.quality,
            dropped=report.dropped + remote.dropped,
        )


def _too_old(when_ns: int, limit_s: float, now_ns: int) -> bool:
    # From the future: the clock has jumped back, and what is remembered belongs to another time.
    return not 0 <= now_ns - when_ns <= limit_s * NANOSECONDS
