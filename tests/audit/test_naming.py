"""What acts are about, over entries that name each other in whatever way: as a plain reading says, in little time."""

from __future__ import annotations

import os
import tempfile
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Merge, Resolution, Retraction, RetractionReason
from coop_ledger.audit import Verdict, entries, naming, ranges, verify
from coop_ledger.audit.naming import Naming
from coop_ledger.audit.opening import Copy, opened
from coop_ledger.codec import encode
from coop_ledger.domain import subjects_of, targets_of
from coop_ledger.query import labels_of
from coop_ledger.stores import Draft, SqliteStore
from coop_ledger.testing import ticking
from tests.attacks.tools import ORIGIN, attacked, codes, plan, raw, rewrite, settle
from tests.audit.test_ranges import Here


def id_of(position: int) -> str:
    return f"01586478-3800-7000-8000-{position:012d}"


def retraction(target: int) -> Retraction:
    return Retraction(id_of(target), RetractionReason.WRONG)


def reached(position: int, bodies: Mapping[int, Any]) -> set[int]:
    """The entry itself and those in front of it that it leads to, found by trying until there is no more."""
    ids = {id_of(place): place for place in bodies if place < position}
    found = {position}
    while True:
        more = {ids[target] for place in found for target in targets_of(bodies[place]) if target in ids} - found
        if not more:
            return found
        found |= more


def labels(position: int, bodies: Mapping[int, Any]) -> tuple[str, ...]:
    about = dict.fromkeys(one for place in sorted(reached(position, bodies)) for one in subjects_of(bodies[place]))
    return labels_of(bodies[position], tuple(about))


def made(path: Path, bodies: list[Any], *labelled: tuple[str, ...]) -> Path:
    """A ledger of these entries, with the labels that are right, or with those that are given."""
    known = dict(enumerate(bodies))
    drafts = []
    for position, body in known.items():
        entry_id = id_of(position)
        leaf = encode(body, origin=ORIGIN, entry_id=entry_id, recorder="desk", once=None, draw=os.urandom)
        found = labelled[position] if labelled else labels(position, known)
        drafts.append(Draft(leaf.head, leaf.tail, entry_id, found, None, leaf.openings))
    with SqliteStore.open(path, origin=ORIGIN, clock=ticking()) as store:
        store.append(drafts)
    return path


def test_a_chain_of_two_thousand_retractions_is_verified(tmp_path: Path) -> None:
    """An honest ledger, for which the time that a file of its size may take must be enough."""
    first, second = plan(0), retraction(0)
    chain = [first, *(retraction(position) for position in range(2_000))]
    about = labels(0, {0: first}), *[labels(1, {0: first, 1: second})] * 2_000
    path = made(tmp_path / "chain.db", chain, *about)
    report = verify(path)
    assert (report.verdict, report.findings) == (Verdict.SELF_CONSISTENT, ())


NUMBERS = st.integers(0, 11)
BODIES = st.lists(
    st.just(None)
    | NUMBERS.map(retraction)
    | st.lists(NUMBERS, min_size=2, max_size=4, unique=True).map(
        lambda targets: Resolution(tuple(map(id_of, targets)), "Undecided.", None)
    ),
    min_size=3, max_size=10,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(BODIES, st.sampled_from(["nothing", "unreadable", "later"]), st.data())
def test_acts_are_about_what_they_lead_to(drawn: list[Any], spoilt: str, data: st.DataObject) -> None:
    """Whatever is named: what is not there, what stands behind, oneself, in circles, what cannot be read."""
    bodies = [plan(position) if body is None else body for position, body in enumerate(drawn)]
    known, at = dict(enumerate(bodies)), data.draw(st.integers(0, len(bodies) - 1))
    expected = set()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = made(Path(folder, "ledger"), bodies)
        with attacked(path) as db:
            if spoilt == "unreadable":
                rewrite(db, at, b"[]")
                left = {place: body for place, body in known.items() if place != at}
                expected = {place for place in left if {*labels(place, known)} != {*labels(place, left)}}
            elif spoilt == "later":  # of what leads there nothing is known
                rewrite(db, at, lambda leaf: leaf.update(type="institution.moved"))
            settle(db)
        report = verify(path)
        assert {finding.position for finding in report.findings if finding.code == "T22"} == expected
        assert codes(report) <= {"T22", "T24", "T51", "T53", "T57"}
        for module in (entries, ranges):
            patch.setattr(module, "PIECE", data.draw(st.integers(1, 4)))
        patch.setattr(naming, "_KEPT", data.draw(st.sampled_from([0, 5, 1 << 14])))
        assert verify(path, executor=Here()) == report


def test_an_entry_that_names_another_id_is_not_the_one_that_was_named(tmp_path: Path) -> None:
    """An index of the file that leads elsewhere does not decide what an act is about."""
    bodies = [*map(plan, range(4)), retraction(3)]
    wrong = labels(4, {2: bodies[2], 4: retraction(2)})
    path = made(tmp_path / "index.db", bodies, *(labels(at, dict(enumerate(bodies))) for at in range(4)), wrong)
    with raw(path) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_entries_1'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    key = id_of(3).encode()
    at = content.index(key, (page - 1) * size) + len(key)
    assert content[at] == 3
    content[at] = 2
    path.write_bytes(content)
    report = verify(path)
    assert codes(report) == {"T29", "T22"}
    assert [finding.position for finding in report.findings if finding.code == "T22"] == [4]


@pytest.fixture
def chain(tmp_path: Path) -> Any:
    """A chain of acts, opened as the examiner does, with the number of entries that were looked up so far."""
    bodies = [plan(0), *(retraction(position) for position in range(60))]
    looked = [0]

    class Counting(Copy):
        def row(self, sql: str, *parameters: str | int) -> tuple[Any, ...] | None:
            looked[0] += 1
            return super().row(sql, *parameters)

    with opened(made(tmp_path / "chain.db", bodies)) as copy:
        counting = Counting(copy._connection)
        leaves = [row[0] for row in copy.rows("SELECT leaf FROM entries ORDER BY position")]
        yield Naming(counting), leaves, bodies, looked


def test_each_act_of_a_chain_needs_only_the_entry_that_it_names(chain: Any) -> None:
    found, leaves, bodies, looked = chain
    for position in range(1, 61):
        assert found.subjects(position, leaves[position], bodies[position]) == ("institution:office-0",)
        assert looked[0] == position


def test_what_is_named_again_and_again_is_forgotten_last(chain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "_KEPT", 10)
    found, leaves, bodies, looked = chain
    for position in range(1, 61):
        found.subjects(position, leaves[position], bodies[position])
    for position in range(61, 100):
        found.subjects(position, b"%d" % position, retraction(60))
    assert looked[0] == 99


def test_what_is_remembered_has_a_bound(chain: Any) -> None:
    found, merge = chain[0], Merge(("institution:b", "institution:c", "institution:d"), "institution:a", "The same.")
    tracemalloc.start()
    try:
        for position in range(20_000):
            found.subjects(position, b"%d" % position, merge)
        assert tracemalloc.get_traced_memory()[0] < 3 << 20
    finally:
        tracemalloc.stop()
