"""
Astana is renamed Nur-Sultan and then Astana again, and papers go on to use either: it is one place with three periods
of names, and neither a name out of date nor a second id makes it two (D7, D14).
"""

from __future__ import annotations

from datetime import date

from coop_ledger import NO, YES, Claim, Ledger, Merge, Source, When, Where, about, observed, occurred
from coop_ledger import events as ev

CAPITAL = "place:astana"


def paper(day: str, publisher: str = "Made-up Gazette") -> Source:
    return Source(publisher, When(day))


def name(text: str, when: str, published: str) -> Claim:
    return occurred(ev.NameUsed(CAPITAL, text, "Latn", "en"), when=when, sources=paper(published))


NAMES = (
    name("Astana", "1998-05-06/2019-03-22", "2019-03-24"),
    name("Nur-Sultan", "2019-03-23/2022-09-16", "2022-09-18"),
    name("Astana", "2022-09-17/..", "2022-09-18"),
)


def held(meeting: str, day: str, place: str = "astana", publisher: str = "Made-up Gazette") -> Claim:
    return occurred(ev.MeetingHeld(meeting), when=day, where=Where("KZ", place), sources=paper(day, publisher))


def told(*claims: Claim) -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(*claims)
    return ledger


def called(ledger: Ledger, day: str) -> dict[str, str]:
    return {str(text): answer.value for text, answer in ledger.name(CAPITAL).called_on(date.fromisoformat(day)).items()}


def test_one_place_has_three_periods_of_names() -> None:
    ledger = told(*NAMES)
    periods = ledger.name(CAPITAL).periods
    assert [period.value for period in periods] == [("Astana",), ("Nur-Sultan",), ("Astana",)]
    assert [period.disputed for period in periods] == [False, False, False]
    assert [called(ledger, day) for day in ("2019-03-22", "2019-03-23")] == [{"Astana": "yes"}, {"Nur-Sultan": "yes"}]
    assert [called(ledger, day) for day in ("2022-09-16", "2022-09-17")] == [{"Nur-Sultan": "yes"}, {"Astana": "yes"}]
    assert (called(ledger, "1997-12-31"), called(ledger, "2026-01-01")) == ({}, {"Astana": "yes"})
    assert (ledger.conflicts(), ledger.anomalies(), ledger.commitments()) == ([], [], [])


def test_a_text_with_the_old_name_is_a_name_in_use_and_no_conflict() -> None:
    old = observed(ev.NameUsed(CAPITAL, "Astana", "Latn", "en"), when="2020-02-10", sources=paper("2020-02-11"))
    ledger = told(*NAMES, old, held("kr-kz-talks/2020", "2020-02-10"))
    assert ledger.conflicts() == []
    assert called(ledger, "2020-02-10") == {"Astana": "yes", "Nur-Sultan": "yes"}
    assert called(ledger, "2022-09-17") == {"Astana": "yes"}
    assert ledger.name(CAPITAL).called_on(date(2020, 2, 10))["Nur-Sultan"] is YES


def test_all_that_happened_there_is_found_under_either_name() -> None:
    days = {"talks/1": "2018-06-01", "talks/2": "2020-02-10", "talks/3": "2023-04-03"}
    ledger = told(*NAMES, *(held(meeting, day) for meeting, day in days.items()))
    assert [ledger.subjects(kind="place", name=text) for text in ("Astana", "nur-sultan")] == [[CAPITAL], [CAPITAL]]
    found = [one for one in ledger.claims(about(CAPITAL)) if one.claim.where is not None]
    assert [called(ledger, str(one.claim.when)) for one in found] == [
        {"Astana": "yes"},
        {"Nur-Sultan": "yes"},
        {"Astana": "yes"},
    ]


def test_a_second_id_for_the_same_city_is_merged_and_past_views_keep_it() -> None:
    bulletin = held("talks/2", "2020-02-10", "nur-sultan", "Made-up Bulletin")
    seat = occurred(ev.SeatEstablished("kz-aid-office", "astana"), when="2018-01-10", sources=paper("2018-01-11"))
    seen = observed(ev.SeatEstablished("kz-aid-office", "nur-sultan"), when="2020-03-01", sources=paper("2020-03-02"))
    later = observed(ev.SeatEstablished("kz-aid-office", "astana"), when="2023-01-01", sources=paper("2023-01-02"))
    ledger = told(*NAMES, held("talks/2", "2020-02-10"), bulletin, seat, seen, later)
    before = ledger.at(size=ledger.size)
    assert sorted(conflict.field for conflict in before.conflicts()) == ["period", "where.place"]
    ledger.record(Merge(("place:nur-sultan",), CAPITAL, "One city, renamed twice."))
    assert ledger.conflicts() == []
    place = ledger.meeting("talks/2").place
    assert place is not None
    assert (place.value, place.disputed, len(place.voices)) == ("astana", False, 2)
    (one_seat,) = ledger.institution("kz-aid-office").seats
    assert (one_seat.value, one_seat.ended, one_seat.on(date(2021, 1, 1))) == (("astana",), None, YES)
    assert len(before.conflicts()) == 2


def test_a_name_without_an_end_ends_when_a_later_paper_says_so() -> None:
    since = name("Nur-Sultan", "2019-03-23/..", "2019-03-24")
    ledger = told(NAMES[0], since)
    known = ledger.at(size=ledger.size)
    ledger.record(*NAMES[1:])
    assert called(ledger, "2023-01-01") == {"Astana": "yes"}
    assert [period.value for period in ledger.name(CAPITAL).periods] == [("Astana",), ("Nur-Sultan",), ("Astana",)]
    assert known.name(CAPITAL).called_on(date(2023, 1, 1)) == {"Nur-Sultan": YES}
    assert ledger.conflicts() == []


def test_nobody_calls_it_by_the_new_name_before_the_day() -> None:
    ledger = told(*NAMES)
    assert [str(one.name) for one in ledger.at().on("2019-03-22").name(CAPITAL).current] == ["Astana"]
    assert [str(one.name) for one in ledger.at(published="2022-09-17").name(CAPITAL).current] == ["Astana"]
    assert ledger.name(CAPITAL).periods[0].on(date(2019, 3, 23)) is NO
