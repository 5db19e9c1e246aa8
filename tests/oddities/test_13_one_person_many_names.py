"""Surnames change, orders are swapped, father and son share an office: ids tell persons apart, names find them."""

from __future__ import annotations

from datetime import date

from coop_ledger import NO, UNDECIDED, YES, Ledger, Merge, Source, When, about, announced, observed, occurred
from coop_ledger import events as ev
from coop_ledger.projections import Presence

COUNCIL = "made-up-council"
BULLETIN = Source("Made-up Bulletin", When("2016-11-16"))
COURIER = Source("Made-up Courier", When("2016-11-17"))
GAZETTE = Source("Made-up Gazette", When("2018-03-02"))
CHRONICLE = Source("Made-up Chronicle", When("2022-03-20"))


def test_a_changed_surname_and_a_swapped_order_lead_to_one_person() -> None:
    ledger = Ledger.in_memory()
    before = "2009/2017-06-30"
    ledger.record(
        occurred(ev.PersonNamed("p-7f3a", "Madeup Aigul Sadykova", "Latn"), when=before, sources=BULLETIN),
        occurred(ev.PersonNamed("p-7f3a", "Madeup Sadykova Aigul", "Latn"), when=before, sources=COURIER),
        occurred(ev.PersonNamed("p-7f3a", "Мадеуп Садыкова Айгуль", "Cyrl"), when="2016-11-15", sources=COURIER),
        occurred(ev.PersonNamed("p-7f3a", "Madeup Aigul Bekova", "Latn"), when="2017-07-01/..", sources=GAZETTE),
    )
    for written in ("madeup aigul sadykova", "Madeup Sadykova Aigul", "Мадеуп Садыкова Айгуль", "MADEUP AIGUL BEKOVA"):
        assert ledger.subjects(kind="person", name=written) == ["person:p-7f3a"]
    names = ledger.name("person:p-7f3a")
    assert names.called_on(date(2016, 11, 15)) == {
        "Madeup Aigul Sadykova": YES,
        "Madeup Sadykova Aigul": YES,
        "Мадеуп Садыкова Айгуль": YES,
    }
    # the Cyrillic spelling was seen on one day only, and of other days nobody says
    assert names.called_on(date(2018, 1, 1)) == {"Madeup Aigul Bekova": YES, "Мадеуп Садыкова Айгуль": UNDECIDED}
    assert not any(name.disputed for name in names.current)
    assert ledger.conflicts() == []
    assert len(ledger.claims(about("person:p-7f3a"))) == 4


def test_two_papers_that_write_a_name_in_two_ways_name_one_head_of_delegation() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        announced(ev.MeetingHeld("kcac-forum/10"), when="2016-11-15", stated="2016-11-13", sources=BULLETIN),
        occurred(
            ev.DelegationAttended("kcac-forum/10", "KG", "p-7f3a", "Madeup Aigul Sadykova"), when="2016-11-15",
            sources=BULLETIN,
        ),
        occurred(
            ev.DelegationAttended("kcac-forum/10", "KG", "p-7f3a", "Madeup Sadykova Aigul"), when="2016-11-15",
            sources=COURIER,
        ),
    )  # fmt: skip
    (kyrgyz,) = ledger.meeting("kcac-forum/10").participation
    assert (kyrgyz.presence, kyrgyz.head, kyrgyz.disputed) == (Presence.ATTENDED, "p-7f3a", False)
    assert kyrgyz.head_as_written == "Madeup Aigul Sadykova"
    assert ledger.conflicts() == []
    assert ledger.subjects(kind="person", name="Madeup Sadykova Aigul") == ["person:p-7f3a"]


def test_a_father_and_a_son_in_one_office_are_two_persons_of_one_name() -> None:
    ledger = Ledger.in_memory()
    father, son = "p-3b11", "p-3b12"
    ledger.record(
        occurred(ev.OfficeTaken(COUNCIL, "president", father), when="2007-02-14", sources=BULLETIN),
        occurred(ev.PersonNamed(father, "Madeup Berdiyev", "Latn"), sources=BULLETIN),
        occurred(ev.OfficeTaken(COUNCIL, "president", son), when="2022-03-19", sources=CHRONICLE),
        occurred(ev.PersonNamed(son, "Madeup Berdiyev", "Latn"), sources=CHRONICLE),
        observed(ev.OfficeTaken(COUNCIL, "president", father), when="2016-11-15", sources=COURIER),
    )
    assert ledger.subjects(kind="person", name="Madeup Berdiyev") == [f"person:{father}", f"person:{son}"]
    officers = ledger.institution(COUNCIL).officers
    assert [period.value for period in officers] == [("president", father), ("president", son)]
    for day, in_office in (
        (date(2016, 11, 15), (YES, NO)),
        (date(2022, 3, 18), (YES, NO)),
        (date(2022, 4, 1), (NO, YES)),
    ):
        assert tuple(period.on(day) for period in officers) == in_office
    assert (ledger.conflicts(), ledger.duplicates()) == ([], [])


def test_two_transliterations_taken_for_two_persons_are_one_after_a_merge_and_two_in_past_views() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        observed(ev.OfficeTaken(COUNCIL, "head", "p-4e10"), when="2018-02-01", sources=GAZETTE),
        occurred(ev.PersonNamed("p-4e10", "Madeup Park Na-ri", "Latn"), sources=GAZETTE),
        observed(ev.OfficeTaken(COUNCIL, "head", "p-9c21"), when="2018-03-01", sources=GAZETTE),
        occurred(ev.PersonNamed("p-9c21", "Madeup Bak Nari", "Latn"), sources=GAZETTE),
    )
    between, before = date(2018, 2, 15), ledger.size
    # two persons were seen in one office; when the one followed the other is not known
    taken_for_two = {period.value[1]: period.on(between) for period in ledger.institution(COUNCIL).officers}
    assert taken_for_two == {"p-4e10": UNDECIDED, "p-9c21": UNDECIDED}

    ledger.record(Merge(("person:p-9c21",), "person:p-4e10", "Two spellings of one name."))
    (head,) = ledger.institution(COUNCIL).officers
    assert (head.value, head.on(between), len(head.sightings)) == (("head", "p-4e10"), YES, 2)
    for written in ("Madeup Park Na-ri", "Madeup Bak Nari"):
        assert ledger.subjects(kind="person", name=written) == ["person:p-4e10"]
    assert ledger.conflicts() == []
    past = ledger.at(size=before).institution(COUNCIL).officers
    assert {period.value[1]: period.on(between) for period in past} == taken_for_two
