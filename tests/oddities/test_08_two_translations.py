"""
One head of delegation directs, in English, a department for Asian and, in Korean, one for multilateral cooperation: a
rank in two translations is no conflict, since codes are compared and words never are (D6).
"""

from __future__ import annotations

from datetime import date

from coop_ledger import YES, Claim, Ledger, Rank, Source, SourceKind, When, occurred
from coop_ledger import events as ev

SESSION = "kcac-forum/10"
DEPARTMENT = "institution:kz-mfa-cooperation-department"
KOREA_NET = Source("Korea.net", When("2016-11-18"), language="en", kind=SourceKind.PRIMARY)
MINISTRY = Source("Ministry of Foreign Affairs of Korea", When("2016-11-16"), language="ko", kind=SourceKind.PRIMARY)
ASIAN = "Director General of a department for Asian cooperation"
MULTILATERAL = "Director of the department for multilateral cooperation"


def delegation(source: Source, words: str, rank: Rank = Rank.DIRECTOR_GENERAL, written: str | None = None) -> Claim:
    event = ev.DelegationAttended(SESSION, "KZ", "p-b5a6", written, (rank,), words)
    return occurred(event, when="2016-11-15", sources=source)


def of_2016() -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(delegation(KOREA_NET, ASIAN, written="Alibek Bakayev"), delegation(MINISTRY, MULTILATERAL))
    return ledger


def test_two_translations_of_one_title_are_one_rank_in_two_voices() -> None:
    ledger = of_2016()
    (kazakhs,) = ledger.meeting(SESSION).participation
    assert (kazakhs.ranks, kazakhs.head, kazakhs.disputed) == ((Rank.DIRECTOR_GENERAL,), "p-b5a6", False)
    assert len(kazakhs.readings["ranks"].voices) == 2
    assert (ledger.conflicts(), ledger.anomalies(), ledger.duplicates()) == ([], [], [])
    before = ledger.at(published="2016-11-16").meeting(SESSION)
    assert [one.ranks for one in before.participation] == [(Rank.DIRECTOR_GENERAL,)]


def test_both_wordings_stay_as_they_were_written_and_dispute_nothing() -> None:
    (kazakhs,) = of_2016().meeting(SESSION).participation
    assert kazakhs.delegation is not None
    worded = kazakhs.delegation.reading("rank_as_worded")
    assert worded is not None
    assert set(worded.values) == {ASIAN, MULTILATERAL}
    assert not worded.disputed
    assert "rank_as_worded" not in kazakhs.delegation.disputes


def test_words_of_a_level_and_a_kind_are_no_conflict_either() -> None:
    ledger = Ledger.in_memory()
    for source, kind, words in (
        (KOREA_NET, "forum", "vice-ministerial"),
        (MINISTRY, "cooperation forum", "deputy ministers"),
    ):
        held = ev.MeetingHeld(SESSION, kind, Rank.DEPUTY_MINISTER, words)
        ledger.record(occurred(held, when="2016-11-15", sources=source))
    session = ledger.meeting(SESSION)
    assert session.held is not None
    readings = [session.held.reading(field) for field in ("kind", "level", "level_as_worded")]
    assert [reading.disputed for reading in readings if reading is not None] == [False, False, False]
    assert ledger.conflicts() == []


def test_another_rank_is_a_conflict_whatever_the_words() -> None:
    ledger = of_2016()
    known = ledger.size
    ledger.record(delegation(Source("Made-up Herald", When("2016-11-17")), MULTILATERAL, Rank.AMBASSADOR))
    (conflict,) = ledger.conflicts()
    assert (conflict.subject, conflict.field) == ("meeting:kcac-forum/10", "ranks")
    assert conflict.values == ((Rank.DIRECTOR_GENERAL,), (Rank.AMBASSADOR,))
    (kazakhs,) = ledger.meeting(SESSION).participation
    assert (kazakhs.ranks, kazakhs.disputed) == ((Rank.DIRECTOR_GENERAL,), True)
    assert ledger.at(size=known).conflicts() == []


def test_a_department_with_two_names_in_use_is_one_department() -> None:
    ledger = Ledger.in_memory()
    names = {"Department for Asian Cooperation": KOREA_NET, "Department for Multilateral Cooperation": MINISTRY}
    for name, source in names.items():
        ledger.record(occurred(ev.NameUsed(DEPARTMENT, name, language="en"), when="2016-11-15", sources=source))
    assert ledger.conflicts() == []
    assert ledger.name(DEPARTMENT).called_on(date(2016, 11, 15)) == dict.fromkeys(names, YES)
    assert [ledger.subjects(kind="institution", name=name) for name in names] == [[DEPARTMENT], [DEPARTMENT]]
