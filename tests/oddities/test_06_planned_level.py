"""Announced for ministers, held by deputies, one delegation under a director-general: a shortfall, and no conflict."""

from __future__ import annotations

from coop_ledger import YES, Claim, Ledger, Rank, Source, SourceKind, Status, When, Where, announced, occurred
from coop_ledger import events as ev
from coop_ledger.cli.dataset import load_dataset

TENTH, ELEVENTH = "kcac-forum/10", "kcac-forum/11"
SIX = {"host": "TM", "participant": "KR KZ KG TJ UZ"}


def session(level: Rank) -> ev.MeetingHeld:
    return ev.MeetingHeld(ELEVENTH, kind="forum", level=level, series="kcac-forum", ordinal=11)


PLANNED = announced(
    session(Rank.MINISTER), when="2017-11", where=Where("TM", "ashgabat"), parties=SIX, stated="2017-07-03",
    sources=Source("Made-up Bulletin", When("2017-07-03"), kind=SourceKind.PRIMARY),
)  # fmt: skip
HELD = occurred(
    session(Rank.DEPUTY_MINISTER), when="2017-11-21", where=Where("TM", "ashgabat"), parties=SIX,
    sources=Source("Made-up Gazette", When("2017-11-22")),
)  # fmt: skip


def told(*more: Claim) -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(*load_dataset()[1], *more)
    return ledger


def test_a_director_general_leads_one_delegation_and_the_session_stays_one_of_deputies() -> None:
    ledger = told()
    found = ledger.meeting(TENTH)
    assert found.level is not None
    assert (found.level.value, found.level.disputed) == (Rank.DEPUTY_MINISTER, False)
    ranks = {one.party: one.ranks for one in found.participation if one.party != "KR"}
    assert ranks == {
        **dict.fromkeys(("KG", "TJ", "TM", "UZ"), (Rank.DEPUTY_MINISTER,)),
        "KZ": (Rank.DIRECTOR_GENERAL,),
    }
    (korea,) = [one for one in found.participation if one.party == "KR"]
    assert korea.ranks == ()  # listed: the level of a session is no rank of a delegation
    assert [conflict.field for conflict in ledger.conflicts(f"meeting:{TENTH}")] == ["value"]  # the attendance


def test_two_sources_give_the_kazakh_rank_and_agree() -> None:
    (kazakhs,) = [one for one in told().meeting(TENTH).participation if one.party == "KZ"]
    assert {source.publisher for source in kazakhs.readings["ranks"].sources} == {
        "Korea.net", "Ministry of Foreign Affairs of Korea",
    }  # fmt: skip
    assert (kazakhs.disputed, dict(kazakhs.planned)) == (False, {})


def test_held_by_deputies_where_ministers_were_announced_is_a_shortfall_and_no_conflict() -> None:
    ledger = told(PLANNED, HELD)
    found = ledger.meeting(ELEVENTH)
    assert found.level is not None
    assert found.planned_level is not None
    assert (found.status, found.level.value, found.planned_level.value) == (
        Status.HELD, Rank.DEPUTY_MINISTER, Rank.MINISTER,
    )  # fmt: skip
    (promise,) = ledger.commitments(subject=f"meeting:{ELEVENTH}")
    assert promise.met is YES
    assert [(one.field, one.planned, one.actual) for one in promise.differences] == [
        ("level", Rank.MINISTER, Rank.DEPUTY_MINISTER)
    ]
    assert (ledger.conflicts(f"meeting:{ELEVENTH}"), ledger.anomalies(f"meeting:{ELEVENTH}")) == ([], [])
    assert [one.ordinal for one in ledger.series("kcac-forum").sessions] == [10, 11]


def test_until_it_was_held_only_the_plan_s_level_is_known() -> None:
    ledger = told(PLANNED)
    then = ledger.at(published="2017-10-31")
    before = then.meeting(ELEVENTH)
    assert before.level is not None
    assert (before.status, before.level.value) == (Status.SCHEDULED, Rank.MINISTER)
    ledger.record(HELD)
    assert (then.meeting(ELEVENTH), ledger.at(published="2017-10-31").meeting(ELEVENTH)) == (before, before)
    known_now = ledger.at().on("2017-11-20").meeting(ELEVENTH)
    assert known_now.level is not None
    assert (known_now.status, known_now.level.value) == (Status.SCHEDULED, Rank.MINISTER)
    assert {one.field for one in ledger.diff(then, ledger, f"meeting:{ELEVENTH}")} >= {"status", "level.value"}
