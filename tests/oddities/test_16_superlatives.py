"""Two papers call two meetings "the first": no rule compares words, facts decide, the keeper records what is open."""

from __future__ import annotations

from typing import Any

from coop_ledger import (
    Claim,
    Ledger,
    Rank,
    Resolution,
    Retraction,
    RetractionReason,
    Source,
    SourceKind,
    When,
    occurred,
)
from coop_ledger import events as ev
from coop_ledger.projections import ConflictKind

TALKS = "made-up-dialogue/2019"
HERALD = Source("Made-up Herald", When("2019-11-06"))
GAZETTE = Source("Made-up Gazette", When("2019-11-07"), kind=SourceKind.PRIMARY)
FIRST = "This is the first meeting of its kind in the region."
FIRST_OF_MINISTERS = "It met before; this is the first meeting at the level of ministers."


def said(position: str, speaker: str, source: Source) -> Claim:
    event = ev.StatementMade(f"meeting:{TALKS}", "which of its kind", position)
    return occurred(event, when="2019-11-05", stated="2019-11-05", parties={"speaker": speaker}, sources=source)


def session(ordinal: int, when: str, level: Rank, source: Source = GAZETTE, **more: Any) -> Claim:
    held = ev.MeetingHeld(f"made-up-forum/{ordinal}", level=level, series="made-up-forum", ordinal=ordinal)
    return occurred(held, when=when, sources=source, **more)


def test_two_superlatives_stand_side_by_side_and_no_rule_compares_them() -> None:
    ledger = Ledger.in_memory()
    ledger.record(said(FIRST, "KZ", HERALD), said(FIRST_OF_MINISTERS, "KR", GAZETTE))
    statements = ledger.meeting(TALKS).statements
    assert [(one.speakers, one.position) for one in statements] == [(("KZ",), FIRST), (("KR",), FIRST_OF_MINISTERS)]
    assert (ledger.conflicts(), ledger.duplicates(), ledger.anomalies()) == ([], [], [])


def test_the_keeper_records_an_open_conflict_decides_it_and_takes_it_back() -> None:
    ledger = Ledger.in_memory()
    claims = ledger.record(said(FIRST, "KZ", HERALD), said(FIRST_OF_MINISTERS, "KR", GAZETTE)).ids
    ledger.record(Resolution(claims, "One of them counts the meetings of vice-ministers."))
    (found,) = ledger.conflicts(f"meeting:{TALKS}")
    assert (found.kind, found.resolved, found.values) == (ConflictKind.RECORDED, False, ())
    assert [effective.id for effective in found.claims] == list(claims)
    opened = ledger.size

    (decided,) = ledger.record(Resolution(claims, "There was a meeting in 2016.", chosen=claims[1])).ids
    (found,) = ledger.conflicts(f"meeting:{TALKS}")
    assert found.resolved
    assert len(ledger.meeting(TALKS).statements) == 2
    assert [one.resolved for one in ledger.at(size=opened).conflicts(f"meeting:{TALKS}")] == [False]

    ledger.record(Retraction(decided, RetractionReason.WRONG, note="That was another meeting."))
    assert [one.resolved for one in ledger.conflicts(f"meeting:{TALKS}")] == [False]


def test_a_conflict_that_the_keeper_recorded_is_listed_once_for_all_whom_it_concerns() -> None:
    ledger = Ledger.in_memory()
    claims = ledger.record(said(FIRST, "KZ", HERALD), said(FIRST_OF_MINISTERS, "KZ", GAZETTE)).ids
    ledger.record(Resolution(claims, "Two papers, two readings."))
    assert [(one.kind, one.resolved) for one in ledger.conflicts()] == [(ConflictKind.RECORDED, False)]


def test_who_was_first_at_the_level_of_ministers_is_read_from_sessions_and_never_across_a_gap() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        session(9, "2015-10-01", Rank.DEPUTY_MINISTER),
        # a minister who came does not make it a session of ministers
        occurred(
            ev.DelegationAttended("made-up-forum/9", "UZ", ranks=(Rank.MINISTER,)), when="2015-10-01", sources=GAZETTE
        ),
        session(10, "2016-11-15", Rank.DEPUTY_MINISTER),
        session(12, "2018-11-05", Rank.MINISTER),
    )

    def of_ministers() -> list[str]:
        sessions = ledger.meetings(series="made-up-forum")
        return [one.subject for one in sessions if one.level is not None and one.level.value is Rank.MINISTER]

    assert of_ministers() == ["meeting:made-up-forum/12"]
    # no claim speaks of the eleventh, so nobody can call the twelfth the first
    assert [gap.ordinal for gap in ledger.series("made-up-forum").gaps] == [11]
    before = ledger.size
    ledger.record(session(11, "2017-11-07", Rank.MINISTER))
    assert of_ministers() == ["meeting:made-up-forum/11", "meeting:made-up-forum/12"]
    assert (ledger.series("made-up-forum").gaps, ledger.conflicts()) == ((), [])
    assert [gap.ordinal for gap in ledger.at(size=before).series("made-up-forum").gaps] == [11]


def test_a_level_on_which_a_superlative_rests_is_a_conflict_that_rules_see() -> None:
    ledger = Ledger.in_memory()
    ledger.record(session(11, "2017-11-07", Rank.MINISTER, HERALD), session(11, "2017-11-07", Rank.DEPUTY_MINISTER))
    (conflict,) = ledger.conflicts()
    assert (conflict.kind, conflict.field) == (ConflictKind.VALUES, "level")
    assert conflict.values == (Rank.DEPUTY_MINISTER, Rank.MINISTER)
    level = ledger.meeting("made-up-forum/11").level
    assert level is not None
    assert level.disputed
