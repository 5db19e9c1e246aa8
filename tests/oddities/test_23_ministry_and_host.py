"""Oddity 23: a ministry is renamed, and host and secretariat are confused: one body each, whatever it is called."""

from __future__ import annotations

from datetime import date

from coop_ledger import (
    NO,
    UNDECIDED,
    YES,
    Answer,
    Claim,
    Correction,
    Ledger,
    Source,
    SourceKind,
    Status,
    When,
    announced,
    observed,
    occurred,
)
from coop_ledger import events as ev

MINISTRY, FOUNDATION, SECRETARIAT = "institution:mofa", "institution:korea-foundation", "institution:kcac-secretariat"
WITH_TRADE, WITHOUT = "Ministry of Foreign Affairs and Trade", "Ministry of Foreign Affairs"
KOREA_NET = Source("Korea.net", When("2016-11-18"), author="Lee Hana", language="en", kind=SourceKind.PRIMARY)
RELEASE = Source("Ministry of Foreign Affairs of Korea", When("2016-11-16"), language="ko", kind=SourceKind.PRIMARY)
REGISTER = Source("Made-up Register of Ministries", When("2016-01-04"), kind=SourceKind.PRIMARY)
COURIER = Source("Made-up Courier", When("2018-02-03"))
ERRATUM = Source("Made-up Courier", When("2018-02-06"), title="We confused the host and its guest")
SIX = {"participant": "KR KZ KG TJ TM UZ"}


def named(name: str, when: str, source: Source = REGISTER) -> Claim:
    return occurred(ev.NameUsed(MINISTRY, name, language="en"), when=when, sources=source)


def called(ledger: Ledger, day: str) -> dict[str, Answer]:
    return {str(name): answer for name, answer in ledger.name(MINISTRY).called_on(date.fromisoformat(day)).items()}


def forum() -> Ledger:
    """What was said of the secretariat and of its host in November 2016."""
    ledger = Ledger.in_memory()
    ledger.record(
        announced(ev.InstitutionOpened("kcac-secretariat"), when="2017-41", parties=SIX, sources=RELEASE),
        occurred(ev.OfficeTaken("kcac-secretariat", "head", "p-k7s2"), when="2016-11-15", sources=RELEASE),
        announced(ev.HostDesignated("kcac-secretariat", FOUNDATION), when="2017", parties=SIX, sources=KOREA_NET),
        occurred(ev.NameUsed(FOUNDATION, "Korea Foundation", language="en"), sources=KOREA_NET),
    )
    return ledger


def test_a_renamed_ministry_is_one_body_with_a_name_for_each_day() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        named(WITHOUT, "1948-07-17/1998-02-27"),
        named(WITH_TRADE, "1998-02-28/2013-03-22"),
        named(WITHOUT, "2013-03-23/.."),
    )
    days = ("1995-06-01", "1998-02-28", "2013-03-22", "2013-03-23", "2016-11-15")
    assert [called(ledger, day) for day in days] == [
        {WITHOUT: YES}, {WITH_TRADE: YES}, {WITH_TRADE: YES}, {WITHOUT: YES}, {WITHOUT: YES},
    ]  # fmt: skip
    assert [period.value for period in ledger.name(MINISTRY).periods] == [(WITHOUT,), (WITH_TRADE,), (WITHOUT,)]
    assert [str(state.subject) for state in ledger.institutions()] == [MINISTRY]
    assert (ledger.conflicts(), ledger.anomalies()) == ([], [])


def test_a_late_text_with_the_old_name_means_the_same_ministry_and_contradicts_nobody() -> None:
    ledger = Ledger.in_memory()
    ledger.record(named(WITH_TRADE, "1998-02-28/2013-03-22"), named(WITHOUT, "2013-03-23/.."))
    ledger.record(named(WITH_TRADE, "2016-11-17", Source("Made-up Courier", When("2016-11-17"))))
    assert called(ledger, "2016-11-17") == {WITH_TRADE: YES, WITHOUT: YES}
    assert called(ledger, "2013-03-22")[WITH_TRADE] is YES
    for name in (WITH_TRADE, WITHOUT):
        assert ledger.subjects(kind="institution", name=name) == [MINISTRY]
    assert (ledger.conflicts(), ledger.anomalies()) == ([], [])


def test_host_and_secretariat_are_two_institutions() -> None:
    ledger = forum()
    foundation, secretariat = ledger.institution(FOUNDATION), ledger.institution(SECRETARIAT)
    assert [str(state.subject) for state in ledger.institutions()] == [SECRETARIAT, FOUNDATION]
    assert secretariat.host is not None
    assert (secretariat.host.id.key, secretariat.host.has_happened) == ((FOUNDATION,), UNDECIDED)
    assert (secretariat.status, [one.value for one in secretariat.officers]) == (Status.PLANNED, [("head", "p-k7s2")])
    assert (foundation.status, foundation.opened, foundation.host, foundation.officers) == (
        Status.UNRECORDED, None, None, (),
    )  # fmt: skip
    assert (foundation.names, secretariat.names) == (("Korea Foundation",), ())
    assert {promise.subject for promise in ledger.commitments()} == {SECRETARIAT}


def test_heads_of_two_bodies_do_not_conflict() -> None:
    ledger = forum()
    ledger.record(
        observed(ev.OfficeTaken("korea-foundation", "head", "p-3c9e"), when="2016-11-16", sources=KOREA_NET),
        observed(ev.OfficeTaken("kcac-secretariat", "head", "p-k7s2"), when="2016-11-16", sources=KOREA_NET),
    )
    heads = [[one.value for one in ledger.institution(body).officers] for body in (FOUNDATION, SECRETARIAT)]
    assert heads == [[("head", "p-3c9e")], [("head", "p-k7s2")]]
    assert ledger.conflicts() == []


def test_a_text_that_confuses_them_is_corrected_and_moves_with_its_source() -> None:
    ledger = forum()
    mistaken = occurred(ev.InstitutionOpened("korea-foundation"), when="2018-02-01", sources=COURIER)
    meant = occurred(ev.InstitutionOpened("kcac-secretariat"), when="2018-02-01", sources=COURIER)
    (report,) = ledger.record(mistaken).ids
    assert [ledger.institution(body).status for body in (FOUNDATION, SECRETARIAT)] == [Status.OPEN, Status.PLANNED]
    ledger.record(Correction(report, meant, "It meant the secretariat, of which the foundation is host.", (ERRATUM,)))
    before = ledger.at(published="2018-02-05")
    stands = [[view.institution(body).status for body in (FOUNDATION, SECRETARIAT)] for view in (before, ledger.at())]
    assert stands == [[Status.OPEN, Status.PLANNED], [Status.UNRECORDED, Status.OPEN]]
    opening = next(one for one in ledger.commitments() if one.event is ev.InstitutionOpened)
    assert (opening.met, str(opening.outcome), opening.late) == (YES, "2018-02-01", YES)
    earlier = next(one for one in before.commitments() if one.event is ev.InstitutionOpened)
    assert (earlier.met, opening.in_time) == (UNDECIDED, NO)
    assert len(ledger.institutions()) == 2
    assert (ledger.conflicts(), ledger.anomalies(), ledger.duplicates()) == ([], [], [])
