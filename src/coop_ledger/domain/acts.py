"""
What the keeper of a ledger does about entries: the six acts. Knows neither their order nor their effect.

An act names entries recorded before it, or earlier in its call, by their ids; so chains end and cycles
cannot be written. Nothing is edited: an act is an entry of its own (DESIGN P2, §3). Reasons and rationales
are sealed; ``authority`` is a pseudonym, like the entry's ``recorder``.
"""

from __future__ import annotations

import enum
from typing import Final, get_args

from coop_ledger.domain.claims import Claim
from coop_ledger.domain.fields import (
    check_entry_id,
    check_instance,
    code,
    entry_id,
    items,
    label,
    prose,
    record,
    subject_id,
    value,
)
from coop_ledger.domain.prose import Prose, check_label
from coop_ledger.domain.sources import Source
from coop_ledger.domain.subjects import SubjectKind, check_subject
from coop_ledger.domain.value import Value
from coop_ledger.errors import InvalidValueError

__all__ = [
    "ACT_TYPES",
    "Act",
    "Correction",
    "Duplicate",
    "Merge",
    "Redaction",
    "Resolution",
    "Retraction",
    "RetractionReason",
]


class RetractionReason(enum.StrEnum):
    """Why an entry is taken back."""

    WRONG = "wrong"
    SOURCE_WITHDRAWN = "source-withdrawn"
    LEGAL = "legal"


@record
class Correction(Value):
    """An entry's claim should read otherwise; the whole corrected claim, not a patch."""

    target: str = entry_id("the entry corrected")
    claim: Claim = value(Claim, "the claim as it should read")
    reason: Prose = prose("why")
    sources: tuple[Source, ...] = items("Source", "documents of the correction", check_instance(Source), default=())


@record
class Retraction(Value):
    """An entry, also another act, is taken back."""

    target: str = entry_id("the entry taken back")
    reason: RetractionReason = code(RetractionReason, "wrong, source withdrawn, or legal")
    sources: tuple[Source, ...] = items("Source", "documents of the retraction", check_instance(Source), default=())
    note: Prose | None = prose("more on the reason", default=None)


@record
class Duplicate(Value):
    """One report was recorded twice: *target* is the same report as the earlier *of* (D13)."""

    target: str = entry_id("the entry that repeats")
    of: str = entry_id("the entry that it repeats")

    def __attrs_post_init__(self) -> None:
        if self.target == self.of:
            raise InvalidValueError("an entry cannot be its own duplicate", where="of", found=self.of)


@record
class Merge(Value):
    """Several subjects are one and read as one under *into* (D14); succession in the world is an event."""

    subjects: tuple[str, ...] = items("subject id", "the subjects that are the same", check_subject)
    into: str = subject_id("the subject under which they read from now on")
    reason: Prose = prose("why they are the same")

    def __attrs_post_init__(self) -> None:
        if not self.subjects or self.into in self.subjects:
            raise InvalidValueError(
                "a merge names subjects other than its target",
                where="subjects",
                found=" ".join(self.subjects) or "none",
            )
        kinds = {subject.partition(":")[0] for subject in (*self.subjects, self.into)}
        if len(kinds) != 1:
            raise InvalidValueError(
                "only subjects of one kind can be one", where="subjects", found=", ".join(sorted(kinds))
            )
        if kinds & {SubjectKind.COUNTRY, SubjectKind.RELATIONSHIP}:
            raise InvalidValueError(
                "countries are fixed by ISO 3166-1 and never merged",
                where="subjects",
                found=" ".join(self.subjects) or "none",
                hint="move single claims by a Correction",
            )


@record
class Resolution(Value):
    """A conflict is decided for one of its claims, or, without *chosen*, recorded as open (D6)."""

    claims: tuple[str, ...] = items("entry id", "the entries that disagree, at least two", check_entry_id)
    rationale: Prose = prose("why it is decided so")
    chosen: str | None = entry_id("the entry that stands; absent: still open", default=None)

    def __attrs_post_init__(self) -> None:
        if len(self.claims) < 2:
            raise InvalidValueError(
                "a conflict has at least two claims", where="claims", found=" ".join(self.claims) or "none"
            )
        if self.chosen is not None and self.chosen not in self.claims:
            raise InvalidValueError("the chosen entry is none of the claims", where="chosen", found=self.chosen)


def _check_path(name: str, given: object) -> None:
    check_label(name, given, 200)
    if not str(given).startswith("/"):
        raise InvalidValueError(
            "a sealed field is named by a JSON Pointer",
            where=name,
            expected="/note, /sources/0/title …",
            found=repr(given),
        )


@record
class Redaction(Value):
    """Sealed fields of an entry are erased for good; every earlier proof still holds (DESIGN P9)."""

    target: str = entry_id("the entry whose fields are erased")
    paths: tuple[str, ...] = items("JSON Pointer", "the sealed fields erased", _check_path)
    basis: str = label("the legal ground, without personal data")
    authority: str = label("pseudonym of who ordered it", limit=64)

    def __attrs_post_init__(self) -> None:
        if not self.paths:
            raise InvalidValueError("a redaction names no field", where="paths", hint="give at least one path")


Act = Correction | Retraction | Duplicate | Merge | Resolution | Redaction
"""The closed union of acts."""

ACT_TYPES: Final[tuple[type[Act], ...]] = get_args(Act)
"""The members of :data:`Act`, in its order."""
