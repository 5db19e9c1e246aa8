"""Oddity 19: two sides word one level differently and a translation adds "strategic": each side keeps its words."""

from __future__ import annotations

from datetime import date

from coop_ledger import YES, Claim, Ledger, Resolution, Source, SourceKind, When, observed, occurred
from coop_ledger import events as ev

RELATIONS = "relationship:KG-KR"
KOREAN, KYRGYZ = ("KR", "comprehensive partnership"), ("KG", "partnership of mutual trust")
TRANSLATED = "comprehensive strategic partnership"
SEOUL = Source("Made-up Ministry in Seoul", When("2018-03-20"), kind=SourceKind.PRIMARY, language="ko")
BISHKEK = Source("Made-up Ministry in Bishkek", When("2018-03-20"), kind=SourceKind.PRIMARY, language="ky")
SEOUL_IN_MAY = Source("Made-up Ministry in Seoul", When("2018-05-10"), kind=SourceKind.PRIMARY, language="ko")
COURIER = Source("Made-up Courier", When("2018-03-22"), language="en", quote="a comprehensive strategic partnership")


def declared(level: tuple[str, str], source: Source) -> Claim:
    side, words = level
    event = ev.LevelDeclared("KG-KR", words)
    return occurred(event, when="2018-03-20", stated_by=side, parties={"declarer": side}, sources=source)


TRANSLATION = observed(ev.LevelDeclared("KG-KR", TRANSLATED), when="2018-03-21", stated_by="KR", sources=COURIER)
SAID_AGAIN = observed(
    ev.LevelDeclared("KG-KR", KOREAN[1]),
    when="2018-05-10",
    stated_by="KR",
    parties={"declarer": "KR"},
    sources=SEOUL_IN_MAY,
)


def told(*more: Claim) -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(declared(KOREAN, SEOUL), declared(KYRGYZ, BISHKEK), *more)
    return ledger


def levels_on(ledger: Ledger, day: str) -> set[tuple[str, ...]]:
    """The levels that surely stood on a day."""
    on = date.fromisoformat(day)
    return {period.value for period in ledger.relationship("KR", "KG").levels if period.on(on) is YES}


def test_each_side_keeps_its_own_words_and_that_is_no_conflict() -> None:
    ledger = told()
    assert levels_on(ledger, "2018-03-20") == levels_on(ledger, "2018-12-31") == {KOREAN, KYRGYZ}
    assert levels_on(ledger, "2018-03-19") == set()
    assert [str(period.begun) for period in ledger.relationship("KG", "KR").levels] == ["2018-03-20", "2018-03-20"]
    assert (ledger.conflicts(), ledger.anomalies(), ledger.duplicates()) == ([], [], [])


def test_a_translation_that_adds_a_word_begins_and_ends_no_level() -> None:
    ledger = told(TRANSLATION, SAID_AGAIN)
    for day in ("2018-03-20", "2018-03-21", "2018-03-22", "2018-04-30", "2018-05-10", "2018-12-31"):
        assert levels_on(ledger, day) == {KOREAN, KYRGYZ}
    levels = ledger.relationship("KR", "KG").levels
    assert sorted((*period.value, str(period.begun), period.recorded, period.ended) for period in levels) == [
        (*KYRGYZ, "2018-03-20", True, None),
        (*KOREAN, "2018-03-20", True, None),
    ]


def test_the_translation_disagrees_with_the_side_that_it_quotes_and_with_no_other() -> None:
    ledger = told(TRANSLATION, SAID_AGAIN)
    (conflict,) = ledger.conflicts()
    assert (conflict.subject, conflict.kind, conflict.resolved) == (RELATIONS, "sighting", False)
    assert {source.publisher for source in conflict.sources} == {SEOUL.publisher, COURIER.publisher}
    assert set(conflict.values) == {KOREAN, ("KR", TRANSLATED)}
    assert ledger.anomalies() == []
    levels = ledger.relationship("KR", "KG").levels
    assert {period.value: period.disputed for period in levels} == {KOREAN: True, KYRGYZ: False}
    ids = tuple(one.id for one in conflict.claims)
    ledger.record(Resolution(ids, "The Korean text has no such word.", ledger.entry(0).id))
    (settled,) = ledger.conflicts()
    assert settled.resolved
    assert not any(period.disputed for period in ledger.relationship("KR", "KG").levels)
    assert levels_on(ledger, "2018-12-31") == {KOREAN, KYRGYZ}


def test_while_nothing_else_is_heard_the_other_side_is_not_touched() -> None:
    """D7: after a sighting of other words the quoted side may have changed its level; its partner has not."""
    ledger = told(TRANSLATION)
    kyrgyz = [period for period in ledger.relationship("KR", "KG").levels if period.value[0] == "KG"]
    assert [(period.value, str(period.begun), period.ended) for period in kyrgyz] == [(KYRGYZ, "2018-03-20", None)]
    assert levels_on(ledger, "2018-03-20") == {KOREAN, KYRGYZ}
    assert not any(period.recorded for period in ledger.relationship("KR", "KG").levels if TRANSLATED in period.value)


def test_a_view_of_what_was_out_before_the_translation_does_not_know_it() -> None:
    ledger = told()
    before = ledger.at(published="2018-03-20").relationship("KR", "KG")
    ledger.record(TRANSLATION, SAID_AGAIN)
    assert ledger.at(published="2018-03-20").relationship("KR", "KG") == before
    assert ledger.at(published="2018-03-20").conflicts() == []
