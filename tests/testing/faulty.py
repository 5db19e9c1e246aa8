"""Projections with one hidden fault each, and one without; at module level, so that another process finds them."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from coop_ledger.domain import Effective, subjects_of
from coop_ledger.domain import events as ev
from coop_ledger.projections import Projection
from coop_ledger.testing import Law


def of(name: str, initial: Any, evolve: Callable[[Any, Effective], Any], **more: Any) -> Projection[Any]:
    return Projection(name, 1, lambda entry: subjects_of(entry.body), lambda subject: initial, evolve, **more)


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
    "another answer the second time": (of("counter", 0, _counter), Law.DETERMINISTIC),
    "answer kept from another view": (of("cached", 0, _cached), Law.ORDER),
    "gathers otherwise": (
        of("gather", 0, lambda s, item: s + 1, gather=lambda s, items: len({one.claim for one in items})),
        Law.INCREMENTAL,
    ),
}
"""Each fault, and the law that it breaks."""

PLACED = {f"FAULT_{at}": projection for at, (projection, _) in enumerate(FAULTS.values())}
globals().update(PLACED)
