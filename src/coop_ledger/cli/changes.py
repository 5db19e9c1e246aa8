"""
What two views show differently, field by field in the words of ``show``. Knows no verb.

The parts of a field stand together: who asks why it changed asks ``why`` for that field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from coop_ledger.cli.subject import state_known
from coop_ledger.cli.tables import text_of
from coop_ledger.domain import SubjectId
from coop_ledger.errors import EntryNotFoundError
from coop_ledger.projections import Change
from coop_ledger.reader import Reader

__all__ = ["ChangedField", "changed_fields"]

_ELSEWHERE: Final = "the same, on other claims"


class ChangedField(NamedTuple):
    """
    A field that two views show differently.

    Args:
        subject: Whose field.
        field: Its name, as ``show`` prints it.
        before: How the first view shows it.
        after: How the second one does; where the words are the same, it rests on other claims.
        entries: Positions of the entries behind it, lowest first.
    """

    subject: SubjectId
    field: str
    before: str
    after: str
    entries: tuple[int, ...]


def changed_fields(before: Reader, after: Reader, changes: Iterable[Change]) -> Iterator[ChangedField]:
    """
    Yield what a person reads of changes.

    Args:
        before: The view from which the changes lead.
        after: The view to which they lead.
        changes: What differs, part by part of a field.
    """
    together: dict[tuple[SubjectId, str], set[int]] = {}
    for change in changes:
        together.setdefault((change.subject, change.field.partition(".")[0]), set()).update(change.entries)

    @lru_cache(maxsize=2)  # changes of one subject stand together
    def state(view: Reader, subject: SubjectId) -> Any:
        try:
            return state_known(view, subject).state
        except EntryNotFoundError:
            return None

    for (subject, field), entries in together.items():
        old, new = (text_of(getattr(state(view, subject), field, None)) for view in (before, after))
        shown = _ELSEWHERE if new == old else new
        yield ChangedField(subject, field.replace("_", " "), old, shown, tuple(sorted(entries)))
