"""A paper reprints an agency under its own date, a stored copy is dated before its event: one voice, and an anomaly."""

from __future__ import annotations

from decimal import Decimal

from coop_ledger import (
    NO,
    YES,
    Claim,
    Correction,
    Duplicate,
    Ledger,
    Source,
    SourceKind,
    When,
    announced,
    occurred,
)
from coop_ledger import events as ev
from coop_ledger.projections import AnomalyCode

HELD = ev.MeetingHeld("kcac-forum/10")
AGENCY = Source("Made-up Agency", When("2016-11-16"), kind=SourceKind.AGENCY)
BULLETIN = Source("Made-up Bulletin", When("2016-11-18"), kind=SourceKind.PRIMARY)
GAZETTE = Source("Made-up Gazette", When("2016-11-17"))


def reprint(publisher: str, published: str) -> Source:
    return Source(publisher, When(published), kind=SourceKind.REPRINT, relays="Made-up Agency")


def attendance(number: int, source: Source) -> Claim:
    figure = ev.FigureReported("meeting:kcac-forum/10", "attendance", Decimal(number), "persons")
    return occurred(figure, when="2016-11-15", sources=source)


def test_any_number_of_reprints_is_one_voice_and_two_papers_outweigh_it() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        attendance(150, AGENCY),
        attendance(150, reprint("Made-up Courier", "2016-11-17")),
        attendance(150, reprint("Made-up Herald", "2016-11-20")),
        attendance(200, BULLETIN),
        attendance(200, GAZETTE),
    )
    (conflict,) = ledger.conflicts()
    assert [str(value) for value in conflict.values] == ["200 persons", "150 persons"]
    assert len(conflict.sources) == 5
    # each pair of the three that carry the agency's words; the two papers wrote for themselves
    assert [(pair.first, pair.later, pair.marked) for pair in ledger.duplicates()] == [
        (0, 1, False),
        (0, 2, False),
        (1, 2, False),
    ]


def test_a_reprint_of_an_announcement_is_no_second_announcement_once_it_is_marked() -> None:
    ledger = Ledger.in_memory()
    fair = ev.InitiativeDelivered("medical-and-tourism-fair", "fair")
    courier = reprint("Made-up Courier", "2016-11-20")
    said, again = ledger.record(
        announced(fair, when="2017", stated="2016-11-16", sources=AGENCY),
        announced(fair, when="2017", stated="2016-11-16", sources=courier),
    ).ids
    ledger.record(Duplicate(again, said))
    (promise,) = ledger.commitments()
    assert (promise.restatements, promise.revisions, str(promise.target)) == (0, 0, "2017")
    assert promise.milestone.sources == (AGENCY, courier)
    assert len(ledger.initiatives()) == 1
    assert [pair.marked for pair in ledger.duplicates()] == [True]


def test_the_report_counts_from_the_agency_s_day_also_where_the_reprint_was_recorded_first() -> None:
    ledger = Ledger.in_memory()
    (copy,) = ledger.record(occurred(HELD, when="2016-11-15", sources=reprint("Made-up Courier", "2016-11-20"))).ids
    assert ledger.at(published="2016-11-19").meeting("kcac-forum/10").held is None
    (original,) = ledger.record(occurred(HELD, when="2016-11-15", sources=AGENCY)).ids
    ledger.record(Duplicate(original, copy))
    early = ledger.at(published="2016-11-16").meeting("kcac-forum/10").held
    assert early is not None
    assert (early.has_happened, early.sources) == (YES, (AGENCY,))
    now = ledger.meeting("kcac-forum/10").held
    assert now is not None
    assert (now.positions, [source.publisher for source in now.sources]) == (
        (0,),
        ["Made-up Courier", "Made-up Agency"],
    )


def test_a_yesterday_read_from_the_paper_s_date_gives_the_agency_no_vote_against_itself() -> None:
    ledger = Ledger.in_memory()
    courier = reprint("Made-up Courier", "2016-11-20")
    _, misread = ledger.record(
        occurred(HELD, when="2016-11-15", sources=AGENCY), occurred(HELD, when="2016-11-19", sources=courier)
    ).ids
    (conflict,) = ledger.conflicts()
    # one voice on both sides counts on neither; of two equal kinds the one that came out first is shown
    assert (conflict.field, [str(value) for value in conflict.values]) == ("when", ["2016-11-15", "2016-11-19"])
    meant = occurred(HELD, when="2016-11-15", sources=courier)
    ledger.record(Correction(misread, meant, "Yesterday was the day before the agency's dateline."))
    assert ledger.conflicts() == []
    assert [(pair.first, pair.later) for pair in ledger.duplicates()] == [(0, 1)]


def test_a_copy_dated_before_its_event_is_an_anomaly_and_its_claim_stands() -> None:
    ledger = Ledger.in_memory()
    stamped = Source("Made-up Mirror", When("2016-11-13"))
    (entry,) = ledger.record(occurred(HELD, when="2016-11-15", sources=stamped)).ids
    # a day before may be the time zone, and "in November 2016" may be after the 15th
    ledger.record(
        occurred(HELD, when="2016-11-15", sources=Source("Made-up Herald", When("2016-11-14"))),
        occurred(HELD, when="2016-11-15", sources=Source("Made-up Courier", When("2016-11"))),
    )
    assert [(one.code, one.positions) for one in ledger.anomalies()] == [(AnomalyCode.EARLY_REPORT, (0,))]
    held = ledger.meeting("kcac-forum/10").held
    assert held is not None
    assert (held.has_happened, len(held.occurred), ledger.conflicts()) == (YES, 3, [])
    told = ledger.at(published="2016-11-13").on("2016-11-14").meeting("kcac-forum/10").held
    assert told is not None
    assert told.has_happened is NO

    size = ledger.size
    dated = occurred(HELD, when="2016-11-15", sources=Source("Made-up Mirror", When("2016-11-17")))
    ledger.record(Correction(entry, dated, "The date was that of the page's template."))
    assert (ledger.anomalies(), ledger.at(published="2016-11-17").anomalies()) == ([], [])
    assert [one.code for one in ledger.at(size=size).anomalies()] == [AnomalyCode.EARLY_REPORT]
    (first, *_) = sorted(ledger.latencies(), key=lambda late: late.source.published.order)  # type: ignore[union-attr]
    assert (first.source.publisher, str(first.published)) == ("Made-up Herald", "-1")
