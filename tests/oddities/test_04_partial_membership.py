"""A council "of the six" that one country joins years later: five members until then, whatever early texts count."""

from __future__ import annotations

from datetime import date

from coop_ledger import UNDECIDED, YES, Ledger, Source, SourceKind, When, observed, occurred
from coop_ledger import events as ev
from coop_ledger.projections import ConflictKind

COUNCIL = "institution:silk-road-water-council"
SLUG = "silk-road-water-council"
FIVE = ("KG", "KR", "KZ", "TJ", "UZ")


def bulletin(day: str) -> Source:
    return Source("Made-up Bulletin", When(day), kind=SourceKind.PRIMARY)


def herald(day: str) -> Source:
    return Source("Made-up Herald", When(day))


FOUNDED = occurred(
    ev.EstablishmentAgreed(SLUG), when="2014-06-10", parties={"member": "KR KZ KG TJ UZ"},
    sources=bulletin("2014-06-10"),
)  # fmt: skip
CEREMONY = occurred(
    ev.InstitutionProclaimed(SLUG), when="2014-06-11", parties={"participant": "KR KZ KG TJ TM UZ"},
    sources=herald("2014-06-12"),
)  # fmt: skip
JOINED = occurred(ev.MemberAdmitted(SLUG, "TM"), when="2018-04-20", sources=bulletin("2018-04-21"))
COUNTED_IN = observed(ev.MemberAdmitted(SLUG, "TM"), when="2015-03-01", sources=herald("2015-03-02"))
CO_FOUNDER = occurred(
    ev.EstablishmentAgreed(SLUG), when="2014-06-10", parties={"member": "KR KZ KG TJ TM UZ"},
    sources=herald("2014-06-12"),
)  # fmt: skip


def members(ledger: Ledger, day: str) -> dict[str, str]:
    found = ledger.institution(COUNCIL).members_on(date.fromisoformat(day))
    return {party: found[party].value for party in sorted(found)}


def test_who_celebrates_with_the_founders_is_no_member() -> None:
    ledger = Ledger.in_memory()
    ledger.record(FOUNDED, CEREMONY)
    found = ledger.institution(COUNCIL)
    assert sorted(period.value[0] for period in found.members) == list(FIVE)
    assert members(ledger, "2016-01-01") == dict.fromkeys(FIVE, "yes")
    assert (ledger.conflicts(COUNCIL), ledger.anomalies(COUNCIL)) == ([], [])


def test_the_sixth_is_a_member_from_the_day_on_which_it_joined() -> None:
    ledger = Ledger.in_memory()
    ledger.record(FOUNDED, CEREMONY, JOINED)
    assert members(ledger, "2014-06-09") == {}
    assert members(ledger, "2018-04-19") == dict.fromkeys(FIVE, "yes")
    assert members(ledger, "2018-04-20") == dict.fromkeys(sorted([*FIVE, "TM"]), "yes")
    begun = {period.value[0]: str(period.begun) for period in ledger.institution(COUNCIL).members}
    assert begun == {**dict.fromkeys(FIVE, "2014-06-10"), "TM": "2018-04-20"}
    assert ledger.conflicts(COUNCIL) == []


def test_nobody_could_know_of_the_sixth_before_it_was_published() -> None:
    ledger = Ledger.in_memory()
    ledger.record(FOUNDED, CEREMONY)
    then = ledger.at(published="2018-04-20")
    before = then.institution(COUNCIL)
    ledger.record(JOINED)
    for view in (then, ledger.at(published="2018-04-20")):
        assert view.institution(COUNCIL) == before
        assert sorted(view.institution(COUNCIL).members_on(None)) == list(FIVE)
    assert "TM" in ledger.at(published="2018-04-21").institution(COUNCIL).members_on(None)


def test_an_early_text_that_counts_it_in_is_a_conflict_and_moves_no_beginning() -> None:
    ledger = Ledger.in_memory()
    ledger.record(FOUNDED, CEREMONY, COUNTED_IN, JOINED)
    alone = ledger.at(published="2017-12-31").institution(COUNCIL)
    assert alone.conflicts == ()
    seen = {day: alone.members_on(date.fromisoformat(day)).get("TM") for day in ("2014-12-31", "2015-03-01")}
    assert seen == {"2014-12-31": UNDECIDED, "2015-03-01": YES}
    (conflict,) = ledger.conflicts(COUNCIL)
    assert (conflict.kind, conflict.keys, conflict.resolved) == (ConflictKind.SIGHTING, (("TM",),), False)
    assert [source.publisher for source in conflict.sources] == ["Made-up Herald", "Made-up Bulletin"]
    assert "TM" not in members(ledger, "2016-01-01")
    (sixth,) = [period for period in ledger.institution(COUNCIL).members if period.value == ("TM",)]
    assert (str(sixth.begun), sixth.disputed) == ("2018-04-20", True)


def test_a_text_that_makes_it_a_founder_contradicts_its_admission_and_both_are_kept() -> None:
    ledger = Ledger.in_memory()
    ledger.record(FOUNDED, CO_FOUNDER, JOINED)
    (conflict,) = ledger.conflicts(COUNCIL)
    assert (conflict.kind, [str(value) for value in conflict.values]) == (
        ConflictKind.BEGINNINGS, ["2018-04-20", "2014-06-10"],
    )  # fmt: skip
    (sixth,) = [period for period in ledger.institution(COUNCIL).members if period.value == ("TM",)]
    assert (str(sixth.begun), sixth.disputed) == ("2018-04-20", True)
    others = [period for period in ledger.institution(COUNCIL).members if period.value != ("TM",)]
    assert [period.disputed for period in others] == [False] * 5
