"""Whatever is erased whenever: every earlier proof still holds, and nothing reads otherwise but what was erased."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import REDACTED, Ledger, View, as_plain
from coop_ledger.analyst import Analyst
from coop_ledger.domain import Claim, Entry, Redaction, UnknownEvent
from coop_ledger.log import (
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    reader_over,
    verify_consistency,
    verify_inclusion,
)
from coop_ledger.projections import NAMES
from coop_ledger.testing import histories, redactions, with_redactions_carried_out
from coop_ledger.testing.redactions import sealed_in, with_texts
from tests.ledger.support import History
from tests.ledger.test_views import READ, maybe_days, view_of

MARK = "\N{SECTION SIGN}"
WORDS = (f"{MARK} one", f"{MARK} two", f"{MARK} three")
"""Sealed texts that are known wherever they turn up; few, so that some are equal."""


def without_redactions(history: list[Entry]) -> list[Entry]:
    kept = [entry for entry in history if not isinstance(entry.body, Redaction)]
    return [attrs.evolve(entry, position=at) for at, entry in enumerate(kept)]


def told(history: list[Entry]) -> bool:
    return any(isinstance(entry.body, Claim) for entry in history)


@st.composite
def marked(draw: st.DrawFn) -> list[Entry]:
    """A history without redactions, in which each claim has a note, and every sealed text is one of ``WORDS``."""
    found = []
    for entry in without_redactions(draw(histories(min_size=2))):
        if isinstance(entry.body, Claim):
            given_body: Any = entry.body
            entry = attrs.evolve(entry, body=attrs.evolve(given_body, note=MARK))
        texts = {path: draw(st.sampled_from(WORDS)) for path in sealed_in(entry.body)}
        found.append(attrs.evolve(entry, body=with_texts(entry.body, texts)))
    return found


def blind(value: Any) -> Any:
    """A value as one sees it who cannot read sealed texts, nor how often what differs in them alone is listed."""
    match value:
        case _ if value is REDACTED or (isinstance(value, str) and value.startswith(MARK)):
            return MARK
        case {"redacted": True}:
            return MARK
        case enum.Enum():
            return value
        case Mapping():
            return tuple(dict.fromkeys((blind(key), blind(item)) for key, item in value.items()))
        case tuple() | list() | set() | frozenset():
            return tuple(dict.fromkeys(map(blind, value)))
        case type():
            return value
        case _ if attrs.has(type(value)):
            return type(value), tuple(blind(getattr(value, field.name)) for field in attrs.fields(type(value)))
        case _:
            return value


def answers(reader: Analyst) -> Iterator[Any]:
    """All that a reader answers, each with its name."""
    for kind, (_, read) in READ.items():
        for subject in reader.subjects(kind=kind):
            state = read(reader, subject)
            yield subject, state.claims
            yield subject, as_plain(state)
            for field in ("status", "disputed", "positions"):
                if hasattr(state, field):
                    yield subject, field, [reason.effective for reason in reader.why(state.subject, field)]
    for state in reader.project(NAMES).values():
        yield state.subject, state.current, state.periods
    for question in ("conflicts", "anomalies", "duplicates", "relationships", "latencies", "commitments", "sectors"):
        yield question, getattr(reader, question)()
    yield "subjects", reader.subjects()
    yield "entries", [entry for entry in reader.entries() if not isinstance(entry.body, Redaction)]


def seen(reader: Analyst) -> Any:
    return [blind(answer) for answer in answers(reader)]


def changes(before: View, after: View) -> set[Any]:
    """The fields that two views show differently, for one who cannot read sealed texts."""
    told = ((one.subject, one.field, blind(one.before), blind(one.after)) for one in before.diff(before, after))
    return {one for one in told if one[2] != one[3]}


@settings(max_examples=60, deadline=None)
@given(marked().filter(told), st.integers(0, 8), maybe_days, maybe_days, st.data())
def test_only_what_was_erased_reads_otherwise(
    history: list[Entry], size: int, published: Any, day: Any, data: st.DataObject
) -> None:
    found = History(history)
    ledger, size = found.ledger, min(size, len(history))
    view, whole = view_of(ledger, size, published, day), view_of(ledger, None, None, day)
    before, basis, differences = [seen(view), seen(whole)], view.basis, changes(view, whole)
    acts = data.draw(st.lists(redactions(history), min_size=1, max_size=3))
    for act in acts:
        ledger.record(act)
    assert [seen(view), seen(whole)] == before
    assert seen(view_of(ledger, size, published, day)) == before[0]
    assert changes(view, whole) == differences
    assert view.basis == attrs.evolve(basis, erasures=basis.erasures + len(acts))
    # and what was erased does read otherwise
    gone = {act.target: set[str]() for act in acts}
    for act in acts:
        gone[act.target].update(act.paths)
    shown = {entry.id: entry for entry in ledger.entries()}
    for entry in history:
        expected = with_redactions_carried_out([entry, *(e for e in shown.values() if isinstance(e.body, Redaction))])
        assert shown[entry.id].body == expected[0].body
        assert not isinstance(entry.body, UnknownEvent)


@settings(max_examples=60, deadline=None)
@given(histories(min_size=2), st.data())
def test_every_earlier_root_and_proof_holds_after_any_redactions(history: list[Entry], data: st.DataObject) -> None:
    found = History()
    ledger, store = found.ledger, found.store
    roots, inclusions, consistencies = [ledger.root], [], []

    def hashes() -> list[bytes]:
        return store.hashes(0, ledger.size)

    def look() -> None:
        """Prove something of the log as it is now."""
        leaves, size = hashes(), ledger.size
        roots.extend(ledger.at(size=at).basis.root for at in range(len(roots), size + 1))
        index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
        inclusions.append((index, size, leaves[index], prove_inclusion(index, size, reader_over(leaves))))
        consistencies.append((old, size, prove_consistency(old, size, reader_over(leaves))))

    for entry in history:
        found.add(entry)
        look()
        known = list(found.entries.values())
        if any(sealed_in(one.body) for one in known) and data.draw(st.booleans()):
            ledger.record(data.draw(redactions(known)))
            look()
    leaves = hashes()
    assert leaves == [leaf_hash(stored.leaf) for stored in store.read(((),))]
    assert roots == [ledger.at(size=size).basis.root for size in range(ledger.size + 1)]
    for index, size, leaf, proof in inclusions:
        assert leaves[index] == leaf
        verify_inclusion(index, size, leaf, proof, roots[size])
    for old, size, proof in consistencies:
        verify_consistency(old, size, roots[old], roots[size], proof)


@settings(max_examples=60, deadline=None)
@given(marked().filter(told), maybe_days, st.data())
def test_states_read_from_a_ledger_are_folds_of_what_remains(
    history: list[Entry], day: Any, data: st.DataObject
) -> None:
    found = History(history)
    at = found.entries[history[-1].id]
    for number, act in enumerate(data.draw(st.lists(redactions(history), min_size=1, max_size=3))):
        ident = f"{at.id[:-1]}{'0123456789abcdef'[number]}"
        if ident not in found.entries:
            found.add(attrs.evolve(at, position=len(found.entries), id=ident, body=act, once=None))
    view: Ledger | View = found.ledger if day is None else found.ledger.at().on(day)
    for projection, read in READ.values():
        for subject, state in found.twin(projection, None, None, day).items():
            assert read(view, subject) == state
            assert view.project(projection)[subject] == state
