"""Claims, acts and their makers; subjects, milestones and days that follow from them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    Act,
    Assertion,
    Bounds,
    Claim,
    Correction,
    Duplicate,
    Effective,
    Merge,
    Party,
    Redaction,
    Resolution,
    Retraction,
    RetractionReason,
    Role,
    Source,
    UnknownEvent,
    When,
    Where,
    announced,
    claim_bounds,
    country_parties,
    denied,
    milestones_of,
    observed,
    occurred,
    order_key,
    proposed,
    source_day,
    stated_bounds,
    stated_when,
    subjects_of,
    targets_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import InvalidValueError
from coop_ledger.testing import acts, claims, events, whens

SOURCE = Source("Korea.net", When("2016-11-18"))
ID, OTHER = (f"01586548-8000-7000-8000-00000000000{at}" for at in "12")


@given(claims())
def test_claims_are_values(claim: Claim) -> None:
    assert claim == claim
    assert hash(claim) == hash(claim)
    assert type(claim.event) in EVENT_TYPES


@pytest.mark.parametrize(
    ("maker", "assertion"),
    [
        (proposed, Assertion.PROPOSED),
        (announced, Assertion.PLANNED),
        (occurred, Assertion.OCCURRED),
        (observed, Assertion.HOLDS),
        (denied, Assertion.DENIED),
    ],
)
def test_the_five_makers_write_the_five_assertions(maker: Any, assertion: Assertion) -> None:
    event = ev.InstitutionOpened("kcac-secretariat")
    claim = maker(
        event,
        when="2017",
        where=Where(country="KR"),
        stated="2016-11-15",
        stated_by="KR",
        parties={"participant": "KR KZ"},
        sources=[SOURCE],
        note="a note",
    )
    roles = tuple(Party(code, Role.PARTICIPANT) for code in ("KR", "KZ"))
    when, stated = When("2017"), When("2016-11-15")
    assert claim == Claim(assertion, event, when, Where("KR"), stated, "KR", roles, (SOURCE,), "a note")
    assert maker(event, sources=SOURCE, when=when).when is when


@pytest.mark.parametrize(
    ("fields", "where", "hint"),
    [
        ({"sources": ()}, "sources", "say who said so: sources=…"),
        ({"sources": ("Korea.net",)}, "sources", "write Source('Korea.net')"),
        ({"when": "2017-H2"}, "when", "write 2017-41"),
        ({"stated": "Q3 2017"}, "stated", "write 2017-35"),
        ({"stated_by": "Minister"}, "stated_by", None),
        ({"note": ""}, "note", "leave the field out instead"),
        ({"where": "Seoul"}, "where", None),
        ({"parties": [Party("KR", Role.HOST)] * 2}, "parties", None),
    ],
)
def test_bad_claims_say_where_and_what_to_do(fields: dict[str, Any], where: str, hint: str | None) -> None:
    with pytest.raises(InvalidValueError) as caught:
        occurred(ev.InstitutionOpened("kcac"), **{"sources": SOURCE, **fields})
    assert (caught.value.where, caught.value.hint) == (where, hint)


@pytest.mark.parametrize("event", ["opened", None, UnknownEvent("x", 1, {}), ev.InstitutionOpened, SOURCE])
def test_only_events_of_the_catalogue_are_claimed(event: Any) -> None:
    with pytest.raises(InvalidValueError, match="catalogue"):
        occurred(event, sources=SOURCE)


def test_a_where_names_something() -> None:
    with pytest.raises(InvalidValueError, match="names nothing"):
        Where()


@given(acts())
def test_acts_are_values_and_name_entries(act: Act) -> None:
    assert hash(act) == hash(act)
    assert type(act) in ACT_TYPES
    assert bool(targets_of(act)) is not isinstance(act, Merge)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Duplicate(ID, ID), "own duplicate"),
        (lambda: Duplicate("1", ID), "UUIDv7"),
        (lambda: Duplicate(ID.replace("0", "A"), OTHER), "UUIDv7"),
        (lambda: Merge((), "initiative:a", "x"), "other than its target"),
        (lambda: Merge(("initiative:a",), "initiative:a", "x"), "other than its target"),
        (lambda: Merge(("initiative:a",), "institution:b", "x"), "one kind"),
        (lambda: Resolution((ID,), "x"), "at least two"),
        (lambda: Resolution((ID, ID), "x"), "twice"),
        (lambda: Resolution((ID, OTHER), "x", chosen=ID[:-1] + "3"), "none of the claims"),
        (lambda: Redaction(ID, (), "law", "office"), "no field"),
        (lambda: Redaction(ID, ("note",), "law", "office"), "JSON Pointer"),
        (lambda: Retraction(ID, "wrong"), "RetractionReason"),  # type: ignore[arg-type]
        (lambda: Correction(ID, SOURCE, "x"), "Claim"),  # type: ignore[arg-type]
        (lambda: Correction(ID, occurred(ev.InstitutionOpened("a"), sources=SOURCE), ""), "empty"),
    ],
)
def test_acts_check_themselves(make: Any, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        make()


def test_what_bodies_are_about() -> None:
    claim = occurred(
        ev.MeetingHeld("forum/10", series="forum", ordinal=10),
        sources=SOURCE,
        where=Where(meeting="forum"),
        parties={"host": "KR", "participant": "institution:kf KR"},
    )
    assert subjects_of(claim) == ("meeting:forum/10", "series:forum", "country:KR", "institution:kf", "meeting:forum")
    pair = occurred(ev.AnniversaryMarked("relationship:KR-KZ", "relations", 25), sources=SOURCE)
    assert subjects_of(pair) == ("relationship:KR-KZ", "country:KR", "country:KZ")
    assert subjects_of(Correction(ID, claim, "a slip")) == subjects_of(claim)
    assert subjects_of(Merge(("initiative:a",), "initiative:b", "one")) == ("initiative:a", "initiative:b")
    assert subjects_of(Duplicate(ID, OTHER)) == subjects_of(UnknownEvent("x", 1, {})) == ()


@given(claims())
def test_every_claim_has_subjects_and_milestones_of_them(claim: Claim) -> None:
    subjects = subjects_of(claim)
    found = milestones_of(claim)
    assert len(set(subjects)) == len(subjects) > 0
    assert len(set(found)) == len(found) > 0
    for milestone in found:
        assert milestone.subject in subjects
        assert milestone.event is type(claim.event)
        assert len(milestone.key) == len(type(claim.event).spec.key)
    assert {f"country:{code}" for code in country_parties(claim)} <= set(subjects)
    assert targets_of(claim) == ()


def test_keys_follow_the_table() -> None:
    signed = occurred(ev.AgreementSigned("mou"), sources=SOURCE, parties={"signatory": "KR KZ", "host": "KG"})
    assert [milestone.key for milestone in milestones_of(signed)] == [("KR",), ("KZ",)]
    treaty = occurred(ev.EnteredIntoForce("mou"), sources=SOURCE)
    assert [milestone.key for milestone in milestones_of(treaty)] == [("",)]
    progress = occurred(ev.InitiativeProgressed("water"), sources=SOURCE)
    assert milestones_of(progress)[0].key == ("2016-11-18",)
    said = occurred(
        ev.StatementMade("country:KP", "nuclear issue"), sources=SOURCE, parties={"speaker": "KR KZ", "addressee": "KG"}
    )
    assert [(m.subject, m.key) for m in milestones_of(said)] == [
        (subject, ("nuclear issue", "2016-11-18")) for subject in ("country:KP", "country:KR", "country:KZ")
    ]
    no_session = denied(ev.MeetingHeld(series="forum"), sources=SOURCE, when="2015")
    assert milestones_of(no_session)[0].subject == "series:forum"
    plan = occurred(ev.WorkPlanAdopted("kcac", When("2017")), sources=SOURCE)
    assert milestones_of(plan)[0].key == ("2017",)


def test_country_parties_count_in_any_role() -> None:
    claim = occurred(ev.MemberAdmitted("kcac", "KZ"), sources=SOURCE, parties={"member": "KR institution:kf"})
    assert country_parties(claim) == {"KR", "KZ"}
    level = occurred(ev.LevelDeclared("KR-KZ", "strategic partnership"), sources=SOURCE)
    marked = occurred(ev.AnniversaryMarked("relationship:KR-KZ", "relations", 25), sources=SOURCE)
    assert country_parties(level) == country_parties(marked) == {"KR", "KZ"}


def test_a_claim_counts_from_its_latest_day() -> None:
    later = Source("Yonhap", When("2016-11-20"))
    undated = Source("Blog")
    event = ev.InstitutionOpened("kcac")
    both = occurred(event, sources=[later, SOURCE, undated])
    assert source_day(both) == stated_when(both) == When("2016-11-18")
    assert claim_bounds(both) == Bounds(None, date(2016, 11, 20))
    assert claim_bounds(occurred(event, sources=undated)) == Bounds(None, None)
    assert claim_bounds(announced(event, sources=SOURCE)) == Bounds(None, None)
    assert claim_bounds(denied(event, sources=SOURCE)) == Bounds(None, None)
    assert claim_bounds(occurred(event, sources=SOURCE, when="2016-11/2016-12")) == When("2016-11").first


def test_what_was_said_is_never_later_than_its_time() -> None:
    event = ev.InstitutionOpened("kcac")
    back = announced(event, sources=SOURCE, when="2015")
    assert stated_bounds(back) == Bounds(date(2015, 12, 31), date(2015, 12, 31))
    imprecise = announced(event, sources=Source("SGGP", When("2016-11")), when="2016-11-10")
    assert stated_bounds(imprecise) == Bounds(date(2016, 11, 1), date(2016, 11, 10))
    assert stated_bounds(announced(event, sources=SOURCE, when="2015", stated="2016")) == When("2016").first
    assert stated_bounds(announced(event, sources=Source("Blog"))) == Bounds(None, None)


@given(claims(), claims(), st.integers(0, 9), st.integers(10, 19))
def test_the_order_is_total_and_by_the_latest_day_first(one: Claim, other: Claim, low: int, high: int) -> None:
    now = datetime(2016, 11, 15, tzinfo=UTC)
    first, second = Effective(low, "a", now, one), Effective(high, "b", now, other)
    assert order_key(first) != order_key(second)
    days = [
        stated_bounds(c) if c.assertion in (Assertion.PLANNED, Assertion.PROPOSED) else claim_bounds(c)
        for c in (one, other)
    ]
    expected = [(bounds.latest or date.max, bounds.earliest or date.min) for bounds in days]
    assert (order_key(first) < order_key(second)) is (expected[0] <= expected[1])


@given(events(), whens())
def test_every_event_can_be_claimed(event: Any, when: When) -> None:
    assert occurred(event, when=when, sources=SOURCE).event is event


def test_retraction_reasons_are_codes() -> None:
    assert Retraction(ID, RetractionReason.LEGAL).note is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "a claim has no source"),
        ({"sources": None}, "a claim has no source"),
        ({"sources": ()}, "a claim has no source"),
        ({"sources": "Korea.net"}, "found: 'Korea.net'; write sources=Source('Korea.net')"),
        ({"sources": ["Korea.net"]}, "found: 'Korea.net'; write Source('Korea.net')"),
        ({"sources": 7}, "expected: a Source or several; found: 7"),
        ({"sources": Source("Korea.net"), "where": "KR"}, "found: 'KR'; write Where('KR')"),
        ({"sources": Source("Korea.net"), "where": "seoul"}, "expected: Where; found: 'seoul'"),
        ({"sources": Source("Korea.net"), "where": [Source("x" * 90)]}, "… (list)"),
    ],
)
def test_a_maker_says_what_is_missing(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        occurred(ev.InstitutionOpened("kcac-secretariat"), **given)
    assert str(caught.value).endswith(words) or words in str(caught.value)
    assert "seoul" not in str(caught.value.hint)


def test_however_many_tuples_were_seen_each_new_one_is_looked_at() -> None:
    """What passed is known again by what it is, and only for a while: an equal one, or a later one, is no such."""
    claim: Any = announced(ev.InstitutionOpened("kcac"), sources=SOURCE)
    host = Party("KR", Role.HOST)
    for number in range(300):
        parties = (host, Party(f"institution:desk-{number}", Role.PARTICIPANT))
        for _ in range(2):
            assert attrs.evolve(claim, parties=parties).parties is parties
        wrong: tuple[Any, str]
        for wrong in ((host, host), "twice"), ((host, "KR"), "holds a Party"):
            with pytest.raises(InvalidValueError, match=wrong[1]):
                attrs.evolve(claim, parties=wrong[0])
