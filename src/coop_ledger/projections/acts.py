"""
Rule D2, its first two steps: what of the entries counts in a view, and what acts make of it. Knows no projection.

(1) Each source of a claim is cut by when it was published; a claim left without a source is out. (2) An act with a
source is cut like a claim; one without applies where all claims that it names remain. A correction gives the
claim that its target says from now on; a retraction takes an entry back, also another act; a duplicate leaves,
and its sources show under the first; a merge renames; a resolution decides what is shown. Acts name entries
before them, so going through them backwards decides each once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

import attrs

from coop_ledger.domain import (
    Claim,
    Correction,
    Duplicate,
    Effective,
    Entry,
    Merge,
    Resolution,
    Retraction,
    Ruling,
    Source,
    SubjectId,
    UnknownEvent,
    Value,
    may_touch,
    renamed,
    targets_of,
)
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.merging import Merging, merging_of

__all__ = ["Effects", "effects_of", "known_sources", "remains", "with_sources"]


def known_sources(sources: Iterable[Source], published: date | None) -> tuple[Source, ...]:
    """The sources that were surely out by a day (D1); undated ones never count in such a view."""
    if published is None:
        return tuple(sources)
    return tuple(
        source
        for source in sources
        if source.published is not None and source.published.latest is not None and source.published.latest <= published
    )


def with_sources(claim: Claim, sources: tuple[Source, ...]) -> Claim:
    """The claim with those of its sources that are known."""
    given: Any = claim
    kept: Claim = claim if len(sources) == len(claim.sources) else attrs.evolve(given, sources=sources)
    return kept


def remains(entry: Entry, named: Mapping[str, Entry], published: date | None) -> bool:
    """
    Whether an entry stands in a view cut by publication (D2).

    Args:
        entry: The entry.
        named: The entries that acts name, and those that they name in turn, by id.
        published: The day by whose end sources must have been published; None: no cut.
    """
    waiting, seen = [entry], {entry.id}
    while waiting:
        body = waiting.pop().body
        match body:
            case Claim():
                if not known_sources(body.sources, published):
                    return False
            case Correction() if not known_sources(body.claim.sources, published):
                return False
            case Correction() | Retraction() if body.sources:
                if not known_sources(body.sources, published):
                    return False
            case UnknownEvent():
                if published is not None:
                    return False
            case _:
                further = [named[target] for target in targets_of(body) if target in named and target not in seen]
                seen.update(target.id for target in further)  # an imported cycle ends here
                waiting.extend(further)
    return True


def _fits(act: Entry, named: Mapping[str, Entry]) -> bool:
    """Whether an act names entries before it, of the kinds that it can touch."""
    targets = [named.get(target) for target in targets_of(act.body)]
    return all(
        target is not None and target.position < act.position and may_touch(act.body, target.body) for target in targets
    )


@attrs.frozen(slots=False, eq=False, repr=False)
class Effects(Value):
    """
    What acts make of claims, made by :func:`effects_of`.

    Args:
        named: Acts and the entries that they name, by id.
        acts: The acts that stand in the view, lowest first.
        published: The day by whose end sources must have been published; None: no cut.
        misfits: Acts that name an unknown or later entry, or one that they cannot touch.
    """

    named: Mapping[str, Entry]
    acts: tuple[Entry, ...]
    published: date | None
    misfits: tuple[Entry, ...]

    @cached_property
    def gone(self) -> frozenset[str]:
        """Ids of the entries that were taken back."""
        found: set[str] = set()
        for act in reversed(self.acts):
            if isinstance(act.body, Retraction) and act.id not in found:
                found.add(act.body.target)
        return frozenset(found)

    @cached_property
    def _standing(self) -> tuple[Entry, ...]:
        return tuple(act for act in self.acts if act.id not in self.gone)

    @cached_property
    def _corrected(self) -> Mapping[str, tuple[str, Claim]]:
        """For each corrected id the correction that counts: the last that was not taken back."""
        return {act.body.target: (act.id, act.body.claim) for act in self._standing if isinstance(act.body, Correction)}

    @cached_property
    def repeats(self) -> Mapping[str, str]:
        """For each entry marked as a duplicate, and not taken back, the first of its reports (D13)."""
        found: dict[str, str] = {}
        for act in self._standing:
            if isinstance(act.body, Duplicate) and not {act.body.target, act.body.of} & self.gone:
                pair = sorted((act.body.target, act.body.of), key=lambda id_: self.named[id_].position)
                found[pair[1]] = pair[0]
        return {later: self._first(later, found) for later in found}

    @staticmethod
    def _first(entry_id: str, found: Mapping[str, str]) -> str:
        while entry_id in found:
            entry_id = found[entry_id]
        return entry_id

    @cached_property
    def _echoes(self) -> Mapping[str, tuple[Source, ...]]:
        found: dict[str, list[Source]] = {}
        for later in sorted(self.repeats, key=lambda id_: self.named[id_].position):
            claim = self._claim(self.named[later])
            found.setdefault(self.repeats[later], []).extend(() if claim is None else claim.sources)
        return {first: tuple(sources) for first, sources in found.items()}

    @cached_property
    def _rulings(self) -> Mapping[str, tuple[Ruling, ...]]:
        found: dict[str, list[Ruling]] = {}
        for act in self._standing:
            if isinstance(act.body, Resolution):
                counting = [claim for claim in act.body.claims if claim not in self.gone]
                claims = tuple(dict.fromkeys(self.repeats.get(claim, claim) for claim in counting))
                chosen = act.body.chosen
                if len(claims) < 2 or chosen in self.gone:
                    continue  # there is nothing left to decide, or what was chosen was taken back
                chosen = None if chosen is None else self.repeats.get(chosen, chosen)
                ruling = Ruling(act.position, act.id, claims, chosen, act.body.rationale)
                for claim in claims:
                    found.setdefault(claim, []).append(ruling)
        return {claim: tuple(rulings) for claim, rulings in found.items()}

    @cached_property
    def merging(self) -> Merging:
        """What merges make of subjects (D14)."""
        return merging_of((act.position, act.body) for act in self._standing if isinstance(act.body, Merge))

    @cached_property
    def _merges_of(self) -> Mapping[SubjectId, tuple[Entry, ...]]:
        """The merges of the view that rename a subject, also those taken back."""
        found: dict[SubjectId, list[Entry]] = {}
        for act in self.acts:
            if isinstance(act.body, Merge):
                for subject in act.body.subjects:
                    found.setdefault(SubjectId(subject), []).append(act)
        return {subject: tuple(acts) for subject, acts in found.items()}

    @cached_property
    def _touching(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for act in self.acts:
            for target in targets_of(act.body):
                found.setdefault(target, []).append(act)
        return {target: tuple(acts) for target, acts in found.items()}

    def acts_on(self, entry_id: str) -> tuple[Entry, ...]:
        """The acts of the view on an entry, and on those acts, oldest first, also those taken back."""
        found: dict[int, Entry] = {}
        waiting = [entry_id]
        while waiting:
            for act in self._touching.get(waiting.pop(), ()):
                found[act.position] = act
                waiting.append(act.id)
        return tuple(found[position] for position in sorted(found))

    def _claim(self, entry: Entry) -> Claim | None:
        """What an entry says as corrected, with the sources known then; None if nothing is left."""
        claim, current = entry.body, entry.id
        while current in self._corrected:
            current, claim = self._corrected[current]
        if not isinstance(claim, Claim):
            return None
        sources = known_sources(claim.sources, self.published)
        if not sources:
            return None
        return with_sources(claim, sources)

    def _shaped(self, entry: Entry, claim: Claim) -> tuple[Claim, dict[int, str]]:
        """A claim under the ids that its subjects read under, and the acts on its entry and on these ids."""
        acts = {act.position: act.id for act in self.acts_on(entry.id)}
        if not self._merges_of:
            return claim, acts

        def rename(subject: SubjectId) -> SubjectId:
            for step in self.merging.way(subject):
                for merge in self._merges_of.get(step, ()):
                    acts.update({act.position: act.id for act in (merge, *self.acts_on(merge.id))})
            return self.merging.name(subject)

        return renamed(claim, rename), acts

    def shaping(self, entry: Entry) -> frozenset[int]:
        """Positions of the acts that decide how an entry counts, also of those taken back."""
        claim = self._claim(entry)
        acts = self._shaped(entry, claim)[1] if claim is not None else {act.position for act in self.acts_on(entry.id)}
        return frozenset(acts)

    def apply(self, entry: Entry) -> Effective | None:
        """
        A claim as it counts; None where it does not, and for whatever is no claim.

        Args:
            entry: An entry of the view.
        """
        if not isinstance(entry.body, Claim):
            return None
        if not self.acts and self.published is None:  # most logs: a claim counts as it stands
            return Effective(entry.position, entry.id, entry.recorded_at, entry.body)
        if entry.id in self.gone or entry.id in self.repeats:
            return None
        if not known_sources(entry.body.sources, self.published):
            return None
        claim = self._claim(entry)
        assert claim is not None  # its own sources were out, and so were those of every correction that stands
        claim, shaping = self._shaped(entry, claim)
        return Effective(
            entry.position,
            entry.id,
            entry.recorded_at,
            claim,
            tuple(shaping[position] for position in sorted(shaping)),
            self._echoes.get(entry.id, ()),
            self._rulings.get(entry.id, ()),
        )

    @cached_property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """Acts that have no effect, and merges that disagree."""
        idle = tuple(
            Anomaly(AnomalyCode.ACT_WITHOUT_EFFECT, (act.position,), "it names no earlier entry that it can touch")
            for act in self.misfits
        )
        return (*idle, *self.merging.anomalies)

    def name(self, subject: SubjectId) -> SubjectId:
        """The id under which a subject reads in this view."""
        return self.merging.name(subject)


def effects_of(acts: Iterable[Entry], named: Mapping[str, Entry], published: date | None = None) -> Effects:
    """
    What acts make of the claims of a view.

    Args:
        acts: The acts of the view, each once, in any order.
        named: At least the entries that they name, by id.
        published: The day by whose end sources must have been published; None: no cut.

    Guarantees: pure and total; an act that names a later or unknown entry has no effect and is an anomaly.
    """
    ordered = sorted(acts, key=lambda act: act.position)
    everything = {**named, **{act.id: act for act in ordered}}
    fitting = [act for act in ordered if _fits(act, everything)]
    misfits = tuple(act for act in ordered if not _fits(act, everything))
    standing = tuple(act for act in fitting if remains(act, everything, published))
    return Effects(everything, standing, published, misfits)
