"""
Rule D4 at a given day: which promises are overdue, and of which nothing was heard any more.

Both ask of the world as of the day, knowing all that the view knows: what was delivered in June was overdue in
January. A plan counts if it had surely been said by the day (D1), an outcome or a denial as far as dates say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import attrs

from coop_ledger.domain import NO, PLANS, YES, Answer, Bounds, Days, Effective, Value, stated_bounds
from coop_ledger.projections.commitments import Commitment
from coop_ledger.projections.refinement import Dating

__all__ = ["Overdue", "Silence", "overdue", "silent"]


@attrs.frozen(eq=False, repr=False)
class Overdue(Value):
    """
    A promise whose target has passed.

    Args:
        commitment: The promise, as of the day.
        target: The target that stood then.
        days: Days from the target to the day, as an interval.
        answer: YES, or UNDECIDED where dates do not say whether it had been met or denied by the day.
    """

    commitment: Commitment
    target: Dating
    days: Days
    answer: Answer


@attrs.frozen(eq=False, repr=False)
class Silence(Value):
    """
    A promise or proposal that is still open, and of whose subject nothing was said for some time.

    Args:
        commitment: The promise or proposal, as of the day.
        last_heard: The last day before on which something was surely said of its subject; None: none is known.
        answer: YES, or UNDECIDED where dates do not say whether it had been met or called off by the day.
    """

    commitment: Commitment
    last_heard: date | None
    answer: Answer


def _unmet(commitment: Commitment) -> Answer:
    """Whether no claim meets it by the day as of which it is read; where no claim says anything, none does."""
    return ~commitment.met if commitment.met_by is not None else YES


def overdue(commitments: Iterable[Commitment], *, on: date) -> tuple[Overdue, ...]:
    """
    The promises that were overdue at the end of a day, in the order given (D4).

    The latest possible day of the target that stood then lies before the day; no claim meets the promise by
    then, and no denial without ``when``, or for all of the target, had been said. A promise that was met in part
    is not overdue; its ``pending`` beneficiaries say what is missing. A proposal never is.

    Args:
        commitments: Promises; proposals among them are passed over.
        on: The day.
    """
    return tuple(_overdue(commitments, on))


def _overdue(commitments: Iterable[Commitment], day: date) -> Iterator[Overdue]:
    for commitment in (commitment.on(day) for commitment in commitments):
        target = None if commitment.plan is None else commitment.plan.current.when
        if target is None or target.latest is None or target.latest >= day:
            continue
        answer = _unmet(commitment) & ~commitment.denied
        if answer is not NO:
            days = Dating.within(target.last).slip_to(Dating.within(Bounds(day, day)))
            yield Overdue(commitment, target, days, answer)


def _heard(claims: Iterable[Effective]) -> Iterator[date]:
    """The days by which something had surely been said or published; undated sources are not heard."""
    for effective in claims:
        dates = (effective.claim.stated, *(source.published for source in effective.sources))
        yield from (when.latest for when in dates if when is not None and when.latest is not None)


def _made_by(commitment: Commitment, day: date) -> bool:
    """Whether it may have been promised or proposed by the end of a day."""
    made = (effective for effective in commitment.milestone.claims if effective.claim.assertion in PLANS)
    return any(Dating.within(stated_bounds(effective.claim)).happened_by(day) is not NO for effective in made)


def silent(commitments: Iterable[Commitment], *, since: date, on: date) -> tuple[Silence, ...]:
    """
    The promises and proposals that went quiet, in the order given.

    Made by the day, as far as is known, also without any target; not met and not called off by the day; and no
    claim about their subject was stated or published, by its latest possible day, from *since* to *on*.
    Put off without a new time, a promise is still open; what has no date is not heard.

    Args:
        commitments: Promises and proposals, with all claims about their subjects.
        since: The first day of silence.
        on: The last day of silence, as of which all is read.
    """
    return tuple(_silent(commitments, since, on))


def _silent(commitments: Iterable[Commitment], since: date, day: date) -> Iterator[Silence]:
    for commitment in commitments:
        then = commitment.on(day)
        answer = _unmet(then) & ~then.called_off
        heard = [known for known in _heard(commitment.claims) if known <= day]
        last = max(heard, default=None)
        if answer is not NO and _made_by(commitment, day) and (last is None or last < since):
            yield Silence(then, last, answer)
