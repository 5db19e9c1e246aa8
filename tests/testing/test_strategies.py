"""What the shipped strategies give: all there is, only what is valid, and small things first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from coop_ledger import testing
from coop_ledger.codec import decode, sealed_paths
from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    Act,
    Assertion,
    Claim,
    Entry,
    Once,
    Role,
    Source,
    SourceKind,
    SubjectKind,
    UnknownEvent,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.ledger import Ledger
from coop_ledger.log import assemble, placed
from coop_ledger.stores import Draft, MemoryStore
from coop_ledger.testing import (
    acts,
    bodies,
    claims,
    drafts,
    entries,
    events,
    events_of,
    labels,
    parties_as,
    prose,
    slugs,
    sources,
    ticking,
    unknown_events,
    whens,
)
from tests.projections.support import entries as told

PARAMETERS: dict[str, tuple[Any, ...]] = {
    "StoreContract": (),
    "ticking": (),
    "events_of": (ev.MeetingHeld,),
    "parties_as": (Role.HOST,),
    "redactions": (told(occurred(ev.MeetingHeld("talks"), when="2016", sources=Source("MOFA", title="a"), note="b")),),
}
"""What is no strategy of its own, and arguments for what needs some."""

OTHERS = {
    "BrokenContractError",
    "Checked", "HandClock", "Law", "LedgerMachine", "Scenario", "SeededBytes", "StoreContract", "StoreOpener",
    "as_code", "check_projection", "entries_of", "erased", "history_as_code", "id_of", "ledger_of", "scenario",
    "ticking", "with_redactions_carried_out",
}  # fmt: skip
STRATEGIES = sorted(set(testing.__all__) - OTHERS)
SEARCH = settings(
    max_examples=20_000,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

FORMS = [
    r"\d{4}",
    r"\d{4}-(0\d|1[012])",
    r"\d{4}-\d\d-\d\d",
    r"\d{4}-(2[1-4])",
    r"\d{4}-(2[5-9]|3[0-2])",
    r"\d{4}-3[3-6]",
    r"\d{4}-3[7-9]",
    r"\d{4}-4[01]",
    r"\d{3}X",
    r"\d\dXX",
    r"\d{4}-\dX",
    r"\d{4}-\d\d-XX",
    r"\d{4}-\d\d-\dX",
    r"\d{4}-XX-XX",
    r"\d{4}-XX-\d\d",
    r"XXXX-\d\d-XX",
    r"[^/,]*\?",
    r"[^/,]*~",
    r"[^/,]*%",
    r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d",
    r"\d{4}/\d{4}",
    r"[^/]*[?~%]/[^/]*[?~%]",
    r"[^/.]+/",
    r"/[^/.]+",
    r"[^/]+/\.\.",
    r"\.\./[^/]+",
    r"\[[^.,]+\]",
    r"\[[^.]*,[^.]*\]",
    r"\[[^,]+\.\.[^,]+\]",
    r"\[\.\.[^,]+\]",
    r"\[[^,]+\.\.\]",
    r"\[[^,]+,[^,]+\.\.[^,]+\]",
    r"\{[^.]*,[^.]*\}",
    r"\{[^,]+\.\.[^,]+\}",
    r"\{\.\.[^,]+\}",
    r"\{[^,]+\.\.\}",
    r"\{.*\?.*\}",
    r"0001",
    r"9999-12-31",
]
"""The forms of dates that are read (DESIGN §3a)."""


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """The same *count* values of a strategy in each run."""
    found: list[Any] = []

    @settings(SEARCH, max_examples=count)
    @given(strategy)
    def take(one: Any) -> None:
        found.append(one)

    take()
    return found


@pytest.mark.faults
def test_every_form_of_dates_is_drawn() -> None:
    texts = {when.text for when in drawn(whens(), 10_000)}
    assert [form for form in FORMS if not any(re.fullmatch(form, text) for text in texts)] == []


@pytest.mark.parametrize("name", STRATEGIES)
def test_what_is_drawn_can_be_made_compared_and_shown(name: str) -> None:
    strategy = getattr(testing, name)(*PARAMETERS.get(name, ()))

    @settings(max_examples=15)
    @given(st.lists(strategy, min_size=1, max_size=2))
    def check(found: list[Any]) -> None:
        for one in found:
            assert one == one
            assert repr(one)
            if not isinstance(one, list | Entry | UnknownEvent | Ledger):
                assert hash(one) == hash(one)
        assert (found[0] == found[-1]) is (found[-1] == found[0])

    check()


def test_equal_values_have_one_hash() -> None:
    @given(events(), st.data())
    def check(one: Any, data: st.DataObject) -> None:
        other = data.draw(events_of(type(one)))
        again = type(one)(*(getattr(one, name) for name in one.__match_args__))
        assert again == one
        assert hash(again) == hash(one)
        if other == one:
            assert hash(other) == hash(one)
        assert one != SimilarClass

    SimilarClass = ev.MeetingHeld  # noqa: N806 - a class, and no event
    check()


def test_every_class_is_drawn() -> None:
    """An event class outside the union, or a strategy that leaves one out, fails here."""
    assert {type(one) for one in drawn(events(), 1_500)} == set(EVENT_TYPES)
    assert {type(one) for one in drawn(acts(), 150)} == set(ACT_TYPES)


@pytest.mark.parametrize("cls", EVENT_TYPES)
def test_every_field_is_filled_and_every_optional_one_left_out(cls: Any) -> None:
    for field in attrs.fields(cls):

        def filled(one: Any, name: str = field.name) -> bool:
            return getattr(one, name) not in (None, ())

        def empty(one: Any, filled: Callable[[Any], bool] = filled) -> bool:
            return not filled(one)

        find(events_of(cls), filled, settings=SEARCH)
        if field.default is None or field.default == ():
            find(events_of(cls), empty, settings=SEARCH)


@pytest.mark.parametrize("assertion", Assertion)
def test_claims_of_every_assertion_are_drawn(assertion: Assertion) -> None:
    assert find(claims(), lambda claim: claim.assertion is assertion, settings=SEARCH).sources
    only = find(claims(assertions=(assertion,)), lambda claim: True, settings=SEARCH)
    assert only.assertion is assertion


@pytest.mark.parametrize("role", Role)
def test_every_role_is_played_where_the_event_has_it(role: Role) -> None:
    having = events(*(cls for cls in EVENT_TYPES if role in cls.spec.roles))
    find(claims(of=having), lambda claim: any(party.role is role for party in claim.parties), settings=SEARCH)


@given(parties_as(Role.HOST, Role.VISITOR))
def test_parties_stand_once_in_a_role(found: Any) -> None:
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("kind", SourceKind)
def test_sources_of_every_kind_are_drawn(kind: SourceKind) -> None:
    for dated in (True, False):

        def fits(source: Source, dated: bool = dated) -> bool:
            return source.kind is kind and (source.published is not None) is dated

        assert (find(sources(), fits, settings=SEARCH).relays is not None) or kind is not SourceKind.REPRINT


@pytest.mark.parametrize("kind", SubjectKind)
def test_subjects_of_every_kind_are_drawn(kind: SubjectKind) -> None:
    find(testing.subject_ids(), lambda subject: subject.startswith(f"{kind}:"), settings=SEARCH)
    find(slugs(kind), lambda slug: ":" not in slug, settings=SEARCH)


@given(labels(), prose())
def test_texts_are_of_any_script_and_clean(label: str, text: str) -> None:
    for given_text in (label, text):
        assert given_text.encode().decode() == given_text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", given_text)
    assert "\n" not in label


@pytest.mark.parametrize("found", ["\U0001f3de", "가", "é", "\n"])
def test_texts_hold_what_breaks_careless_code(found: str) -> None:
    def like(text: str) -> bool:
        return (
            any(ord(letter) > 0xFFFF for letter in text)
            if ord(found) > 0xFFFF
            else any((letter == "\n") if found == "\n" else ord(letter) > 0x7F for letter in text)
        )

    find(prose(), like, settings=SEARCH)


def test_what_is_found_is_small() -> None:
    """A counterexample is read by people: what does not matter is not in it."""
    smallest = settings(SEARCH, phases=[Phase.generate, Phase.shrink])
    claim = find(claims(), lambda claim: claim.assertion is Assertion.OCCURRED, settings=smallest)
    assert (claim.when, claim.where, claim.stated, claim.stated_by, claim.note) == (None,) * 5
    assert (claim.parties, len(claim.sources)) == ((), 1)
    said = [getattr(claim.event, name) for name in type(claim.event).__match_args__]
    assert [value for value in said if value not in (None, ())] == ["forum"]
    assert len(find(whens(), lambda when: when.is_span, settings=smallest).text) <= len("2014-01-01/2014-01-01")
    assert len(find(testing.histories(min_size=1), bool, settings=smallest)) == 1


@given(unknown_events())
def test_an_unknown_event_is_unknown(event: UnknownEvent) -> None:
    from coop_ledger.codec import REGISTRY

    assert event.type not in REGISTRY
    assert event.version > 0


@given(entries())
def test_an_entry_stands_in_its_call(entry: Entry) -> None:
    assert entry.recorded_at.utcoffset() is not None
    assert entry.once is None or 0 <= entry.once.index < entry.once.count


@given(st.lists(bodies(), min_size=1, max_size=3), st.booleans(), st.data())
def test_drafts_are_those_of_a_ledger(given_bodies: list[Claim | Act], keyed: bool, data: st.DataObject) -> None:
    made: list[Draft] = []
    for index, body in enumerate(given_bodies):
        once = Once("key", index, len(given_bodies)) if keyed else None
        made.append(data.draw(drafts(of=st.just(body), once=once).filter(lambda d: d.id not in {m.id for m in made})))
    with_store = MemoryStore("drafts.example.org/1", clock=ticking())
    result = with_store.append(made)
    for position, body, draft in zip(result.positions, given_bodies, made, strict=True):
        stored = with_store.entry(draft.id)
        assert stored is not None
        assert stored.leaf == assemble(draft.head, placed(position, result.recorded_at, result.clamped), draft.tail)
        assert decode(stored.leaf, stored.openings).body == body
        assert (draft.openings is None) is (sealed_paths(body) == ())
        assert all(label.isascii() and label.isprintable() for label in draft.labels)
        assert len(set(draft.labels)) == len(draft.labels)
    assert [stored.id for stored in with_store.once("key")] == ([draft.id for draft in made] if keyed else [])
