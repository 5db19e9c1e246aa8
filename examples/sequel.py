"""
The record of November 2016 and a MADE-UP SEQUEL: nothing dated after November 2016 here ever happened.

``python examples/sequel.py [FILE]`` records both, each report at the time at which a keeper would have recorded it.
The sequel's publishers are all called "Made-up …". It exists so that the questions of ``docs/how-to/ask.md`` have
something to ask of: a plan put off, a delivery for some, a session that nobody documented, a level that two sides
word differently, an agreement that is signed and not in force, corrections of corrections, one body under two ids.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from coop_ledger import (
    AgreementEnd,
    Binding,
    Claim,
    Correction,
    Duplicate,
    InstrumentKind,
    Ledger,
    MeetingMode,
    Merge,
    Rank,
    Resolution,
    Retraction,
    RetractionReason,
    SignatureKind,
    Source,
    SourceKind,
    TransactionType,
    When,
    Where,
    announced,
    denied,
    observed,
    occurred,
    proposed,
)
from coop_ledger import events as ev
from coop_ledger.interchange import load_claims

DATASET = Path(__file__).with_name("korea-central-asia-2016.json")
SECRETARIAT = "kcac-secretariat"
FIVE = {"beneficiary": "KZ KG TJ TM UZ", "implementing": "institution:korea-foundation"}


def _bulletin(day: str) -> Source:
    return Source("Made-up Bulletin", When(day), kind=SourceKind.PRIMARY, language="en")


def _gazette(day: str) -> Source:
    return Source("Made-up Gazette", When(day), language="en")


def _herald(day: str) -> Source:
    return Source("Made-up Herald", When(day), language="en")


class Calendar:
    """A clock that is set by hand, so that the sequel is recorded over years."""

    def __init__(self) -> None:
        """Start on the day after the forum's last report."""
        self.now = datetime(2016, 11, 19, 9, tzinfo=UTC)

    def set(self, day: str) -> None:
        """Go to nine in the morning of a day, in UTC."""
        self.now = datetime.fromisoformat(f"{day}T09:00:00+00:00")

    def __call__(self) -> datetime:
        """The present instant."""
        return self.now


def _year_2017() -> Iterator[tuple[str, list[Claim]]]:
    opening = ev.InstitutionOpened(SECRETARIAT)
    training = ev.InitiativeDelivered("smart-water-training", "training")
    fair = ev.InitiativeDelivered("medical-and-tourism-fair", "fair")
    yield "2017-05-11", [
        announced(training, when="2017-10", stated="2017-05-10", parties=FIVE, sources=_gazette("2017-05-10")),
        occurred(
            ev.FundsReported("smart-water-training", TransactionType.OUTGOING_COMMITMENT, Decimal("250000.00"), "USD"),
            when="2017-05-10", parties={"provider": "KR"}, sources=_bulletin("2017-05-10"),
        ),
    ]  # fmt: skip
    yield "2017-07-10", [
        announced(opening, when="2018", stated="2017-07-03", sources=_bulletin("2017-07-03")),
        announced(
            ev.MeetingHeld("kcac-forum/11", kind="forum", level=Rank.MINISTER, series="kcac-forum", ordinal=11),
            when="2017-11", where=Where("TM", "ashgabat"), stated="2017-07-03", parties={"host": "TM"},
            sources=_bulletin("2017-07-03"),
        ),
    ]  # fmt: skip
    yield "2017-11-02", [
        occurred(training, when="2017-10-05", parties={"beneficiary": "KZ KG UZ"}, sources=_gazette("2017-10-06")),
        occurred(training, when="2017-10", parties={"beneficiary": "KZ KG UZ"}, sources=_herald("2017-10-30")),
        occurred(
            ev.FundsReported("smart-water-training", TransactionType.DISBURSEMENT, Decimal("180500.50"), "USD"),
            when="2017-10-05", parties={"provider": "KR"}, sources=_bulletin("2017-10-31"),
        ),
    ]  # fmt: skip
    yield "2017-12-21", [
        announced(fair, when="2018", stated="2017-12-20", sources=_gazette("2017-12-20")),
        denied(ev.MeetingHeld(series="kcac-forum"), when="2017", sources=_gazette("2017-12-20")),
        occurred(
            ev.AgreementSigned("kr-kz-visa-agreement", "agreement", Binding.YES, SignatureKind.SUBJECT_TO_RATIFICATION),
            when="2017-12-20", parties={"signatory": "KR KZ"}, sources=_bulletin("2017-12-20"),
        ),
        occurred(
            ev.AgreementSigned("kr-uz-health-mou", "memorandum of understanding", Binding.NO),
            when="2017-12-20", parties={"signatory": "KR UZ"}, sources=_bulletin("2017-12-20"),
        ),
        occurred(
            ev.AgreementSigned("kr-kg-treaty-of-friendship", "treaty", Binding.NO),
            when="2017-12-20", parties={"signatory": "KR KG"}, sources=_gazette("2017-12-21"),
        ),
    ]  # fmt: skip


def _year_2018() -> Iterator[tuple[str, list[Claim]]]:
    yield "2018-02-15", [
        occurred(
            ev.InstitutionOpened(SECRETARIAT), when="2018-02-01", where=Where("KR", "seoul"),
            sources=_bulletin("2018-02-02"),
        ),
        occurred(
            ev.HostDesignated(SECRETARIAT, "institution:korea-foundation"), when="2018-02-01",
            sources=_bulletin("2018-02-02"),
        ),
        occurred(ev.SeatEstablished(SECRETARIAT, "seoul"), when="2018-02-01", sources=_bulletin("2018-02-02")),
        occurred(
            ev.InstitutionOpened(SECRETARIAT), when="2018-02",
            sources=Source(
                "Made-up Courier", When("2018-02-05"), kind=SourceKind.REPRINT, relays="Made-up Bulletin", language="en"
            ),
        ),
        occurred(ev.OfficeLeft(SECRETARIAT, "head", "p-k7s2"), when="2018-01-31", sources=_bulletin("2018-02-02")),
        occurred(
            ev.InstrumentDeposited("kr-kz-visa-agreement", InstrumentKind.RATIFICATION), when="2018-02-10",
            parties={"signatory": "KR"}, sources=_bulletin("2018-02-12"),
        ),
    ]  # fmt: skip
    yield "2018-06-20", [
        occurred(
            ev.AgreementSigned("kr-kz-customs-agreement", "agreement", Binding.YES, SignatureKind.DEFINITIVE),
            when="2018-04-10", where=Where("KZ", "astana"), parties={"signatory": "KR KZ"},
            sources=_bulletin("2018-04-10"),
        ),
        occurred(ev.EnteredIntoForce("kr-kz-customs-agreement"), when="2018-06", sources=_gazette("2018-06-18")),
        occurred(
            ev.LevelDeclared("KR-KZ", "strategic partnership"), when="2018-04-10", parties={"declarer": "KR"},
            sources=_bulletin("2018-04-10"),
        ),
        observed(
            ev.LevelDeclared("KR-KZ", "enhanced strategic partnership"), when="2018-05-02", stated_by="KZ",
            parties={"declarer": "KZ"}, sources=_herald("2018-05-03"),
        ),
        occurred(
            ev.InitiativeCancelled("culture-and-tourism-festival"), when="2018-06-15", sources=_gazette("2018-06-16")
        ),
    ]  # fmt: skip
    yield "2018-11-15", [
        observed(ev.OfficeTaken(SECRETARIAT, "head", "p-m4d3"), when="2018-11-10", sources=_herald("2018-11-11")),
        occurred(ev.PersonNamed("p-m4d3", "Madeup Park Na-ri", "Latn"), sources=_herald("2018-11-11")),
        occurred(ev.PersonNamed("p-m4d3", "Madeup Bak Nari", "Latn"), sources=_gazette("2018-11-12")),
        announced(
            ev.InitiativeDelivered("medical-and-tourism-fair", "fair"), when="2019", stated="2018-11-10",
            sources=_gazette("2018-11-11"),
        ),
        occurred(ev.InitiativeStarted("smart-water-seminar"), when="2018-11-01", sources=_herald("2018-11-02")),
    ]  # fmt: skip


def _year_2019() -> Iterator[tuple[str, list[Claim]]]:
    held = ev.MeetingHeld("kcac-forum/12", kind="forum", level=Rank.DEPUTY_MINISTER, series="kcac-forum", ordinal=12)
    five = {"host": "TM", "participant": "KR KZ KG UZ"}
    yield (
        "2019-06-03",
        [
            occurred(ev.MemberAdmitted(SECRETARIAT, "TM"), when="2019-05", sources=_bulletin("2019-06-01")),
            proposed(
                ev.InitiativeStarted("joint-satellite"), sources=_herald("2019-06-01"), note="If funds can be found."
            ),
            occurred(
                ev.MeetingHeld("kr-kz-talks/2019-05-06", "bilateral talks"),
                when="2019-05-06",
                where=Where("KZ", "astana"),
                parties={"host": "KZ", "participant": "KR"},
                sources=_herald("2019-05-07"),
            ),
            occurred(ev.NameUsed("place:astana", "Astana"), when="1998/2019-03-22", sources=_herald("2019-03-23")),
            occurred(ev.NameUsed("place:astana", "Nur-Sultan"), when="2019-03-23/..", sources=_herald("2019-03-23")),
        ],
    )
    yield "2019-11-12", [
        occurred(
            held, when="2019-11-05", where=Where("TM", "ashgabat"), parties=five, sources=_bulletin("2019-11-06")
        ),
        occurred(
            ev.DelegationAttended("kcac-forum/12", "KZ", ranks=(Rank.AMBASSADOR,), mode=MeetingMode.VIDEO),
            when="2019-11-05", sources=_bulletin("2019-11-06"),
        ),
        occurred(
            ev.DelegationAttended("kcac-forum/12", "UZ", ranks=(Rank.MINISTER,), mode=MeetingMode.IN_PERSON),
            when="2019-11-05", sources=_bulletin("2019-11-06"),
        ),
        occurred(
            ev.FigureReported("meeting:kcac-forum/12", "attendance", Decimal(90), "persons"), when="2019-11-05",
            sources=_bulletin("2019-11-06"),
        ),
        occurred(
            ev.FigureReported("meeting:kcac-forum/12", "attendance", Decimal(120), "persons"), when="2019-11-05",
            sources=_herald("2019-11-06"),
        ),
        denied(ev.DelegationAttended("kcac-forum/12", "TJ"), when="2019-11-05", sources=_herald("2019-11-06")),
        occurred(
            ev.StatementMade("country:KP", "DPRK nuclear issue", "Calls for talks without conditions."),
            when="2019-11-05", stated="2019-11-05", where=Where(meeting="kcac-forum/12"), parties={"speaker": "KZ"},
            sources=_bulletin("2019-11-06"),
        ),
        announced(
            ev.MeetingHeld("kcac-forum/14", series="kcac-forum", ordinal=14), when="2021", stated="2019-11-05",
            sources=_bulletin("2019-11-06"),
        ),
        announced(
            ev.AgreementEnded("kr-kg-treaty-of-friendship", AgreementEnd.EXPIRED), when="2027-12-20",
            stated="2019-11-06", sources=_gazette("2019-11-07"),
        ),
    ]  # fmt: skip


def _acts(ledger: Ledger, calendar: Calendar) -> None:
    """What the keeper did about entries, in December 2019."""
    calendar.set("2019-12-01")
    entries = {entry.position: entry for entry in ledger.entries()}

    def named(event: type, publisher: str) -> str:
        """The id of the first claim of an event by a publisher."""
        return next(
            entry.id
            for entry in entries.values()
            if isinstance(entry.body, Claim)
            and isinstance(entry.body.event, event)
            and entry.body.sources[0].publisher == publisher
        )

    moved = occurred(ev.MemberAdmitted(SECRETARIAT, "TM"), when="2019-04", sources=_bulletin("2019-06-01"))
    corrected = ledger.record(Correction(named(ev.MemberAdmitted, "Made-up Bulletin"), moved, "The month was misread."))
    calendar.set("2019-12-02")
    ledger.record(Retraction(corrected.ids[0], RetractionReason.WRONG, note="It had been read rightly."))
    ledger.record(
        Merge(("initiative:smart-water-seminar",), "initiative:smart-water-training", "One course, two names.")
    )
    figures = [
        entry.id
        for entry in entries.values()
        if isinstance(entry.body, Claim)
        and isinstance(entry.body.event, ev.FigureReported)
        and entry.body.assertion == "OCCURRED"
        and entry.body.event.subject == "meeting:kcac-forum/10"
    ]
    chosen = named(ev.FigureReported, "Ministry of Foreign Affairs of Korea")
    ledger.record(Resolution(tuple(figures), "The host's release counts all guests.", chosen))
    again = ledger.record(
        occurred(ev.SeatEstablished(SECRETARIAT, "seoul"), when="2018-02-01", sources=_bulletin("2018-02-02"))
    )
    ledger.record(Duplicate(again.ids[0], named(ev.SeatEstablished, "Made-up Bulletin")))


def tell(ledger: Ledger, calendar: Calendar) -> Ledger:
    """
    Record the reports of 2016 and the made-up sequel, with the calendar as the ledger's clock.

    Args:
        ledger: An empty ledger whose clock is *calendar*.
        calendar: The clock.
    """
    ledger.record(*load_claims(DATASET), once="the record of November 2016")
    for year in (_year_2017, _year_2018, _year_2019):
        for day, claims in year():
            calendar.set(day)
            ledger.record(*claims, once=f"made-up reports by {day}")
    _acts(ledger, calendar)
    calendar.set("2020-01-15")
    return ledger


def sequel() -> Ledger:
    """A ledger in memory with the reports of 2016 and the made-up sequel, as of 15 January 2020."""
    calendar = Calendar()
    return tell(Ledger.in_memory(origin="kcac-forum.example/made-up", recorder="example", clock=calendar), calendar)


def main(path: str) -> None:
    """Record everything into a new file, and say how much it is."""
    calendar = Calendar()
    with Ledger.open(path, origin="kcac-forum.example/made-up", recorder="example", clock=calendar) as ledger:
        tell(ledger, calendar)
        print(f"{ledger.size} entries, root {ledger.root.hex()[:16]}…")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "made-up.db")
