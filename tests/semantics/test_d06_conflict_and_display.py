"""D6: who disagrees with whom, what is shown, and what the keeper decided."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    NO,
    UNDECIDED,
    YES,
    Answer,
    Bounds,
    Claim,
    Rank,
    Resolution,
    Retraction,
    RetractionReason,
    Source,
    SourceKind,
    When,
    Where,
    announced,
    denied,
    observed,
    occurred,
    proposed,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    ConflictKind,
    Figure,
)
from coop_ledger.projections.collecting import collect
from coop_ledger.projections.figures import figures_agree
from coop_ledger.projections.voices import voices_of
from tests.ledger.support import History
from tests.projections.support import (
    KOREA_NET,
    MINISTRY,
    OPENED,
    PRESS,
    REPRINT,
    START_DAY,
    UNDATED,
    YONHAP,
    effective,
    entries,
    entry,
    milestone,
    point,
    small,
)
from tests.reference.rules import possible_days


def held(*sources: Source, when: str | None = "2016-11-15", **fields: Any) -> Claim:
    where = fields.pop("where", None)
    stated_by = fields.pop("stated_by", None)
    return occurred(ev.MeetingHeld("forum/10", **fields), when=when, where=where, stated_by=stated_by, sources=sources)


def test_a_voice_is_who_said_it_else_who_was_relayed() -> None:
    assert voices_of(effective(0, held(REPRINT))) == {"yonhap"}
    assert voices_of(effective(0, held(REPRINT, stated_by="KR"))) == {"KR"}
    assert voices_of(effective(0, held(YONHAP, REPRINT))) == {"yonhap"}
    assert voices_of(effective(0, held(KOREA_NET, PRESS))) == {"korea.net", "asia economy"}


def shown(*claims: Claim) -> tuple[str, bool]:
    found = milestone(*claims).when
    assert found is not None
    return str(found.value), found.disputed


def test_most_voices_are_shown_and_a_reprint_adds_none() -> None:
    early, late = "2016-11-14", "2016-11-15"
    assert shown(held(PRESS, when=early), held(KOREA_NET, when=late), held(MINISTRY, when=late)) == (late, True)
    # two papers with one voice do not outvote one
    reprinted = (held(YONHAP, when=early), held(REPRINT, when=early), held(MINISTRY, when=late))
    assert shown(*reprinted) == (late, True)


def test_then_the_best_kind_then_the_earliest_then_the_lowest_position() -> None:
    early, late = "2016-11-14", "2016-11-15"
    assert shown(held(PRESS, when=early), held(KOREA_NET, when=late)) == (late, True)
    assert shown(held(YONHAP, when=early), held(PRESS, when=late)) == (early, True)
    old, new = (Source(name, When(day)) for name, day in (("Old", "2016-11-16"), ("New", "2016-11-17")))
    assert shown(held(new, when=early), held(old, when=late)) == (late, True)
    assert shown(held(new, when=early), held(Source("Undated"), when=late)) == (early, True)
    first, second = Source("First"), Source("Second")
    assert shown(held(first, when=late), held(second, when=early)) == (late, True)


def test_a_voice_on_both_sides_counts_on_neither() -> None:
    both = Source("Both", When("2016-11-16"), kind=SourceKind.PRIMARY)
    claims = (held(both, when="2016-11-14"), held(both, when="2016-11-15"), held(UNDATED, when="2016-11-15"))
    assert shown(*claims) == ("2016-11-15", True)
    first = (held(both, when="2016-11-13"), held(PRESS, when="2016-11-13"), held(both, when="2016-11-14"))
    assert shown(*first, held(MINISTRY, when="2016-11-15")) == ("2016-11-13", True)  # one voice each; out first
    tertiary = (held(both, when="2016-11-13"), held(UNDATED, when="2016-11-13"), held(both, when="2016-11-14"))
    early = Source("Agency", When("2016-11-01"), kind=SourceKind.PRIMARY)
    assert shown(*tertiary, held(early, when="2016-11-15")) == ("2016-11-15", True)  # two voices are one here


def test_agreeing_claims_are_not_disputed_and_their_sources_stand_together() -> None:
    found = milestone(held(KOREA_NET), held(MINISTRY, when="2016-11"), held(PRESS, when=None))
    assert not found.disputed
    assert found.when is not None
    assert str(found.when.value) == "2016-11-15"
    assert found.when.sources == (PRESS, MINISTRY, KOREA_NET) or set(found.when.sources) == {PRESS, MINISTRY, KOREA_NET}
    assert set(found.sources) == {PRESS, MINISTRY, KOREA_NET}
    assert found.positions == (0, 1, 2)


def test_codes_conflict_and_words_never_do() -> None:
    one = held(KOREA_NET, level=Rank.MINISTER, kind="forum", where=Where("KR", "seoul"))
    other = held(MINISTRY, level=Rank.DEPUTY_MINISTER, kind="session", where=Where("KR", "busan"))
    silent = held(PRESS, where=Where(meeting="forum"))
    disputes = milestone(one, other, silent).disputes
    assert set(disputes) == {"level", "where.place"}
    assert disputes["level"].value is Rank.DEPUTY_MINISTER  # equal kinds; the ministry published first


def test_words_of_a_field_are_shown_and_never_disputed() -> None:
    found = milestone(
        occurred(ev.MeetingHeld("forum/10", kind="forum"), when="2016-11-15", sources=PRESS),
        occurred(ev.MeetingHeld("forum/10", kind="conference"), when="2016-11-15", sources=KOREA_NET),
    )
    kind = found.reading("kind")
    assert kind is not None
    assert (kind.value, kind.disputed, len(kind.claims)) == ("conference", False, 2)
    assert found.disputes == {}


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (("exact", 150), ("exact", 150), True),
        (("exact", 150), ("exact", 200), False),
        (("about", 150), ("exact", 150), True),
        (("about", 150), ("about", 200), False),
        (("at-least", 150), ("exact", 200), True),
        (("at-least", 200), ("exact", 150), False),
        (("at-least", 150), ("at-most", 150), True),
        (("at-least", 151), ("at-most", 150), False),
        (("at-least", 151), ("at-least", 9), True),
        (("at-most", 151), ("at-most", 9), True),
    ],
)
def test_figures_conflict_only_if_no_number_fits_both(
    one: tuple[str, int], other: tuple[str, int], agree: bool
) -> None:
    figures = [Figure(Decimal(value), ev.Qualifier(qualifier), "persons") for qualifier, value in (one, other)]
    assert figures_agree(*figures) is figures_agree(*reversed(figures)) is agree
    assert (
        str(figures[0])
        == {"exact": "", "about": "about "}.get(one[0], one[0].replace("-", " ") + " ") + f"{one[1]} persons"
    )


def test_a_disputed_figure_shows_all_its_values() -> None:
    def attendance(value: int, *sources: Source, when: str = "2016-11-15") -> Claim:
        event = ev.FigureReported(
            "meeting:forum/10", "attendance", Decimal(value), "persons", qualifier=ev.Qualifier.ABOUT
        )
        return occurred(event, when=when, sources=sources)

    found = milestone(attendance(150, PRESS), attendance(200, KOREA_NET), attendance(200, MINISTRY))
    reading = found.disputes["value"]
    assert [str(value) for value in reading.values] == ["about 200 persons", "about 150 persons"]
    assert [one.claim.sources for one in reading.against] == [(PRESS,)]
    assert str(Figure(Decimal(7), ev.Qualifier.EXACT)) == "7"
    years = collect(effective(at, attendance(at, PRESS, when=f"201{at}")) for at in range(3))
    assert len(years) == 3
    assert not any(year.disputed for year in years)


@pytest.mark.parametrize(
    ("claims", "expected", "disputed"),
    [
        ([occurred(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([observed(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([denied(OPENED, sources=KOREA_NET)], NO, False),
        ([announced(OPENED, when="2017", sources=KOREA_NET)], UNDECIDED, False),
        ([occurred(OPENED, when="2017", sources=KOREA_NET), denied(OPENED, sources=PRESS)], YES, True),
        ([occurred(OPENED, when="2017", sources=PRESS), denied(OPENED, sources=KOREA_NET)], NO, True),
        ([occurred(OPENED, when="2018", sources=PRESS), denied(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([occurred(OPENED, when="2018", sources=PRESS), denied(OPENED, when="2018-05", sources=KOREA_NET)], NO, True),
        ([observed(OPENED, when="2018", sources=PRESS), denied(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([observed(OPENED, when="2018", sources=PRESS), denied(OPENED, when="../2018", sources=KOREA_NET)], NO, True),
        ([observed(OPENED, when="2018", sources=PRESS), denied(OPENED, when="../2017", sources=KOREA_NET)], YES, False),
        ([observed(OPENED, when="2018", sources=PRESS), denied(OPENED, sources=KOREA_NET)], NO, True),
    ],
)
def test_occurred_against_denied(claims: list[Claim], expected: Answer, disputed: bool) -> None:
    found = milestone(*claims)
    assert (found.has_happened, found.disputed) == (expected, disputed)


def test_a_vague_date_hides_no_conflict_between_exact_ones() -> None:
    found = milestone(held(PRESS, when="2016"), held(KOREA_NET, when="2016-03"), held(MINISTRY, when="2016-09"))
    assert found.when is not None
    assert str(found.when.value) == "2016-09"  # equal kinds; the ministry published first
    assert [item.position for item in found.when.against] == [1]
    assert found.disputed


@given(st.lists(st.tuples(small, st.sampled_from((PRESS, KOREA_NET, YONHAP, REPRINT))), min_size=1, max_size=4))
def test_dates_are_disputed_if_no_day_fits_all(said: list[tuple[tuple[int, int], Source]]) -> None:
    found = milestone(*(held(source, when=str(point(ends))) for ends, source in said)).when
    assert found is not None
    assert found.disputed is not bool(possible_days([ends for ends, _ in said]))
    fitting = possible_days([said[item.position][0] for item in found.claims])
    assert found.value.first == Bounds(START_DAY + timedelta(min(fitting)), START_DAY + timedelta(max(fitting)))


def test_plans_never_vote_on_what_occurred() -> None:
    plans = [announced(ev.MeetingHeld("forum/10"), when="2017", sources=source) for source in (KOREA_NET, MINISTRY)]
    found = milestone(*plans, proposed(ev.MeetingHeld("forum/10"), when="2018", sources=YONHAP), held(PRESS))
    assert (str(found.when and found.when.value), found.disputed) == ("2016-11-15", False)


# what the keeper decided

HELD_A, HELD_B = held(KOREA_NET, when="2016-11-14"), held(PRESS, when="2016-11-15")
IDS = [entry(at, HELD_A).id for at in range(9)]


def forum(*bodies: Any) -> Any:
    return History(entries(*bodies)).ledger


def test_a_resolution_decides_what_is_shown() -> None:
    ledger = forum(HELD_A, HELD_B, Resolution((IDS[0], IDS[1]), "the programme says so", IDS[1]))
    held_ = ledger.meeting("forum/10").held
    assert (str(held_.when.value), held_.disputed) == ("2016-11-15", False)
    (conflict,) = ledger.conflicts()
    assert (conflict.kind, conflict.field, conflict.resolved) == (ConflictKind.VALUES, "when", True)
    assert conflict.ruling.rationale == "the programme says so"
    assert [item.position for item in conflict.claims] == [0, 1]
    assert set(conflict.sources) == {KOREA_NET, PRESS}
    assert ledger.at(size=2).meeting("forum/10").held.disputed


def test_any_later_claim_that_disagrees_reopens_it() -> None:
    decided = Resolution((IDS[0], IDS[1]), "so", IDS[1])
    agreeing = forum(HELD_A, HELD_B, decided, held(YONHAP, when="2016-11-15"))
    assert not agreeing.meeting("forum/10").held.disputed
    for other in ("2016-11-14", "2016-11-16"):
        reopened = forum(HELD_A, HELD_B, decided, held(YONHAP, when=other))
        assert reopened.meeting("forum/10").held.disputed
        (conflict,) = reopened.conflicts("meeting:forum/10")
        assert not conflict.resolved
        assert conflict.ruling is None


def test_the_last_resolution_counts_and_one_taken_back_does_not() -> None:
    first = Resolution((IDS[0], IDS[1]), "the programme", IDS[1])
    second = Resolution((IDS[0], IDS[1]), "the minutes", IDS[0])

    def shown_by(*acts: Any) -> tuple[str, bool]:
        found = forum(HELD_A, HELD_B, *acts).meeting("forum/10").held
        return str(found.when.value), found.disputed

    assert shown_by(first, second) == ("2016-11-14", False)
    assert shown_by(second, first) == ("2016-11-15", False)
    assert shown_by(first, second, Retraction(IDS[3], RetractionReason.WRONG)) == ("2016-11-15", False)
    still_open = Resolution((IDS[0], IDS[1]), "two readings")
    assert shown_by(first, still_open) == ("2016-11-14", True)
    (conflict,) = forum(HELD_A, HELD_B, first, still_open).conflicts()
    assert (conflict.resolved, conflict.ruling.rationale) == (False, "two readings")
    assert shown_by(first, Retraction(IDS[1], RetractionReason.WRONG)) == (
        "2016-11-14",
        False,
    )  # what was chosen is gone


def test_a_conflict_that_no_rule_sees_is_recorded_and_later_decided() -> None:
    """Two readings of "first ever": nothing in the claims disagrees."""
    found = forum(HELD_A, held(MINISTRY, when="2016-11-14"), Resolution((IDS[0], IDS[1]), "first ever, says one"))
    (conflict,) = found.conflicts()
    assert (conflict.kind, conflict.resolved, conflict.field) == (ConflictKind.RECORDED, False, "")
    assert [item.position for item in conflict.claims] == [0, 1]
    assert not found.meeting("forum/10").held.disputed
    decided = forum(
        HELD_A,
        held(MINISTRY, when="2016-11-14"),
        Resolution((IDS[0], IDS[1]), "first ever, says one"),
        Resolution((IDS[1], IDS[0]), "the other misread", IDS[0]),
    )
    (conflict,) = decided.conflicts()
    assert (conflict.kind, conflict.resolved, conflict.ruling.rationale) == (
        ConflictKind.RECORDED, True, "the other misread",
    )  # fmt: skip
    gone = forum(
        HELD_A,
        held(MINISTRY, when="2016-11-14"),
        Resolution((IDS[0], IDS[1]), "first ever, says one"),
        Retraction(IDS[0], RetractionReason.WRONG),
    )
    assert gone.conflicts() == []


def test_a_recorded_conflict_stands_under_what_its_claims_are_about() -> None:
    """Of a session not under its series, of a statement not under its speakers; of two subjects under each."""
    session = ev.MeetingHeld("forum/10", series="forum", ordinal=10)
    both = {"participant": "KR KZ"}
    claims = [
        occurred(session, when="2016-11-15", sources=KOREA_NET, parties=both),
        occurred(session, when="2016-11-16", sources=PRESS, parties=both),
    ]
    decided = forum(*claims, Resolution((IDS[0], IDS[1]), "the host counts", IDS[0]))
    assert [(one.kind, one.subject, one.resolved) for one in decided.conflicts()] == [
        (ConflictKind.VALUES, "meeting:forum/10", True)
    ]
    assert (decided.relationship("KR", "KZ").conflicts, decided.conflicts("series:forum")) == ((), [])
    says = ev.StatementMade("meeting:forum/10", "which of its kind", "the first")
    said = [
        occurred(says, stated="2016-11-15", sources=paper, parties={"speaker": "KZ"}) for paper in (PRESS, MINISTRY)
    ]
    open_one = Resolution((IDS[0], IDS[1]), "two readings")
    (stated,) = forum(*said, open_one).conflicts()
    assert (stated.kind, stated.subject) == (ConflictKind.RECORDED, "meeting:forum/10")
    other = occurred(ev.MeetingHeld("forum/11"), when="2017-11-15", sources=PRESS)
    apart = forum(claims[0], other, open_one).conflicts()
    assert {one.subject: [effective.position for effective in one.claims] for one in apart} == {
        "meeting:forum/10": [0], "meeting:forum/11": [1],
    }  # fmt: skip


def test_conflicts_of_every_kind_are_listed_with_both_sides() -> None:
    ledger = forum(
        HELD_A,
        denied(ev.MeetingHeld("forum/10"), when="2016-11", sources=PRESS),
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2018", stated="2016-11-15", sources=PRESS),
        occurred(ev.AgreementSigned("mou"), when="2016-01", sources=PRESS, parties={"signatory": "KR KZ"}),
        occurred(ev.AgreementSigned("mou"), when="2016-02", sources=KOREA_NET, parties={"signatory": "KR KZ"}),
    )
    found = {conflict.kind: conflict for conflict in ledger.conflicts()}
    assert len(ledger.conflicts()) == 3
    denial = found[ConflictKind.DENIAL]
    assert (denial.field, [item.position for item in denial.claims], denial.values) == ("happened", [0, 1], (YES, NO))
    plans = found[ConflictKind.PLANS]
    assert ([str(value) for value in plans.values], plans.field) == (["2017", "2018"], "target")
    values = found[ConflictKind.VALUES]
    assert values.keys == (("KR",), ("KZ",))  # one conflict, though the claims feed two milestones


@pytest.mark.parametrize("kind", list(SourceKind))
def test_a_reprint_never_stands_above_what_it_relays(kind: SourceKind) -> None:
    if kind in (SourceKind.REPRINT, SourceKind.TERTIARY):
        return
    original = Source("Gazette", When("2018-10-02"), kind=kind)
    reprint = Source("Daily", When("2018-10-03"), kind=SourceKind.REPRINT, relays="Gazette")
    found = milestone(
        occurred(OPENED, when="2018-10-01", sources=reprint), occurred(OPENED, when="2018-09-28", sources=original)
    )
    assert (str(found.dating), found.disputed) == ("2018-09-28", True)
