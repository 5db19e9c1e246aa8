"""
What a broken promise of a store says of itself: the clause, what was written before, and the call of the store.

Knows no clause. A store under test is held by a :class:`Trace`, which passes every call on and remembers it; what a
clause meets is told as :class:`BrokenContractError`. Nothing here is a plain ``assert``, which ``python -O`` would
leave out and which says little outside pytest's own rewriting.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NamedTuple, TypeVar, cast

from hypothesis.errors import HypothesisException

from coop_ledger.errors import InvalidValueError
from coop_ledger.stores import Draft, Placed, Restored, Store, Stored

__all__ = ["BrokenContractError", "Trace", "bare", "clause", "differing", "must", "refused"]

E = TypeVar("E", bound=Exception)
F = TypeVar("F", bound=Callable[..., Any])

_MEMBERS: Final = sorted(name for name in vars(Store) if not name.startswith("_"))
_WRITES: Final = frozenset({"append", "erase", "extend", "restore", "close"})
_SHOWN: Final = 12
"""Calls that are shown of a history: the last ones."""
_SHORT: Final = 64
"""Bytes that are shown whole."""


class _Call(NamedTuple):
    """One call of a store, kept as it was; it is put into words only if something broke."""

    store: int
    name: str
    args: tuple[Any, ...]
    options: dict[str, Any]
    outcome: Any

    def __str__(self) -> str:
        given = [_brief(value) for value in self.args] + [f"{key}={_brief(self.options[key])}" for key in self.options]
        what = "raised " if isinstance(self.outcome, BaseException) else ""
        number = "" if self.store == 0 else f"store {self.store + 1}: "
        return f"{number}{self.name}({', '.join(given)}) → {what}{_brief(self.outcome)}"


def _brief(value: Any) -> str:
    """A value in few words; ends of lists and of long bytes are left out."""
    match value:
        case Draft() | Restored():
            more = {"once": value.once, "openings": value.openings}
            told = [value.id, *value.labels[:4], *(f"{key}={_brief(one)}" for key, one in more.items() if one)]
            return f"{type(value).__name__}({', '.join(told)})"
        case Stored():
            return f"Stored({value.position}, {value.id}, leaf of {len(value.leaf)} bytes, {_brief(value.openings)})"
        case Placed():
            clamped = ", clamped" if value.clamped else ""
            return f"{_brief(value.positions)} at {value.recorded_at}{clamped}, root {value.root.hex()[:8]}…"
        case range():
            return f"positions {value.start} to {value.stop - 1}"
        case list() | tuple() if type(value) in (list, tuple):
            shown = ", ".join(map(_brief, value[:3])) + (f", … {len(value)} in all" if len(value) > 3 else "")
            alone = "," if len(value) == 1 else ""
            return f"[{shown}]" if isinstance(value, list) else f"({shown}{alone})"
        case bytes() if len(value) > _SHORT:
            return f"{value[:_SHORT]!r}… of {len(value)} bytes"
        case BaseException():
            return f"{type(value).__name__}: {_cut(str(value))}"
    return _cut(repr(value))


def _cut(text: str, most: int = 300) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


class Trace:
    """
    The calls of the stores under test, in their order.

    Attributes:
        writes: Those that write or close; all of them.
        last: The last one of any kind, None before the first.
    """

    def __init__(self) -> None:
        self.writes: list[_Call] = []
        self.last: _Call | None = None
        self._stores = 0

    def over(self, store: Store) -> Store:
        """
        The store, each call of which is noted here.

        Raises:
            InvalidValueError: It has not all that a store has.
        """
        __tracebackhide__ = True
        missing = [name for name in _MEMBERS if not hasattr(store, name)]
        if missing:
            raise InvalidValueError(
                "this is no whole store", where=type(store).__name__, expected="all that coop_ledger.stores.Store has",
                found=f"no {', '.join(missing)}", hint="see help(coop_ledger.stores.Store)",
            )  # fmt: skip
        self._stores += 1
        return cast("Store", _Traced(store, self, self._stores - 1))

    def note(self, call: _Call) -> None:
        """Remember a call that came back."""
        self.last = call
        if call.name in _WRITES:
            self.writes.append(call)


class _Traced:
    """A store whose calls are noted; whatever else it has is there too."""

    def __init__(self, store: Store, trace: Trace, number: int) -> None:
        self._self = (store, trace, number)

    def __getattr__(self, name: str) -> Any:
        store, trace, number = self._self
        found = getattr(store, name)
        if not callable(found):
            return found

        def call(*args: Any, **options: Any) -> Any:
            try:
                outcome = found(*args, **options)
            except Exception as error:
                trace.note(_Call(number, name, args, options, error))
                raise
            trace.note(_Call(number, name, args, options, outcome))
            return outcome

        return call


def bare(store: Store) -> Store:
    """The store that somebody made, without the trace around it."""
    return store._self[0] if isinstance(store, _Traced) else store


class BrokenContractError(AssertionError):
    """
    A store does not do what every store does.

    Args:
        said: The clause that it breaks.
        trace: Its calls.
        found: What was met.

    Attributes:
        clause: The clause.
        history: What was written before, one text for each call, the newest last; at most 12 are told.
        call: The last call of the store, with what came of it.

    >>> from coop_ledger.stores import MemoryStore
    >>> from coop_ledger.testing import ticking
    >>> trace = Trace()
    >>> store = trace.over(MemoryStore("traced.example/1", clock=ticking()))
    >>> store.read(((),), limit=1)
    []
    >>> print(BrokenContractError("A new store has an entry", trace, AssertionError("nothing was read")))
    A new store has an entry
      found: nothing was read
      at the call: read(((),), limit=1) → []
      history: nothing was written
    """

    def __init__(self, said: str, trace: Trace, found: Exception) -> None:
        self.clause = said
        self.history = tuple(map(str, trace.writes[-_SHOWN:]))
        self.call = "no call of the store" if trace.last is None else str(trace.last)
        what = str(found) if isinstance(found, AssertionError) else f"{type(found).__name__}: {found}"
        before = len(trace.writes) - len(self.history)
        told = [f"    … {before} calls before"] if before else []
        told += [f"    {number}. {call}" for number, call in enumerate(self.history, before + 1)]
        lines = [said, f"  found: {what}", f"  at the call: {self.call}"]
        lines += ["  history:", *told] if told else ["  history: nothing was written"]
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.clause, self.history, self.call, str(self))


def _rebuilt(said: str, history: tuple[str, ...], call: str, message: str) -> BrokenContractError:
    """The error as another process raised it."""
    error = BrokenContractError.__new__(BrokenContractError, message)
    error.clause, error.history, error.call, error.args = said, history, call, (message,)
    return error


def clause(test: F) -> F:
    """
    A test whose first line of docstring is a clause: what goes wrong in it is told with the calls of ``self.trace``.

    Args:
        test: A method of a class that has a ``trace``.
    """
    said = (test.__doc__ or test.__name__).strip().partition("\n")[0].rstrip(".:")

    @wraps(test)
    def checked(self: Any, *args: Any, **options: Any) -> Any:
        try:
            return test(self, *args, **options)
        except (HypothesisException, BrokenContractError):  # its own signals; what was told further inside
            raise
        except Exception as error:
            raise BrokenContractError(said, self.trace, error) from error

    return cast("F", checked)


def must(holds: bool, what: str) -> None:
    """
    Refuse what does not hold.

    Raises:
        AssertionError: With *what* was met instead.
    """
    __tracebackhide__ = True
    if not holds:
        raise AssertionError(what)


def differing(what: str, expected: Any, found: Any) -> None:
    """
    Refuse two answers that differ.

    Raises:
        AssertionError: They do; it names the smallest part that differs.
    """
    __tracebackhide__ = True
    if expected == found:
        return
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        for key, value in expected.items():
            differing(f"{what}, {key}", value, found[key])
    if type(expected) is type(found) and isinstance(expected, list | tuple) and len(expected) == len(found):
        names = getattr(expected, "_fields", range(len(expected)))
        for name, one, other in zip(names, expected, found, strict=True):
            differing(f"{what}, {name}", one, other)
    if isinstance(expected, bytes) and isinstance(found, bytes) and len(expected) > _SHORT:
        at = next(
            (at for at, (one, other) in enumerate(zip(expected, found, strict=False)) if one != other), len(found)
        )
        at = max(0, at - _SHORT // 2)
        raise AssertionError(f"{what}, from byte {at}: expected {_brief(expected[at:])}, found {_brief(found[at:])}")
    raise AssertionError(f"{what}: expected {_brief(expected)}, found {_brief(found)}")


def refused(kind: type[E], call: Callable[[], object]) -> E:
    """
    The error that a call must end in.

    Raises:
        AssertionError: It ended otherwise.
    """
    __tracebackhide__ = True
    try:
        found = call()
    except kind as error:
        return error
    except Exception as error:
        raise AssertionError(f"expected {kind.__name__}, raised {_brief(error)}") from error
    raise AssertionError(f"expected {kind.__name__}, found {_brief(found)}")
