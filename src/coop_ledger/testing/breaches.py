"""
What the laws of projections are, and how a history shows that one is broken; knows no particular law's check.

Every call of a projection's functions goes through :func:`called` or :func:`folded`, every comparison of states
through :func:`same`: whatever is found there is a :class:`Breach`.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from coop_ledger.domain import Effective, SubjectId
from coop_ledger.errors import ProjectionError
from coop_ledger.projections import Projection, as_plain, fold
from coop_ledger.testing.watching import watched

__all__ = [
    "OPTIONAL",
    "Breach",
    "Law",
    "Laws",
    "at_step",
    "called",
    "differences",
    "folded",
    "folded_plain",
    "plain_of",
    "read",
    "same",
    "short",
    "spelled",
]

T = TypeVar("T")


class Law(enum.StrEnum):
    """What holds for every projection, whatever it says."""

    TOTAL = "total"
    """It raises nothing, whatever a well-formed history holds: rare events, erased words, dates that are not said."""
    PURE = "pure"
    """It reads no clock, draws nothing, and reaches for no file, process or setting."""
    UNCHANGED = "no mutation"
    """It changes neither the state that it was given nor what it folds."""
    PLAIN = "JSON-stable state"
    """A state is plain data with one spelling: no fractions, no sets, nothing that JSON cannot hold."""
    DETERMINISTIC = "deterministic"
    """The same claims give the same state: a second time, and in another process."""
    INCREMENTAL = "incremental = full"
    """A state to which claims are added is the state of all of them; ``gather`` gives what ``evolve`` gives."""
    ORDER = "independent order"
    """Of claims about different happenings on different days it does not matter which was recorded first, or where."""
    RECORDED = "independent of recording times"
    """It does not matter when the claims were recorded: views are cut by that before anything is folded."""
    STABLE = "view stability"
    """A view answers the same after more was recorded and after a day of the world was asked for."""
    EXACT = "exact numbers"
    """Sums do not depend on the order of what is added: decimals, no binary fractions."""
    BOUNDED = "bounded growth"
    """A state grows in step with its claims, and no faster."""


OPTIONAL: Final = frozenset((Law.ORDER, Law.RECORDED, Law.EXACT, Law.BOUNDED))
"""The laws that a projection may break on purpose; without the others it is none."""

Laws = frozenset[Law]


class Breach(Exception):  # noqa: N818 - not raised to callers: it becomes a LawBrokenError
    """
    A law that a history shows to be broken.

    Args:
        law: The law.
        what: What was seen.
        step: Where: which function, subject and position.
    """

    def __init__(self, law: Law, what: str, step: str) -> None:
        self.law = law
        self.what = what
        self.step = step
        super().__init__(law, what, step)


def at_step(what: str, subject: str | None = None, position: int | None = None) -> str:
    """Where something was met, in words: a function, a subject, a position of the log."""
    place = "" if position is None else f" at position {position}"
    return f"{what}{'' if subject is None else f' of {subject}'}{place}"


def called(step: str, call: Callable[..., T], *given: Any) -> T:
    """
    What a function of the projection gives; it is watched.

    Raises:
        Breach: It raised, or reached for what is not its own.
    """
    __tracebackhide__ = True  # what pytest shows is the projection's line
    try:
        found, heard = watched(call, *given)
    except Exception as error:
        raise Breach(Law.TOTAL, f"it raised {type(error).__name__}: {error}", step) from error
    if heard:
        raise Breach(Law.PURE, f"it called {heard[0]}", step)
    return found


def folded(step: str, call: Callable[..., T], *given: Any) -> T:
    """
    What a fold of the package gives.

    Raises:
        Breach: The fold refused the projection.
    """
    try:
        return call(*given)
    except ProjectionError as error:
        raise Breach(Law.TOTAL if error.__cause__ is not None else Law.UNCHANGED, error.what, step) from (
            error.__cause__ or error
        )


def plain_of(state: Any, step: str, *, quick: bool = False) -> Any:
    """
    A state as plain data, which JSON gives back as it is.

    Args:
        state: What the projection gave.
        step: Where, for the message.
        quick: Whether to leave out watching what the state's own methods do.

    Raises:
        Breach: It is no plain data.
    """
    plain = as_plain(state) if quick else called(f"{step}, the state as plain data", as_plain, state)
    for path, what in _unplain(plain, ""):
        raise Breach(Law.PLAIN, f"the state holds {what}{f' at {path}' if path else ''}", step)
    return plain


def _unplain(plain: Any, path: str) -> Iterator[tuple[str, str]]:
    match plain:
        case None | bool() | int() | str():
            return
        case float():
            yield path, f"a binary fraction ({plain!r}), which drifts; use Decimal"
        case set() | frozenset():
            yield path, "a set, which has no order; sort it into a tuple"
        case dict():
            for key, value in plain.items():
                yield from _unplain(value, f"{path}/{key}")
        case list():
            for index, value in enumerate(plain):
                yield from _unplain(value, f"{path}/{index}")
        case _:
            yield path, f"a value of {type(plain).__name__}, which is no plain data; make it a frozen dataclass"


def spelled(plain: Any) -> str:
    """Plain data as one text, equal for what is equal."""
    return json.dumps(plain, sort_keys=True, ensure_ascii=False)


def differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two plain values differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key, value in one.items():
            yield from differences(value, other[key], f"{path}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{path}/{index}")
    elif type(one) is not type(other) or one != other:
        yield path, one, other


def same(law: Law, step: str, how: str, one: Any, other: Any) -> None:
    """
    Refuse two plain values that differ.

    Raises:
        Breach: They do, of that law; it names the first place.
    """
    for path, first, second in differences(one, other):
        shown = f"{short(first)} and {short(second)}"
        raise Breach(law, f"{how}: the states differ{f' at {path}' if path else ''}, {shown}", step)


def read(given: Any) -> str:
    """What is given to a projection, as text to compare; what was spoiled in it may not be readable any more."""
    try:
        return repr(given)
    except Exception as error:
        return f"unreadable: {error!r}"


def short(value: Any) -> str:
    """A value in 120 characters at most."""
    shown = repr(value)
    return shown if len(shown) <= 120 else f"{shown[:120]}…"


def folded_plain(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], step: str) -> Any:
    """The state that a fold of the package gives, as plain data."""
    return plain_of(folded(step, fold, projection, subject, claims), step, quick=True)
