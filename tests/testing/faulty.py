"""Projections with one hidden fault each, and one without; at module level, so that another process finds them."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from coop_ledger.domain import Assertion, Effective, Entry, Rank, subjects_of
from coop_ledger.domain import events as ev
from coop_ledger.projections import Projection
from coop_ledger.testing import Law


def of(
    name: str,
    initial: Any,
    evolve: Callable[[Any, Effective], Any],
    subjects: Callable[[Entry], Iterable[Any]] = lambda entry: subjects_of(entry.body),
    **more: Any,
) -> Projection[Any]:
    return Projection(name, 1, subjects, lambda subject: initial, evolve, **more)


@dataclass(frozen=True)
class Seen:
    """A frozen state with a list inside: nothing in it looks as if it could change."""

    days: list[str]
    count: int = 0


SOUND = of("sound", Seen([]), lambda state, item: Seen([*state.days, str(item.claim.when)], state.count + 1))


def _into_state(state: Seen, item: Effective) -> Seen:
    state.days.append(str(item.claim.when))
    return Seen(state.days, state.count + 1)


def _into_claim(state: int, item: Effective) -> int:
    object.__setattr__(item.claim, "note", None)
    return state + 1


def _rare(state: int, item: Effective) -> int:
    return (
        state
        + (len(item.claim.event.instrument) if isinstance(item.claim.event, ev.AgreementAmended) else 0)
        - (1 // (0 if isinstance(item.claim.event, ev.AnniversaryMarked) else 1))
    )


def _erased(state: int, item: Effective) -> int:
    return state + len(item.claim.note or "")  # type: ignore[arg-type]


def _last_recorded(state: Any, item: Effective) -> Any:
    told = (item.position, type(item.claim.event).__name__)
    return told if state is None or told[0] > state[0] else state


def _amount(item: Effective) -> Decimal:
    event = item.claim.event
    return event.amount if isinstance(event, ev.FundsReported) else Decimal(0)


_seen: dict[str, int] = {}


def _cached(state: int, item: Effective) -> int:
    return _seen.setdefault(item.id, state + 1)


_counted = [0]


def _counter(state: int, item: Effective) -> int:
    _counted[0] += 1
    return _counted[0]


def _publishers(state: tuple[str, ...], item: Effective) -> tuple[str, ...]:
    return tuple({*state, *(source.publisher for source in item.claim.sources)})


# disguises: the same faults where a first look does not see them

_now = partial(datetime.now, UTC)
_first: dict[str, int] = {}


def _year_in_gather(state: int, items: tuple[Effective, ...]) -> int:
    return state + len(items) + (date.today().year > 2100)


def _gathers_into_claims(state: int, items: tuple[Effective, ...]) -> int:
    for item in items:
        object.__setattr__(item.claim, "note", None)
    return state + len(items)


def _into_source(state: int, item: Effective) -> int:
    object.__setattr__(item.claim.sources[-1], "kind", None)  # now the claim cannot even be shown
    return state + 1


def _first_seen(entry: Entry) -> list[str]:
    return [one for one in subjects_of(entry.body) if _first.setdefault(one, entry.position) <= entry.position]


def _pairs(state: tuple[tuple[str, ...], tuple[str, ...]], item: Effective) -> Any:
    publishers, pairs = state
    new = item.claim.sources[0].publisher
    if new in publishers:
        return state
    return (*publishers, new), (*pairs, *(f"{one} before {new}" for one in publishers))


def _rank(state: int, item: Effective) -> int:
    if isinstance(item.claim.event, ev.VisitPaid) and item.claim.event.rank is not None:
        return state + [*Rank][:-1].index(item.claim.event.rank)
    return state


def _per_dollar(state: int, item: Effective) -> int:
    return state + (int(1 / item.claim.event.amount) if isinstance(item.claim.event, ev.FundsReported) else 0)


def _codes(state: int, item: Effective) -> int:
    codes = [int(party.party, 36) for party in item.claim.parties]
    return state + sum(codes)


FAULTS: dict[str, tuple[Projection[Any], Law]] = {
    "today": (of("today", None, lambda state, item: date.today().isoformat()), Law.PURE),
    "clock": (of("clock", None, lambda state, item: int(time.time())), Law.PURE),
    "clock in what is shown": (of("shown", 0, lambda s, item: s, as_of=lambda s, day: (s, time.time_ns())), Law.PURE),
    "random": (of("random", 0, lambda state, item: random.choice((1, 2))), Law.PURE),
    "ids": (of("ids", "", lambda state, item: str(uuid.uuid4())), Law.PURE),
    "setting": (of("setting", "", lambda state, item: os.getenv("LANG", "")), Law.PURE),
    "mutation of input": (of("input", 0, _into_claim), Law.UNCHANGED),
    "mutation of state": (of("state", Seen([]), _into_state), Law.UNCHANGED),
    "order dependence": (of("order", None, _last_recorded), Law.ORDER),
    "doubled state": (of("double", (), lambda state, item: (*state, *state, str(item.claim.when))), Law.BOUNDED),
    "all states kept": (of("kept", (), lambda state, item: (*state, str(item.claim.when) * len(state))), Law.BOUNDED),
    "exception on a rare event": (of("rare", 0, _rare), Law.TOTAL),
    "exception on an erased text": (of("erased", 0, _erased), Law.TOTAL),
    "binary fraction": (of("float", 0.0, lambda state, item: state + float(_amount(item))), Law.PLAIN),
    "drift in text": (of("drift", "0", lambda s, item: str(float(s) + float(_amount(item)))), Law.EXACT),
    "recorded_at": (of("when", None, lambda state, item: item.recorded_at.isoformat()), Law.RECORDED),
    "recorded_at in a choice": (of("late", 0, lambda s, item: s + (item.recorded_at.year > 2040)), Law.RECORDED),
    "set in the state": (of("set", frozenset(), lambda s, item: s | {type(item.claim.event).__name__}), Law.PLAIN),
    "unsorted set in a tuple": (of("tuple", (), _publishers), Law.DETERMINISTIC),
    "unsorted set of two parties": (
        of("two", "", lambda s, item: ",".join({one.party for one in item.claim.parties})),
        Law.DETERMINISTIC,
    ),
    "another answer the second time": (of("counter", 0, _counter), Law.DETERMINISTIC),
    "answer kept from another view": (of("cached", 0, _cached), Law.RECORDED),
    "gathers otherwise": (
        of("gather", 0, lambda s, item: s + 1, gather=lambda s, items: len({one.claim for one in items})),
        Law.INCREMENTAL,
    ),
    "clock as text": (of("strftime", 0, lambda s, item: s + (time.strftime("%Y") > "2100")), Law.PURE),
    "clock of the system": (
        of("gettime", 0, lambda s, item: s + (time.clock_gettime(time.CLOCK_REALTIME) > 9e9)),
        Law.PURE,
    ),
    "clock kept in a partial": (of("partial", 0, lambda s, item: s + (_now().year > 2100)), Law.PURE),
    "clock in an id": (of("uuid1", 0, lambda s, item: s + (uuid.uuid1().int < 0)), Law.PURE),
    "clock in what gathers": (of("year", 0, lambda s, item: s + 1, gather=_year_in_gather), Law.PURE),
    "dice without a seed": (of("dice", 0, lambda s, item: s + (random.Random().random() < 0)), Law.PURE),
    "mutation of input in what gathers": (
        of("gathers", 0, lambda s, item: s + 1, gather=_gathers_into_claims),
        Law.UNCHANGED,
    ),
    "mutation that spoils": (of("spoils", 0, _into_source), Law.UNCHANGED),
    "mutation in what is shown": (
        of("shows", Seen([]), lambda s, item: s, as_of=lambda s, day: s.days.append("x") or s),
        Law.UNCHANGED,
    ),
    "sum of positions": (of("sum", 0, lambda s, item: s + item.position), Law.ORDER),
    "every second place": (of("even", 0, lambda s, item: s + item.position % 2), Law.ORDER),
    "subjects that are remembered": (of("first", 0, lambda s, item: s + 1, subjects=_first_seen), Law.ORDER),
    "pairs of all that differ": (of("pairs", ((), ()), _pairs), Law.BOUNDED),
    "doubled by denials": (
        of("denied", "x", lambda s, item: s + s if item.claim.assertion is Assertion.DENIED else s),
        Law.BOUNDED,
    ),
    "exception on a rare code": (of("rank", 0, _rank), Law.TOTAL),
    "exception on no money": (of("dollar", 0, _per_dollar), Law.TOTAL),
    "exception on a party that is no country": (of("names", 0, _codes), Law.TOTAL),
    "drift that is rounded to cents": (
        of("cents", "0", lambda s, item: f"{float(s) + float(_amount(item)):.2f}"),
        Law.EXACT,
    ),
    "drift in whole numbers": (of("whole", 0, lambda s, item: int(float(s) + float(_amount(item)) * 100)), Law.EXACT),
    "recorded_at in its id": (of("made", "", lambda s, item: max(s, item.id[:8])), Law.RECORDED),
    "recorded_at in its subjects": (
        of("years", 0, lambda s, item: s + 1, subjects=lambda entry: [f"series:y{entry.recorded_at.year}"]),
        Law.RECORDED,
    ),
    "recorded_at decides what feeds": (
        of("new", 0, lambda s, i: s + 1, subjects=lambda e: subjects_of(e.body) if e.recorded_at.year > 2000 else []),
        Law.RECORDED,
    ),
    "a state that cannot be compared": (of("keys", 0, lambda s, item: {"a": 1}.keys()), Law.PLAIN),
}
"""Each fault, and the law that it breaks."""

PLACED = {f"FAULT_{at}": projection for at, (projection, _) in enumerate(FAULTS.values())}
globals().update(PLACED)
