from typing import Any

import pytest
from tiny_bundle import unit_vectors

from omnibind_ros.errors import MessageError
from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.encoding import EncodingStep
from omnibind_ros.pipeline.remote_sources import FORGET_AFTER_S, REPORT_TTL_S, RemoteSources
from omnibind_ros.pipeline.source import SourceReport

SECOND = 1_000_000_000
SPACE = 7
VECTOR = unit_vectors(1)[0]


class Link:
    """What arrives from an encoder, and a clock."""

    def __init__(self) -> None:
        self.remotes = RemoteSources(space=SPACE, default_ttl_s=0.5, wanted=lambda name, modality: True)
        self.now_ns = 1000 * SECOND

    def embedding(self, source: str = "camera", **changes: Any) -> Any:
        fields = {"modality": Modality.IMAGE, "space": SPACE, **changes}
        return self.remotes.embedded(
            Embedding(source=source, vector=VECTOR, quality=0.5, stamp_ns=self.now_ns, frame_id="eye", **fields),
            self.now_ns,
        )

    def report(self, source: str = "camera", state: SourceState = SourceState.LIVE, **changes: Any) -> Any:
        fields = {"modality": Modality.IMAGE, "topic": "x", "age_s": 0.1, "rate_hz": 10.0, "latency_s": 0.01}
        fields |= {"quality": 1.0, "dropped": 2, "errors": 3, "ttl_s": 1.0, "reason": "said so", **changes}
        return self.remotes.reported(SourceReport(source=source, state=state, **fields), self.now_ns)

    def step(self, *, later_s: float = 0.0, expected: bool = True) -> EncodingStep:
        self.now_ns += round(later_s * SECOND)
        return self.remotes.step(self.now_ns, expected=expected)

    @property
    def state(self) -> SourceState:
        return self.remotes.states()["camera"]


@pytest.fixture
def link() -> Link:
    return Link()


def test_an_embedding_is_handed_out_once(link: Link) -> None:
    link.report()
    link.embedding()
    assert [one.source for one in link.step().embeddings] == ["camera"]
    assert link.step().embeddings == ()
    assert link.state is SourceState.LIVE
    assert link.remotes.ttl_s("camera") == 1.0


def test_without_a_report_its_age_alone_decides(link: Link) -> None:
    link.embedding()
    assert link.step().embeddings
    assert link.remotes.ttl_s("camera") == 0.5
    (transition,) = link.step(later_s=0.6).transitions
    assert (transition.before, transition.after) == (SourceState.LIVE, SourceState.STALE)
    assert transition.reason == "no embedding for more than 0.5 s"


@pytest.mark.parametrize("state", [SourceState.FROZEN, SourceState.FAULTY, SourceState.DISABLED, SourceState.ABSENT])
def test_what_its_encoder_says_is_not_live_does_not_count(link: Link, state: SourceState) -> None:
    link.report(state=state)
    link.embedding()
    step = link.step()
    assert step.embeddings == ()
    assert [(one.after, one.reason) for one in step.transitions] == [(state, "said so")]


def test_an_embedding_that_overtakes_the_report_is_not_lost(link: Link) -> None:
    link.report(state=SourceState.WAITING)
    link.embedding()
    assert link.step().embeddings == ()
    link.report()
    assert link.step(later_s=0.1).embeddings


def test_a_link_that_is_cut_and_restored(link: Link) -> None:
    link.report()
    link.embedding()
    link.step()
    assert link.step(later_s=1.1).transitions[0].after is SourceState.STALE
    assert link.step(later_s=1.1).transitions == ()
    assert "no report of its encoder" in link.remotes.reports(link.now_ns)[0].reason
    link.report()
    link.embedding()
    step = link.step()
    assert step.embeddings
    assert step.transitions[0].after is SourceState.LIVE


def test_while_nobody_needs_embeddings_it_is_what_its_encoder_says(link: Link) -> None:
    link.report()
    link.step(expected=False)
    assert link.state is SourceState.LIVE
    link.step(expected=True)
    assert link.state is SourceState.WAITING


def test_a_source_of_which_nothing_is_heard_is_forgotten(link: Link) -> None:
    link.report()
    link.embedding()
    link.step()
    link.step(later_s=FORGET_AFTER_S)
    assert link.remotes.states()
    assert link.step(later_s=1.0).gone == ("camera",)
    assert link.remotes.states() == {}
    assert link.remotes.ttl_s("camera") == 0.0


def test_what_is_no_longer_wanted_goes_at_once(link: Link) -> None:
    link.report()
    link.embedding()
    link.step()
    link.remotes.wanted = lambda name, modality: modality is not Modality.IMAGE
    assert link.step().gone == ("camera",)
    link.embedding()
    link.report()
    assert link.step().embeddings == ()
    assert link.remotes.states() == {}


def test_an_embedding_of_another_space_is_a_fault_until_one_fits(link: Link) -> None:
    error = link.embedding(space=8)
    assert "space 00000008" in str(error)
    link.step()
    assert link.state is SourceState.FAULTY
    assert link.embedding() is None
    link.step()
    assert link.state is SourceState.LIVE


def test_a_fused_embedding_is_refused(link: Link) -> None:
    assert "cannot be fused again" in str(link.embedding(modality=None))
    assert link.step().embeddings == ()


def test_what_cannot_be_read_is_a_fault(link: Link) -> None:
    link.embedding()
    link.remotes.failed("camera", MessageError("not a table", remedy="send one"))
    link.step()
    assert link.state is SourceState.FAULTY
    link.remotes.failed("stranger", MessageError("not a table", remedy="send one"))
    assert set(link.remotes.states()) == {"camera"}


def test_its_report_is_the_encoders_with_what_is_known_better_here(link: Link) -> None:
    link.report()
    link.embedding()
    link.embedding()
    link.step(later_s=0.25)
    (report,) = link.remotes.reports(link.now_ns)
    assert (report.age_s, report.quality, report.dropped, report.errors) == (0.25, 0.5, 3, 3)
    assert (report.topic, report.latency_s, report.rate_hz) == ("x", 0.01, 10.0)


def test_a_clock_that_jumps_back_makes_what_is_known_too_old(link: Link) -> None:
    link.embedding()
    link.step()
    link.step(later_s=-5.0)
    assert link.state is SourceState.STALE
    link.embedding()
    link.step()
    assert link.state is SourceState.LIVE


def test_reports_that_stop_are_noticed(link: Link) -> None:
    link.report(state=SourceState.FROZEN)
    link.step(later_s=REPORT_TTL_S + 0.1)
    assert link.state is SourceState.STALE


def test_one_that_changes_its_modality_begins_anew(link: Link) -> None:
    link.embedding()
    link.step()
    link.report(modality=Modality.THERMAL, state=SourceState.WAITING)
    assert link.step().embeddings == ()
    assert link.state is SourceState.WAITING


def shown(link: Link) -> SourceReport:
    (report,) = link.remotes.reports(link.now_ns)
    return report


def test_two_encoders_that_offer_the_same_source_are_told_and_the_first_one_counts(link: Link) -> None:
    told = []
    for _ in range(6):
        told.append(link.report(encoders=("arm",)))
        link.embedding()
        told.append(link.report(state=SourceState.ABSENT, encoders=("base",)))
        step = link.step(later_s=0.5)
        assert len(step.embeddings) == 1
        assert link.state is SourceState.LIVE
    assert told[:2] == [None, None]
    assert {str(error) for error in told[2::2]} == {
        "camera: it is offered by two encoders, arm and base (give one of the two another name in the parameter "
        "`sources` of its encoder)"
    }
    assert shown(link).encoders == ("arm", "base")
    assert shown(link).reason == "embeddings are arriving; another encoder offers it, too: base"
    link.now_ns += round((REPORT_TTL_S + 0.1) * SECOND)
    assert link.report(encoders=("arm",)) is None, "the other one has ended"
    assert shown(link).encoders == ("arm",)


def test_an_encoder_that_was_restarted_takes_its_place_without_a_word(link: Link) -> None:
    for _ in range(4):
        assert link.report(encoders=("before",)) is None
        link.step(later_s=0.5)
    link.step(later_s=0.2)
    for tenth in range(50):
        if tenth % 5 == 0:
            assert link.report(encoders=("after",)) is None
        link.embedding()
        link.step(later_s=0.1)
        assert link.state is SourceState.LIVE, "it is used from its first embedding on, without a gap"
    assert shown(link).encoders == ("after",)


def test_when_the_first_of_two_encoders_ends_the_other_one_counts(link: Link) -> None:
    for _ in range(3):
        link.report(encoders=("arm",))
        link.report(encoders=("base",))
        link.step(later_s=0.5)
    for _ in range(6):
        assert link.report(state=SourceState.FROZEN, encoders=("base",)) is None
        link.step(later_s=0.5)
    assert link.state is SourceState.FROZEN
    assert shown(link).encoders == ("base",)
