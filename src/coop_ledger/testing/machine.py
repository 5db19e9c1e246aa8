"""
A store proves itself by keeping step with the model in memory: whatever is done, both answer alike.

One line in a test module is enough; pytest collects what it makes:

    TestMine = LedgerMachine.of(lambda folder, clock: MyStore(folder / "my.db", clock=clock), durable=True).TestCase

Hypothesis records claims and acts, erases words, repeats calls, sets conditions, closes and opens again, hands
bundles over, proves, looks back, and shrinks what it finds to the fewest steps. How many are taken is
``TestMine.settings``, as for any machine. What differs is told as ``BrokenContractError``, with the store's calls.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast, runtime_checkable

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from coop_ledger.codec import SealedState
from coop_ledger.domain import Act, Claim, Correction, Merge, Redaction, Retraction, RetractionReason
from coop_ledger.errors import AppendConflictError, CoopLedgerError, ReusedKeyError
from coop_ledger.interchange import import_bundle
from coop_ledger.ledger import Ledger
from coop_ledger.projections import INITIATIVE, INSTITUTION, MEETING, RELATIONSHIP, as_plain
from coop_ledger.query import Query, Unchanged
from coop_ledger.recording import AlreadyRecorded, Receipt
from coop_ledger.stores import Clock, Draft, Head, Store
from coop_ledger.testing.clauses import Trace, bare, clause, differing, must
from coop_ledger.testing.redactions import erased, redactions
from coop_ledger.testing.stories import CAST, stories
from coop_ledger.testing.strategies import acts, claims
from coop_ledger.testing.twins import Pin, Pulse, Twins, answers, read_all, state_of

__all__ = ["LedgerMachine", "StoreOpener"]

T = TypeVar("T")

StoreOpener = Callable[[Path, Clock], Store]
"""Opens a store that keeps what it keeps in a folder, and makes it if the folder is empty; the clock is its clock."""

_UNKNOWN = "01586548-8000-7000-8000-000000000000"


def _noted(claims: list[Claim]) -> list[Claim]:
    """The claims, with texts that can be erased."""
    return [claim if claim.note is not None else attrs.evolve(cast("Any", claim), note="As told.") for claim in claims]


_STORY_CLAIMS = stories().flatmap(st.sampled_from)
_CALLS = (stories() | st.lists(claims(), min_size=1, max_size=2) | st.lists(_STORY_CLAIMS, min_size=1, max_size=1)).map(
    _noted
)
_REFUSED: dict[str, Callable[[Ledger], object]] = {
    "nothing": lambda ledger: ledger.record(),
    "an act on nothing": lambda ledger: ledger.record(Retraction(_UNKNOWN, RetractionReason.WRONG)),
    "a condition beyond the log": lambda ledger: ledger.record(
        Merge(("initiative:alpha",), "initiative:beta", "one"), condition=Unchanged(Query(()), since=ledger.size + 1)
    ),
    "no key": lambda ledger: ledger.record(Merge(("initiative:alpha",), "initiative:beta", "one"), once=""),
    "no entry": lambda ledger: ledger.entry(_UNKNOWN),
    "no subject": lambda ledger: ledger.institution("unheard-of"),
    "a view beyond the log": lambda ledger: ledger.at(size=ledger.size + 1),
    "an axis given twice": lambda ledger: ledger.at(size=0, recorded="2016-11-15"),
}


@runtime_checkable
class _CanCopy(Protocol):
    """A store that keeps its entries in one file, and copies it."""

    @property
    def path(self) -> Path: ...

    def backup(self, target: Path) -> Head: ...


def _answer(found: T | CoopLedgerError) -> T:
    """What both ledgers answered, where neither may refuse."""
    if isinstance(found, CoopLedgerError):
        raise AssertionError(f"refused: {found!r}") from found
    return found


class LedgerMachine(RuleBasedStateMachine):
    """
    Drives a ledger over the store under test and one over the model, with equal instants and random bytes.

    After each step both must have the same head, leaves, openings and labels, and give the same states, conflicts,
    anomalies and duplicates; views that were pinned must answer as they did. Redactions, bundles and proofs are steps
    too. Made by :meth:`of`.
    """

    open_store: ClassVar[StoreOpener]
    durable: ClassVar[bool] = False

    @classmethod
    def of(cls, open_store: StoreOpener, *, durable: bool = False) -> type[Self]:
        """
        The machine of one kind of store; its ``TestCase`` is what pytest collects.

        Args:
            open_store: Opens the store in a folder that is empty at first.
            durable: Whether a store that is closed and opened again in the same folder holds what it held.

        >>> from coop_ledger.stores import MemoryStore
        >>> machine = LedgerMachine.of(lambda folder, clock: MemoryStore("machine.example/1", clock=clock))
        >>> machine.TestCase.__name__
        'LedgerMachine.TestCase'
        """
        members = {"open_store": staticmethod(open_store), "durable": durable, "__doc__": cls.__doc__}
        return cast("type[Self]", type(cls.__name__, (cls,), members))

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.pulse = Pulse()
        self.trace = Trace()
        self.place = self._new_place()
        self.twins = Twins(self.pulse, self._opened(self.place))
        self.ids: list[str] = []
        self.calls: dict[str, tuple[Claim | Act, ...]] = {}
        self.pins: list[Pin] = []
        self.changed = True

    def _opened(self, folder: Path) -> Store:
        folder.mkdir(exist_ok=True)
        return self.trace.over(type(self).open_store(folder, self.pulse.clock))

    def _new_place(self) -> Path:
        """A folder in which no store is yet."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def _record(self, *bodies: Claim | Act, late_s: int = 0, **options: Any) -> Any:
        """One call on both; equal receipts, or equal refusals."""
        self.pulse.beat(late_s)
        self.changed = True
        found = self.twins.ask("record", lambda ledger: ledger.record(*bodies, **options))
        if isinstance(found, Receipt) and not isinstance(found, AlreadyRecorded):
            self.ids.extend(found.ids)
            if options.get("once"):
                self.calls[options["once"]] = bodies
            if any(isinstance(body, Redaction) for body in bodies):
                self._look_again()
        return found

    def _look_again(self) -> None:
        """Words were erased, which read otherwise in every view: what the pinned ones answer from now on."""
        self.pins = [self._answered(pin) for pin in self.pins]

    def _answered(self, pin: Pin) -> Pin:
        """A pin with what its view answers now, on both."""
        given = self.twins.ask("a view", lambda ledger: answers(self.twins.view(ledger, pin)))
        return attrs.evolve(pin, answers=_answer(given))

    @rule(bodies=_CALLS, keyed=st.booleans())
    @clause
    def tell(self, bodies: list[Claim], keyed: bool) -> None:
        """Claims that are recorded in one call, perhaps with a key, get equal receipts."""
        self._record(*bodies, once=f"call {len(self.ids)}" if keyed else None)

    @rule(bodies=_CALLS, seconds=st.integers(1, 100))
    @clause
    def tell_while_the_clock_is_behind(self, bodies: list[Claim], seconds: int) -> None:
        """What is recorded at an instant before the last is taken at the last, and marked."""
        self._record(*bodies, late_s=seconds)

    @rule(bodies=_CALLS)
    @clause
    def tell_strictly(self, bodies: list[Claim]) -> None:
        """What is recorded strictly is recorded by both or refused by both."""
        self._record(*bodies, strict=True)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    @clause
    def act(self, data: st.DataObject) -> None:
        """An act on earlier entries is recorded alike; among them corrections to the subjects of other claims."""
        known = st.sampled_from(self.ids if len(self.ids) > 1 else [*self.ids, _UNKNOWN])
        moved = st.builds(Correction, known, _STORY_CLAIMS, st.just("another was meant"))
        merged = st.sampled_from(("initiative", "institution", "meeting")).flatmap(
            lambda kind: st.permutations([f"{kind}:{slug}" for slug in CAST]).map(
                lambda names: Merge((names[0],), names[1], "two names of one")
            )
        )
        self._record(*data.draw(st.lists(acts(targets=known) | moved | merged, min_size=1, max_size=2)))

    @rule(data=st.data(), bodies=_CALLS)
    @clause
    def tell_on_condition(self, data: st.DataObject, bodies: list[Claim]) -> None:
        """A condition stops what is stale, and nothing that rests on what the caller has just read."""
        size = self.twins.model.size
        since = data.draw(st.just(size) | st.integers(0, size))
        query = data.draw(self._queries())
        found = self._record(*bodies, condition=Unchanged(Query(query), since=since))
        must(since < size or not isinstance(found, AppendConflictError), f"refused, though nothing came since: {found}")

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), otherwise=st.booleans())
    @clause
    def repeat(self, data: st.DataObject, otherwise: bool) -> None:
        """A call that is made again under its key records nothing; with other content it is refused."""
        key = data.draw(st.sampled_from(sorted(self.calls)))
        size = self.twins.model.size
        bodies = self.calls[key]
        if otherwise and isinstance(bodies[0], Redaction):
            bodies = (attrs.evolve(cast("Any", bodies[0]), authority="another office"),)
        elif otherwise:
            bodies = (*bodies, bodies[0])
        found = self._record(*bodies, once=key)
        must(isinstance(found, ReusedKeyError if otherwise else AlreadyRecorded), f"the call ended in {found!r}")
        differing("the size", size, self.twins.model.size)

    @rule(what=st.sampled_from(sorted(_REFUSED)))
    @clause
    def be_refused(self, what: str) -> None:
        """What cannot be right is refused alike, and records nothing."""
        self.pulse.beat()
        found = self.twins.ask(what, _REFUSED[what])
        must(isinstance(found, CoopLedgerError), f"{what}: not refused, but {found!r}")

    @precondition(lambda self: self.durable)
    @rule()
    @clause
    def reopen(self) -> None:
        """A store that is closed and opened again holds what it held."""
        self.twins.stores[1].close()
        self.twins.moved(self._opened(self.place))
        self.changed = True

    @precondition(lambda self: self.durable and isinstance(bare(self.twins.stores[1]), _CanCopy))
    @rule()
    @clause
    def back_up(self) -> None:
        """What is opened from a copy of the store holds what the model holds."""
        model, store = self.twins.stores
        under_test = bare(store)
        assert isinstance(under_test, _CanCopy)  # else the rule is not taken
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            differing("the head of a backup", model.head(), under_test.backup(Path(folder) / under_test.path.name))
            copy = self._opened(Path(folder))
            try:
                differing("the entries of a backup", read_all(model), read_all(copy))
                differing("the labels of a backup", model.labels(), copy.labels())
            finally:
                copy.close()

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), keyed=st.booleans())
    @clause
    def redact(self, data: st.DataObject, keyed: bool) -> None:
        """Sealed texts that are erased, perhaps again, read otherwise, and nothing else does; roots stay."""
        model = self.twins.model
        act = data.draw(redactions(model.entries()) | redactions([model.entry(self.ids[0])]))
        size, root, before = model.size, model.root, model.entry(act.target).body
        found = self._record(act, once=f"call {len(self.ids)}" if keyed else None)
        must(isinstance(found, Receipt), f"the redaction ended in {found!r}")
        for ledger in self.twins.ledgers:
            differing("an entry with erased texts", erased(before, act.paths), ledger.entry(act.target).body)
            states = ledger.sealed(act.target)
            differing("how erased texts stand", {SealedState.REDACTED}, {states[path] for path in act.paths})
            differing("a root of before", root, ledger.at(size=size).basis.root)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    @clause
    def erase_what_changed(self, data: st.DataObject) -> None:
        """Openings that are others by now are not erased."""
        position = data.draw(st.integers(0, self.twins.model.size))
        draft = Draft(b"{", b"}", _UNKNOWN)
        old = b"{openings that never were}"
        found = self.twins.ask_stores("erase", lambda store: store.erase(position, old, None, draft))
        must(isinstance(found, AppendConflictError), f"the erasure ended in {found!r}")

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    @clause
    def prove(self, data: st.DataObject) -> None:
        """Proofs are those of the model, and hold against the roots of every size."""
        size = data.draw(st.integers(1, self.twins.model.size))
        index, size_old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))

        def proofs(ledger: Ledger) -> Any:
            root_old, root = (ledger.at(size=at).basis.root for at in (size_old, size))
            proof, growth = ledger.prove(index, size=size), ledger.prove_consistency(size_old, size)
            proof.verify(leaf=ledger.prove(index).leaf, root=root, size=size)
            growth.verify(root_old=root_old, root=root, size_old=size_old, size=size)
            return proof.leaf, proof.hashes, growth.hashes, root_old, root

        _answer(self.twins.ask(f"proofs of {index} and {size_old} in {size}", proofs))

    @rule(openings=st.booleans(), moves=st.booleans())
    @clause
    def hand_over(self, openings: bool, moves: bool) -> None:
        """A bundle is that of the model, byte for byte, and makes a store that holds what the model holds."""
        place, model = self._new_place(), self.twins.stores[0]
        file = place.with_suffix(".bundle")

        def bundle(ledger: Ledger) -> bytes:
            file.unlink(missing_ok=True)
            ledger.export(file, openings=openings)
            return file.read_bytes()

        _answer(self.twins.ask("a bundle", bundle))
        other = self._opened(place)
        import_bundle(file, other)
        differing("the head of what took the bundle", model.head(), other.head())
        held = [one if openings else one._replace(openings=None) for one in read_all(model)]
        differing("the entries of what took the bundle", held, read_all(other))
        differing("the labels of what took the bundle", model.labels(), other.labels())
        if openings and moves:
            other, self.place, self.changed = self.twins.moved(other), place, True
        other.close()

    def _queries(self) -> st.SearchStrategy[tuple[tuple[str, ...], ...]]:
        labels = st.sampled_from([*self.twins.stores[0].labels(), "series:none"])
        groups = st.lists(labels, max_size=2, unique=True).map(tuple)
        return st.lists(groups, max_size=3).map(tuple)

    @rule(data=st.data(), after=st.integers(-1, 8), limit=st.integers(1, 9), size=st.none() | st.integers(0, 9))
    @clause
    def read(self, data: st.DataObject, after: int, limit: int, size: int | None) -> None:
        """A page of some query, and the labels up to its end, are those of the model."""
        query = data.draw(self._queries())
        size = None if size is None else min(size, self.twins.model.size)  # one that the log has not had may be refused
        self.twins.ask_stores(f"read {query}", lambda store: store.read(query, after=after, limit=limit, size=size))
        self.twins.ask_stores("labels", lambda store: store.labels(size=size))

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    @clause
    def ask_why(self, data: st.DataObject) -> None:
        """The reasons of a field that some state shows are those of the model."""
        subjects = [subject for subject in self.twins.model.subjects() if not subject.startswith("person:")]
        if not subjects:
            return
        subject = data.draw(st.sampled_from(subjects))
        field = data.draw(st.sampled_from(sorted(state_of(self.twins.model, subject))))
        self.twins.ask(f"why {subject}, {field}", lambda ledger: ledger.why(subject, field))

    @rule(data=st.data(), published=st.none() | st.dates(date(2016, 1, 1), date(2018, 12, 31)), on=st.booleans())
    @clause
    def pin(self, data: st.DataObject, published: date | None, on: bool) -> None:
        """A view that is pinned answers as the model's; it is looked at again later."""
        size = data.draw(st.integers(0, self.twins.model.size))
        day = data.draw(st.dates(date(2015, 1, 1), date(2019, 12, 31))) if on else None
        self.pins.append(self._answered(Pin(size, published, day, {})))

    @rule(projection=st.sampled_from((INITIATIVE, INSTITUTION, MEETING, RELATIONSHIP)))
    @clause
    def fold(self, projection: Any) -> None:
        """Each state of the whole log, folded, is what its reader gives through the index."""
        for ledger in self.twins.ledgers:
            for subject, state in ledger.project(projection).items():
                differing(f"{subject} folded", state_of(ledger, subject), as_plain(state))

    @invariant()
    @clause
    def agree(self) -> None:
        """Both hold the same entries, openings and labels and answer alike; pinned views answer as they did."""
        if not self.changed:
            return
        self.changed = False
        model, store = self.twins.stores
        differing("head", model.head(), store.head())
        differing("entries", read_all(model), read_all(store))
        differing("labels", model.labels(), store.labels())
        for label in model.labels():
            differing(f"entries of {label}", read_all(model, ((label,),)), read_all(store, ((label,),)))
        differing("ids", [model.entry(id_) for id_ in self.ids], [store.entry(id_) for id_ in self.ids])
        for key in self.calls:
            differing(f"once {key}", model.once(key), store.once(key))
        _answer(self.twins.ask("now", answers))
        if self.pins:
            pin = self.pins[len(self.ids) % len(self.pins)]
            for ledger in self.twins.ledgers:
                differing(f"a view of size {pin.size}", pin.answers, answers(self.twins.view(ledger, pin)))

    def teardown(self) -> None:
        """Close both stores, and remove the folder."""
        for store in self.twins.stores:
            store.close()
        shutil.rmtree(self.folder)
