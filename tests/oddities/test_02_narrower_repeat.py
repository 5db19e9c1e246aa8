"""Said for "2017", and a day later for "the later half of 2017": one plan, which the second report makes narrower."""

from __future__ import annotations

from coop_ledger import Ledger, Source, When, announced
from coop_ledger import events as ev
from coop_ledger.cli.dataset import load_dataset

SECRETARIAT = "institution:kcac-secretariat"


def record_of_2016() -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(*load_dataset()[1])
    return ledger


def test_the_second_report_refines_the_first_and_contradicts_nobody() -> None:
    ledger = record_of_2016()
    (promise,) = [one for one in ledger.commitments(subject=SECRETARIAT) if one.event is ev.InstitutionOpened]
    target = promise.target
    assert target is not None
    assert (str(target), str(target.earliest), str(target.latest)) == ("2017-41", "2017-07-01", "2017-12-31")
    assert (promise.revisions, promise.restatements, promise.slip, promise.changes) == (0, 2, None, ())
    assert ledger.conflicts(SECRETARIAT) == []
    assert promise.plan is not None
    assert [effective.claim.sources[0].publisher for effective in promise.plan.current.claims] == [
        "Korea.net", "SGGP News", "Ministry of Foreign Affairs of Korea",
    ]  # fmt: skip


def test_on_the_day_of_the_forum_only_the_year_had_been_said() -> None:
    ledger = record_of_2016()
    said = {day: ledger.at().on(day).institution(SECRETARIAT).target for day in ("2016-11-15", "2016-11-16")}
    assert {day: str(target) for day, target in said.items()} == {"2016-11-15": "2017", "2016-11-16": "2017-41"}


def test_what_was_published_first_is_not_what_was_said_first() -> None:
    ledger = record_of_2016()
    heard = {}
    for day in ("2016-11-15", "2016-11-16", "2016-11-18"):
        opened = ledger.at(published=day).institution(SECRETARIAT).opened
        heard[day] = [] if opened is None else [effective.claim.sources[0].publisher for effective in opened.planned]
    assert heard == {
        "2016-11-15": [],
        "2016-11-16": ["Ministry of Foreign Affairs of Korea"],
        "2016-11-18": ["Korea.net", "Ministry of Foreign Affairs of Korea"],
    }
    assert str(ledger.at(published="2016-11-18").institution(SECRETARIAT).target) == "2017-41"


def test_who_says_only_the_year_again_widens_nothing() -> None:
    ledger = record_of_2016()
    before = ledger.institution(SECRETARIAT).target
    paper = Source("Made-up Herald", When("2016-12-01"))
    ledger.record(announced(ev.InstitutionOpened(SECRETARIAT[12:]), when="2017", stated="2016-12-01", sources=paper))
    assert ledger.institution(SECRETARIAT).target == before
    assert [reason.sources[0].publisher for reason in ledger.why(SECRETARIAT, "target")] == ["Korea.net", "SGGP News"]
    assert ledger.conflicts(SECRETARIAT) == []


def test_it_is_overdue_from_the_end_of_the_half_year_and_not_from_that_of_the_shorter_one() -> None:
    ledger = record_of_2016()

    def late(day: str) -> list[tuple[str, str]]:
        found = [one for one in ledger.overdue(on=day) if one.commitment.event is ev.InstitutionOpened]
        return [(str(one.target), str(one.days)) for one in found]

    assert (late("2017-07-01"), late("2017-12-31")) == ([], [])
    assert late("2018-01-01") == [("2017-41", "1 to 184")]
