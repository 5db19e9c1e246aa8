"""The plain form: what people read and write, one spelling for each value, and complaints that name their place."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger.codec import REGISTRY, act_from_plain, body_to_plain, claim_from_plain, claim_to_plain, wire_name
from coop_ledger.codec.converters import converter
from coop_ledger.domain import (
    EVENT_TYPES,
    REDACTED,
    Act,
    Claim,
    Correction,
    Party,
    RetractionReason,
    Role,
    Source,
    SourceKind,
    When,
    announced,
    field_specs,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import MalformedEventError, UnknownEventTypeError
from coop_ledger.testing import acts, claims, events_of

ENTRY = "01586478-3800-7000-8000-000000000009"


def plain_claim() -> dict[str, Any]:
    return {
        "assertion": "PLANNED",
        "event": {"type": "institution.opened", "institution": "kcac-secretariat"},
        "when": "2017-41",
        "where": {"country": "KR", "place": "seoul"},
        "stated_by": "institution:korea-foundation",
        "parties": [{"party": "KR", "role": "host"}, {"party": "KZ", "role": "member"}],
        "sources": [{"publisher": "SGGP News", "published": "2016-11", "relays": "Yonhap", "kind": "reprint"}],
        "note": "Or later.",
    }


def problems(plain: Any) -> dict[str, str]:
    with pytest.raises(MalformedEventError) as caught:
        claim_from_plain(plain)
    assert all(problem.path in str(caught.value) for problem in caught.value.problems)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_a_plain_claim_is_what_people_write() -> None:
    claim = announced(
        ev.InstitutionOpened("kcac-secretariat"),
        when="2017-41",
        where=claim_from_plain(plain_claim()).where,
        stated_by="institution:korea-foundation",
        parties={"host": "KR", "member": "KZ"},
        sources=Source("SGGP News", When("2016-11"), relays="Yonhap", kind=SourceKind.REPRINT),
        note="Or later.",
    )
    assert claim_from_plain(plain_claim()) == claim
    assert claim_to_plain(claim) == plain_claim()


@given(claims())
def test_claims_go_out_and_come_back(claim: Claim) -> None:
    plain = claim_to_plain(claim)
    assert claim_from_plain(plain) == claim
    assert claim_to_plain(claim_from_plain(plain)) == plain
    assert claim_from_plain(json.loads(json.dumps(plain))) == claim


@given(acts())
def test_acts_go_out_and_come_back(act: Act) -> None:
    plain = json.loads(json.dumps(body_to_plain(act)))
    assert act_from_plain(wire_name(type(act)), 1, plain) == act


@pytest.mark.parametrize("cls", EVENT_TYPES)
@settings(max_examples=3)
@given(data=st.data())
def test_both_converters_read_alike(cls: type[ev.Event], data: st.DataObject) -> None:
    claim = data.draw(claims(of=events_of(cls)))
    plain = claim_to_plain(claim)
    assert plain["event"]["type"] == wire_name(cls)
    assert converter(detailed=True).structure(plain, Claim) == claim == claim_from_plain(plain)


@given(claims())
def test_absent_and_empty_are_left_out(claim: Claim) -> None:
    def look(value: Any) -> None:
        assert value not in (None, [], {}, "")
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(item)

    look(claim_to_plain(claim))


def test_nothing_but_plain_data_comes_out() -> None:
    """Codes, dates and decimals are exactly str: a subclass would compare and print in its own way."""
    claim = occurred(
        ev.FigureReported("meeting:kcac-forum/10", "attendance", Decimal("150.50")),
        when="2016-11-15",
        sources=Source("MOFA", kind=SourceKind.PRIMARY),
    )
    plain = claim_to_plain(claim)
    assert plain["event"]["value"] == "150.50"
    for value in (*plain["event"].values(), plain["assertion"], plain["when"], plain["sources"][0]["kind"]):
        assert type(value) is str


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1E+3", "1000"),
        ("1.50", "1.50"),
        ("-0.05", "-0.05"),
        ("0E-5", "0.00000"),
        ("-0", "0"),
        ("-0.0", "0.0"),
        ("1E+37", "1" + "0" * 37),
        ("1E-38", "0." + "0" * 37 + "1"),
    ],
)
def test_a_decimal_has_one_spelling(number: str, text: str) -> None:
    claim = occurred(ev.FigureReported("country:KR", "trade", Decimal(number)), sources=Source("MOFA"))
    plain = claim_to_plain(claim)
    assert plain["event"]["value"] == text
    assert claim_from_plain(plain) == claim
    assert claim_to_plain(claim_from_plain(plain)) == plain


@pytest.mark.parametrize(
    "text",
    ["+1", "1e3", "1E3", "01", ".5", "5.", " 1", "1_000", "-0", "-0.00", "NaN", "Infinity", "", "\u0661", "1,5", "-"],
)
def test_other_spellings_of_decimals_are_refused(text: str) -> None:
    plain = plain_claim() | {
        "event": {"type": "figures.reported", "subject": "country:KR", "measure": "trade", "value": text}
    }
    found = problems(plain)
    assert list(found) == ["/event/value"]
    assert "a decimal is digits, with one spelling" in found["/event/value"]


@pytest.mark.parametrize("digits", ["9" * 39, "0." + "0" * 38 + "1", "9" * 100_000, "1" + "0" * 200 + ".1"])
def test_decimals_with_too_many_digits_are_refused(digits: str) -> None:
    event = {"type": "figures.reported", "subject": "country:KR", "measure": "trade", "value": digits}
    assert list(problems(plain_claim() | {"event": event})) == ["/event/value"]


def test_a_number_where_a_decimal_belongs_is_told_how() -> None:
    event = {"type": "figures.reported", "subject": "country:KR", "measure": "trade", "value": 1.5}
    assert "write '1.5' as text" in problems(plain_claim() | {"event": event})["/event/value"]


def test_redacted_texts_pass_through() -> None:
    claim = occurred(ev.InstitutionOpened("x"), sources=Source("MOFA", title=REDACTED), note=REDACTED)  # type: ignore[arg-type]
    plain = claim_to_plain(claim)
    assert plain["note"] is plain["sources"][0]["title"] is REDACTED
    assert claim_from_plain(plain) == claim


def change(path: str, value: Any) -> Any:
    """The plain claim with one member set, or removed where the value is ``...``."""
    plain = plain_claim()
    *parents, name = path.split("/")[1:]
    holder: Any = plain
    for part in parents:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    key: Any = int(name) if isinstance(holder, list) else name
    if value is ...:
        del holder[key]
    else:
        holder[key] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value", "place", "said"),
    [
        ("/assertion", ..., "/assertion", "this field is missing"),
        ("/assertion", "PLANED", "/assertion", "write 'PLANNED'"),
        ("/assertion", 3, "/assertion", "no such code"),
        ("/event", ..., "/event", "this field is missing"),
        ("/event", "institution.opened", "/event", "an event is an object that says its type"),
        ("/event/type", ..., "/event", "an event is an object that says its type"),
        ("/event/institution", ..., "/event/institution", "this field is missing"),
        ("/event/institution", "Secretariat", "/event/institution", "the slug is off the grammar"),
        ("/event/institution", None, "/event/institution", "a value of another type"),
        ("/event/instituton", "x", "/event/instituton", "did you mean 'institution'?"),
        ("/wen", "2017", "/wen", "there is no such field, did you mean 'when'?"),
        ("/zzzzzz", 1, "/zzzzzz", "there is no such field"),
        ("/a~b", 1, "/a~0b", "there is no such field"),
        ("/when", None, "/when", "what is absent is left out"),
        ("/when", "2017-H2", "/when", "write 2017-41"),
        ("/when", 2017, "/when", "EDTF text"),
        ("/where", {}, "/where", "a where that names nothing"),
        ("/where", "KR", "/where", "this is an object"),
        ("/where/country", "Korea", "/where/country", "two capital letters"),
        ("/parties", [], "/parties", "what is empty is left out"),
        ("/parties", {}, "/parties", "this is a list"),
        ("/parties", "KR", "/parties", "this is a list"),
        ("/parties/1", "KZ", "/parties/1", "this is an object"),
        ("/parties/1/role", "hosts", "/parties/1/role", "write 'host'"),
        ("/parties/1/party", "country:KZ", "/parties/1/party", "the bare country code"),
        ("/parties/1", {"party": "KR", "role": "host"}, "/parties", "an item stands twice"),
        ("/sources", ..., "/sources", "a claim has no source"),
        ("/sources", [], "/sources", "what is empty is left out"),
        ("/sources/0/relays", ..., "/sources/0/relays", "a reprint does not say what it copies"),
        ("/sources/0/title", 5, "/sources/0/title", "this field is text"),
        ("/sources/0/title", "", "/sources/0/title", "the text is empty"),
        ("/sources/0/url", "www", "/sources/0/url", "an absolute address"),
        ("/note", None, "/note", "this field is text"),
        ("/note", "\ud800", "/note", "a lone surrogate"),
    ],
)
def test_every_fault_is_named_with_its_place(path: str, value: Any, place: str, said: str) -> None:
    plain = change(path, value)
    found = problems(plain)
    assert list(found) == [place]
    assert said in found[place]


def test_all_faults_are_listed_at_once() -> None:
    plain = plain_claim() | {"assertion": "x", "when": "y", "more": 1}
    plain["parties"][0]["role"] = "z"
    plain["parties"][1]["party"] = "Z"
    assert set(problems(plain)) == {"/assertion", "/when", "/more", "/parties/0/role", "/parties/1/party"}


@pytest.mark.parametrize("plain", [None, [], "claim", 5, {"event": []}])
def test_what_is_no_claim_at_all(plain: Any) -> None:
    assert problems(plain)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=2),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from((*plain_claim(), "type", "version", "x")), inner, max_size=4)
        ),
        max_leaves=10,
    )
)
def test_rubbish_never_leaks_another_error(plain: Any) -> None:
    with pytest.raises((MalformedEventError, UnknownEventTypeError)):
        claim_from_plain(plain)


@given(claims(), st.data())
def test_one_spoiled_member_never_leaks_another_error(claim: Claim, data: st.DataObject) -> None:
    plain = claim_to_plain(claim)
    holder = data.draw(st.sampled_from((plain, plain["event"], plain["sources"][0])))
    name = data.draw(st.sampled_from(sorted(holder)))
    holder[name] = data.draw(
        st.none() | st.integers() | st.text(max_size=3) | st.just([]) | st.just([{}]) | st.just({})
    )
    try:
        again = claim_from_plain(plain)
    except (MalformedEventError, UnknownEventTypeError):
        return
    assert claim_to_plain(again) == plain


@pytest.mark.parametrize(
    ("event", "where", "hint"),
    [
        ({"type": "institution.openend"}, "/event/type", "did you mean 'institution.opened'?"),
        ({"type": "act.merge"}, "/event/type", "did you mean 'act.merge'?"),
        ({"type": "figures.counted"}, "/event/type", "of figures there are reported"),
        ({"type": "nothing.of-the-kind-at-all"}, "/event/type", None),
        ({"type": 5}, "/event/type", None),
        ({"type": None}, "/event/type", None),
        ({"type": ["institution.opened"]}, "/event/type", "did you mean 'institution.opened'?"),
        ({"type": "institution.opened", "version": 2}, "/event/version", None),
        ({"type": "institution.opened", "version": 0}, "/event/version", None),
        ({"type": "institution.opened", "version": True}, "/event/version", None),
        ({"type": "institution.opened", "version": "1"}, "/event/version", None),
    ],
)
def test_an_unknown_event_is_told_from_a_malformed_one(event: dict[str, Any], where: str, hint: str | None) -> None:
    with pytest.raises(UnknownEventTypeError) as caught:
        claim_from_plain(plain_claim() | {"event": event})
    assert caught.value.where == where
    if where == "/event/type":
        assert caught.value.hint == hint


def test_the_version_may_be_said() -> None:
    plain = change("/event/version", 1)
    assert claim_from_plain(plain) == claim_from_plain(plain_claim())
    assert "version" not in claim_to_plain(claim_from_plain(plain))["event"]


def test_no_event_has_a_field_that_the_plain_form_uses() -> None:
    for cls in EVENT_TYPES:
        assert not {"type", "version"} & field_specs(cls).keys()


def test_an_act_is_read_by_its_name() -> None:
    act = act_from_plain("act.retraction", 1, {"target": ENTRY, "reason": "source-withdrawn"})
    assert body_to_plain(act) == {"target": ENTRY, "reason": RetractionReason.SOURCE_WITHDRAWN.value}
    with pytest.raises(UnknownEventTypeError, match="this is an event and no act"):
        act_from_plain("institution.opened", 1, {"institution": "x"})
    with pytest.raises(UnknownEventTypeError, match="no such event or act"):
        act_from_plain("act.of-god", 1, {})


@pytest.mark.parametrize("plain", [None, [], {}, {"target": ENTRY}, {"target": ENTRY, "reason": "x"}, {"claim": 5}])
def test_what_is_no_act(plain: Any) -> None:
    for name in ("act.retraction", "act.correction"):
        with pytest.raises(MalformedEventError, match="this is no act"):
            act_from_plain(name, 1, plain)


def test_faults_of_a_corrected_claim_are_named_in_it() -> None:
    plain = {"target": ENTRY, "reason": "A slip.", "claim": change("/parties/1/role", "hosts")}
    with pytest.raises(MalformedEventError) as caught:
        act_from_plain("act.correction", 1, plain)
    assert [problem.path for problem in caught.value.problems] == ["/claim/parties/1/role"]
    plain["claim"] = change("/event/type", "institution.openend")
    with pytest.raises(UnknownEventTypeError) as unknown:
        act_from_plain("act.correction", 1, plain)
    assert unknown.value.where == "/claim/event/type"


def test_a_correction_holds_the_whole_claim() -> None:
    act = act_from_plain("act.correction", 1, {"target": ENTRY, "reason": "A slip.", "claim": plain_claim()})
    assert isinstance(act, Correction)
    assert act.claim == claim_from_plain(plain_claim())


def test_equal_parties_and_sources_are_one_object() -> None:
    """They come back in claim after claim; whole histories are read in half the memory and time."""
    one, other = claim_from_plain(plain_claim()), claim_from_plain(plain_claim())
    assert one is not other
    assert one.sources[0] is other.sources[0]
    assert one.parties[0] is other.parties[0]
    assert one.parties[0] == Party("KR", Role.HOST)


def test_a_tag_never_picks_a_class_outside_the_registry() -> None:
    """T65: nothing is imported, looked up or called by name."""
    for name in ("os.system", "builtins.eval", "Claim", "coop_ledger.domain.Claim", "__class__"):
        assert name not in REGISTRY
        with pytest.raises(UnknownEventTypeError):
            claim_from_plain(plain_claim() | {"event": {"type": name, "institution": "x"}})
