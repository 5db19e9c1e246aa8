"""
Rule D7: states that last, from their beginnings, ends and sightings. Knows no event.

A recorded beginning lasts until its end or, where there is only one value at a time (*exclusive*), until the
next one begins. A sighting proves the state on its days: it bounds the beginning from above and the end from
below, and never begins or changes what is recorded; where it surely differs it is a conflict. Where only a
sighting of another value shows that a state ended, the time between is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import attrs

from coop_ledger.domain import NO, Bounds, Effective, Value, order_key
from coop_ledger.projections.conflicts import Conflict, ConflictKind
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.periods import Mark, Period, marks_of, sightings_of
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.voices import read_values

__all__ = ["Lasting", "lasting", "periods_of"]


@attrs.frozen(eq=False, repr=False)
class Lasting(Value):
    """
    What is known of states that last.

    Args:
        periods: The periods; those of one state in the order in which they began.
        conflicts: Beginnings and sightings that cannot all be right.
    """

    periods: tuple[Period, ...]
    conflicts: tuple[Conflict, ...]


@attrs.frozen(eq=False, repr=False)
class _Node(Value):
    """A period in the making: begun by a record, or only seen, or only known to have ended."""

    value: tuple[str, ...]
    begun: Mark | None = None
    seen: tuple[Mark, ...] = ()
    end: Mark | None = None
    also: tuple[Mark, ...] = ()
    disputed: bool = False

    @property
    def marks(self) -> tuple[Mark, ...]:
        known = (self.begun, *self.also, *self.seen, self.end)
        return tuple(mark for mark in known if mark is not None)

    @property
    def known_until(self) -> date | None:
        """The last day on which it is known to be in place: its last sighting, else its beginning at the earliest."""
        days = [mark.dating.last.earliest for mark in self.seen]
        days.append(None if self.begun is None else self.begun.dating.first.earliest)
        return max((day for day in days if day is not None), default=None)


def lasting(
    began: Iterable[Milestone], ended: Iterable[Milestone] = (), *, shared: int | None = None, day: date | None = None
) -> Lasting:
    """
    The periods that milestones give, their keys being the values.

    Args:
        began: Milestones that begin a state; their sightings are sightings of it.
        ended: Milestones that end it, of the same keys.
        shared: For an exclusive state, how many parts of the key say of what there is one at a time.
        day: The day of the world as of which it is read: what surely began later is left out.
    """
    began = tuple(began)
    return periods_of(marks_of(began), sightings_of(began), marks_of(ended), shared=shared, day=day)


def periods_of(
    began: Iterable[Mark],
    seen: Iterable[Mark],
    ended: Iterable[Mark] = (),
    *,
    shared: int | None = None,
    day: date | None = None,
) -> Lasting:
    """The periods that marks give; see :func:`lasting`."""
    groups: dict[tuple[str, ...], tuple[list[Mark], list[Mark], list[Mark]]] = {}
    placed = [(mark, which) for which, marks in enumerate((began, seen, ended)) for mark in marks]
    for mark, which in sorted(placed, key=lambda pair: pair[0].order):
        key = mark.value if shared is None else mark.value[:shared]
        groups.setdefault(key, ([], [], []))[which].append(mark)
    periods: list[Period] = []
    conflicts: list[Conflict] = []
    for begun, sighted, ends in groups.values():
        nodes, contested = _recorded(begun, ends)
        chain, strays = _chain(nodes, sighted, ends)
        conflicts += [*contested, *strays]
        periods += _read(chain)
    return Lasting(tuple(found for period in periods for found in _as_of(period, day)), tuple(conflicts))


def _as_of(period: Period, day: date | None) -> Iterable[Period]:
    """The period without what surely lies after the day."""
    if day is None:
        return (period,)
    if period.begun.happened_by(day) is NO:
        return ()
    later = period.ended is not None and period.ended.happened_by(day) is NO
    return (attrs.evolve(period, ended=None) if later else period,)


def _may_lie(end: Mark, before: Mark, after: Mark) -> bool:
    """Whether an end of one value may lie between two beginnings."""
    return not end.dating.surely_before(before.dating) and not after.dating.surely_before(end.dating)


def _recorded(begun: Sequence[Mark], ends: Sequence[Mark]) -> tuple[list[_Node], list[Conflict]]:
    """The recorded beginnings that stand, each with its own end, and those that cannot all be right (D6)."""
    nodes: list[_Node] = []
    conflicts: list[Conflict] = []
    for mark in begun:
        last = nodes[-1] if nodes else None
        if last is None or last.begun is None or _follows(last.begun, mark, ends):
            nodes.append(_Node(mark.value, mark))
            continue
        narrowed = last.begun.dating.narrow(mark.dating) if last.value == mark.value else None
        if narrowed is not None:
            nodes[-1] = attrs.evolve(last, begun=attrs.evolve(last.begun, dating=narrowed), also=(*last.also, mark))
            continue
        conflict, first_stands = _contested(ConflictKind.BEGINNINGS, last.begun, mark)
        conflicts.append(conflict)
        stands = last if first_stands else _Node(mark.value, mark)
        nodes[-1] = attrs.evolve(stands, disputed=not conflict.resolved)
    return [attrs.evolve(node, end=_own_end(node, ends)) for node in nodes], conflicts


def _follows(one: Mark, other: Mark, ends: Sequence[Mark]) -> bool:
    """Whether the other beginning can be the next one: after an end, or another value, surely later."""
    if one.value != other.value and one.dating.surely_before(other.dating):
        return True
    return any(end.value == one.value and _may_lie(end, one, other) for end in ends)


def _own_end(node: _Node, ends: Sequence[Mark]) -> Mark | None:
    """The first end that is not surely before the beginning."""
    begun = node.begun
    mine = (e for e in ends if e.value == node.value and begun and not e.dating.surely_before(begun.dating))
    return next(mine, None)


def _contested(kind: ConflictKind, one: Mark, other: Mark) -> tuple[Conflict, bool]:
    """The conflict of two marks, and whether D6 shows the first."""
    same = one.value == other.value
    sides = ((one, one.dating if same else one.value), (other, other.dating if same else other.value))
    given = [(effective, value) for mark, value in sides for effective in mark.claims]
    given.sort(key=lambda pair: order_key(pair[0]))
    reading = read_values(given, lambda a, b: bool(a == b))
    assert reading is not None  # every mark has a claim
    values = reading.values if kind is ConflictKind.BEGINNINGS else tuple(value for _, value in sides)
    conflict = _conflict(kind, one, other, values)
    return attrs.evolve(conflict, ruling=reading.resolution), reading.value == sides[0][1]


def _conflict(kind: ConflictKind, one: Mark, other: Mark, values: tuple[Any, ...]) -> Conflict:
    ids = (one.milestone.id, other.milestone.id)
    claims: dict[int, Effective] = {e.position: e for e in (*one.claims, *other.claims)}
    event = ids[0].event if ids[0].event is ids[1].event else None
    keys = tuple(dict.fromkeys(id_.key for id_ in ids))
    ordered = tuple(sorted(claims.values(), key=order_key))
    return Conflict(kind, ids[0].subject, event, keys, "period", ordered, values)


def _chain(nodes: Sequence[_Node], seen: Sequence[Mark], ends: Sequence[Mark]) -> tuple[list[_Node], list[Conflict]]:
    """Recorded nodes with their sightings, and those that no record begins, in order; and sightings that differ."""
    homes: dict[int, list[Mark]] = {}
    loose: list[Mark] = []
    for mark in seen:
        at = next((at for at, node in enumerate(nodes) if _at_home(mark, node, nodes[at + 1 :])), None)
        (loose if at is None else homes.setdefault(at, [])).append(mark)
    settled = [attrs.evolve(node, seen=tuple(homes.get(at, ()))) for at, node in enumerate(nodes)]
    orphans = [end for end in ends if all(_before(end, node) for node in nodes if node.value == end.value)]
    conflicts: list[Conflict] = []
    contested: list[Mark] = []
    unrecorded: list[tuple[Mark, bool]] = [(end, True) for end in orphans]
    for mark in loose:
        against = _against(mark, settled, orphans)
        if against is None:
            unrecorded.append((mark, False))
        else:
            conflict = _contested(ConflictKind.SIGHTING, against, mark)[0]
            conflicts.append(conflict)
            contested += [] if conflict.resolved else [against]
    chain: list[_Node] = []
    for at, node in enumerate((None, *settled)):
        if node is not None:
            chain.append(node)
        # what no record begins stands before every record that it is not surely after
        here = [(mark, is_end) for mark, is_end in unrecorded if _slot(mark, settled) == at]
        for mark, is_end in sorted(here, key=lambda pair: (pair[0].dating.order, not pair[1], pair[0].order)):
            conflicts += _append(chain, _Node(mark.value, end=mark) if is_end else _Node(mark.value, seen=(mark,)))
    return [_marked(node, contested) for node in chain], conflicts


def _marked(node: _Node, contested: Sequence[Mark]) -> _Node:
    """A node, disputed where a sighting differs from what is recorded of it and nothing has decided."""
    against = any(mark is node.begun or mark is node.end for mark in contested)
    return attrs.evolve(node, disputed=True) if against else node


def _slot(mark: Mark, nodes: Sequence[_Node]) -> int:
    surely = (at for at, node in enumerate(nodes, 1) if node.begun and node.begun.dating.surely_before(mark.dating))
    return max(surely, default=0)


def _before(end: Mark, node: _Node) -> bool:
    return node.begun is not None and end.dating.surely_before(node.begun.dating)


def _at_home(mark: Mark, node: _Node, later: Sequence[_Node]) -> bool:
    """Whether a sighting may fall into a recorded period, until its end or the next one of another value."""
    if node.value != mark.value or node.begun is None or mark.dating.surely_before(node.begun.dating):
        return False
    until = [node.end, *(other.begun for other in later[:1] if other.value != node.value)]
    return not any(end is not None and end.dating.surely_before(mark.dating) for end in until)


def _against(mark: Mark, nodes: Sequence[_Node], orphans: Sequence[Mark]) -> Mark | None:
    """The record from which a sighting surely differs, whatever the dates allow."""
    for node, following in pairwise((*nodes, None)):
        if node is None or node.begun is None or node.value == mark.value:
            continue
        next_one = None if following is None else following.begun
        over = next_one is not None and not mark.dating.surely_before(next_one.dating)
        until = [end for end in (node.end, next_one, *node.seen) if end is not None]
        lasts = any(mark.dating.surely_before(end.dating) for end in until)
        lasts = lasts or any(_same_days(mark, other) for other in node.seen)
        if not over and node.begun.dating.surely_before(mark.dating) and lasts:
            return node.begun
    ends = [*orphans, *(node.end for node in nodes if node.end is not None)]
    records = sorted((*(node.begun for node in nodes if node.begun is not None), *ends), key=lambda r: r.order)
    before = [record for record in records if not mark.dating.surely_before(record.dating)]
    after = [record for record in records if mark.dating.surely_before(record.dating)]
    if before and before[-1] in ends and before[-1].value == mark.value:
        return before[-1] if before[-1].dating.surely_before(mark.dating) else None
    unbegun = after and after[0] not in ends and after[0].value == mark.value
    return after[0] if unbegun and not any(node.value != mark.value for node in nodes if node.begun in before) else None


def _append(chain: list[_Node], node: _Node) -> list[Conflict]:
    """Put the next node to the chain; sightings of one value in a row are one, two values on one day a conflict."""
    last = chain[-1] if chain else None
    if last is None or last.begun is not None or last.end is not None:
        chain.append(node)
        return []
    if last.value == node.value:
        chain[-1] = attrs.evolve(last, seen=(*last.seen, *node.seen), end=node.end)
        return []
    rival = next((mark for mark in last.seen for other in node.seen if _same_days(mark, other)), None)
    if rival is None:
        chain.append(node)
        return []
    conflict, first_stands = _contested(ConflictKind.SIGHTING, rival, node.seen[0])
    if not conflict.resolved:
        chain[-1:] = [attrs.evolve(last, disputed=True), attrs.evolve(node, disputed=True)]
        return [conflict]
    if first_stands:
        return [conflict]
    seen = tuple(mark for mark in last.seen if mark is not rival)
    chain[-1:] = [attrs.evolve(last, seen=seen)] if seen else []
    return [conflict, *_append(chain, node)]


def _same_days(one: Mark, other: Mark) -> bool:
    """Whether one was surely seen while the other surely was."""

    def covers(span: Dating, days: Dating) -> bool:
        ends = (span.first.latest, days.earliest, days.latest, span.last.earliest)
        known = [day for day in ends if day is not None]
        return len(known) == len(ends) and known == sorted(known)

    return covers(one.dating, other.dating) or covers(other.dating, one.dating)


def _read(chain: Sequence[_Node]) -> Iterable[Period]:
    for at, node in enumerate(chain):
        before = chain[at - 1] if at and chain[at - 1].value != node.value else None
        later = [other for other in chain[at + 1 :] if other.value != node.value]
        marks = sorted(node.marks, key=lambda mark: mark.order)
        ended = _ended(node, later)
        if node.end is None and any(other.value != node.value and _unordered(other, node) for other in chain[:at]):
            known = _earliest((_next(node.known_until), None if ended is None else ended.earliest))
            ended = _within(known, None if ended is None else ended.latest)
        yield Period(
            node.value,
            _begun(node, before),
            node.begun is not None,
            ended,
            sightings=tuple(effective for mark in node.seen for effective in mark.claims),
            milestones=tuple({id(mark.milestone): mark.milestone for mark in marks}.values()),
            disputed=node.disputed or any(mark.milestone.disputed for mark in marks),
        )


def _unordered(node: _Node, after: _Node) -> bool:
    """Whether the dates leave open which of two came first; of two that records begin, they do not."""
    if after.begun is not None:
        return node.begun is None and any(not mark.dating.surely_before(after.begun.dating) for mark in node.marks)
    if after.seen:
        return node.begun is None and not any(mark.dating.surely_before(after.seen[0].dating) for mark in node.marks)
    end = after.end  # of what nobody saw begin: it shows that the other ended if that was surely known before
    return not all(end is not None and mark.dating.surely_before(end.dating) for mark in node.marks)


def _within(earliest: date | None, latest: date | None) -> Dating:
    """A day within bounds; where they cross, what is known from below gives way."""
    crossed = earliest is not None and latest is not None and earliest > latest
    return Dating.within(Bounds(None if crossed else earliest, latest))


def _next(day: date | None) -> date | None:
    return None if day is None or day == date.max else day + timedelta(days=1)


def _earliest(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _begun(node: _Node, before: _Node | None) -> Dating:
    """When it began: as recorded, not after a sighting; else after what is known of the value before."""
    first_seen = _earliest(mark.dating.first.latest for mark in node.seen)
    if node.begun is not None:
        return node.begun.dating.narrow(_within(None, first_seen)) or node.begun.dating
    latest = _earliest((first_seen, None if node.end is None else node.end.dating.first.latest))
    if before is None:
        return _within(None, latest)
    if _unordered(before, node):
        return _within(None, latest)
    known = before.known_until if before.end is None else before.end.dating.first.earliest
    return _within(_next(known) if before.end is None else known, latest)


def _ended(node: _Node, later: Sequence[_Node]) -> Dating | None:
    """When it ended: as recorded, or when the next value began, or between what is known of it and of the next."""
    record = next((other for other in later if other.begun is not None and not _unordered(node, other)), None)
    following = record.begun.dating if record is not None and record.begun is not None else None
    if node.end is not None and (following is None or not following.surely_before(node.end.dating)):
        days = (mark.dating.last.earliest for mark in node.seen)
        last_seen = max((day for day in days if day is not None), default=None)
        end = _point(node.end.dating)
        return end.narrow(_within(last_seen, None)) or end
    if not later:
        return None
    after, known = later[0], _next(node.known_until)
    if after.begun is not None and following is after.begun.dating:
        return _point(following)
    last = node.known_until
    if last is not None:  # it may have been the one before a record, and over when that began
        firsts = (other.begun.dating.first.earliest for other in later if other.begun and _unordered(node, other))
        known = _earliest((known, *(max(last, first or last) for first in firsts)))
    if _unordered(node, after) or (record is not None and _unordered(after, record)):
        return _within(known, None if following is None else following.first.latest)
    latest = _earliest(mark.dating.first.latest for mark in (*after.seen, *((after.end,) if after.end else ())))
    return _within(known, latest)


def _point(dating: Dating) -> Dating:
    """The day on which something happens, of a span its first."""
    return _within(*dating.first) if dating.is_span else dating
