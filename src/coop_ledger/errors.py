"""
Every error that coop_ledger raises, and how one shows a value; this module imports nothing of ours.

    CoopLedgerError
      InvalidValueError (ValueError)   a bad argument or field value, on any floor
      DomainError                      a claim or act that can never be right
        UnknownCountryError
        FutureOccurrenceError
      CodecError
        UnknownEventTypeError
        MalformedEventError            problems: tuple[Problem, ...]
        NotCanonicalError
        LeafTooLargeError
        NoteError                      text of a note, key, checkpoint, policy or proof
        BundleError                    an exported bundle
        ClaimFileError                 a file of claims: problems: tuple[RowProblem, ...], count
      VerificationError                a proof, signature or commitment that does not hold
        LeafHashError
        InclusionError
        ConsistencyError
        CommitmentError
        SignatureError
        UntrustedNoteError
        UnsupportedKeyError
        QuorumError
        SplitViewError                 a fork or a rollback
        PublicationError               a published folder that lacks a file or holds other bytes
      StoreError
        AppendConflictError            condition, entries in the way
        KeyTakenError                  key; what a store says, before the ledger compares
        ReusedKeyError                 key, fields that differ
        EntryNotFoundError             (also LookupError)
        NotALedgerError
        LedgerNotFoundError            (also FileNotFoundError)
        WrongOriginError
        SchemaVersionError
        SettingRefusedError            a store setting that did not take
        StoreNotEmptyError
        StoreReadOnlyError
        StoreFullError
        StoreBusyError
        StoreDamagedError
        StoreMovedError                the file was removed or replaced under an open ledger
        StoreUncertainError            recorded, but perhaps not for good; or nobody knows
        StoreUnreachableError          no answer from the server of the database
        StoreAccessError               the server refuses the user, or what the user may not do
        LedgerClosedError
        ForkedProcessError
      ProjectionError                  projection, subject, position
      KeyFileError                     the file of a signing key, or of what it signed last
      AnomalyError                     anomalies; what a strict call would have made irregular
      MissingExtraError (ImportError)
      ExpectationError (AssertionError)  what a test expected and the test kit did not find
        LawBrokenError                 law, projection, step, history

A message says what is wrong, where, what was expected, what was found and what to do next;
each of these is also an attribute, so that a program need not read the sentence.
Foreign exceptions stop at their floor and are chained with ``from``.
Anomalies in a well-formed history are data, never errors (DESIGN P3).
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "AnomalyError",
    "AppendConflictError",
    "BundleError",
    "ClaimFileError",
    "CodecError",
    "CommitmentError",
    "ConsistencyError",
    "CoopLedgerError",
    "DomainError",
    "EntryNotFoundError",
    "ExpectationError",
    "ForkedProcessError",
    "FutureOccurrenceError",
    "InclusionError",
    "InvalidValueError",
    "KeyFileError",
    "KeyTakenError",
    "LawBrokenError",
    "LeafHashError",
    "LeafTooLargeError",
    "LedgerClosedError",
    "LedgerNotFoundError",
    "MalformedEventError",
    "MissingExtraError",
    "NotALedgerError",
    "NotCanonicalError",
    "NoteError",
    "Problem",
    "ProjectionError",
    "PublicationError",
    "QuorumError",
    "ReusedKeyError",
    "RowProblem",
    "SchemaVersionError",
    "SettingRefusedError",
    "SignatureError",
    "SplitViewError",
    "StoreAccessError",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "StoreFullError",
    "StoreMovedError",
    "StoreNotEmptyError",
    "StoreReadOnlyError",
    "StoreUncertainError",
    "StoreUnreachableError",
    "UnknownCountryError",
    "UnknownEventTypeError",
    "UnsupportedKeyError",
    "UntrustedNoteError",
    "VerificationError",
    "WrongOriginError",
]


def repr_of(value: object) -> str:
    """
    What was found as Python writes it, for a message; a number that is too long to be written, by its size.

    >>> repr_of("x"), repr_of(10**5000)
    ("'x'", 'a number of 16610 bits')
    """
    try:
        return repr(value)
    except ValueError:  # Python writes no number of more than 4,300 digits, neither alone nor in anything
        if isinstance(value, int):
            return f"a number of {value.bit_length()} bits"
        return f"a {type(value).__name__} that cannot be written"


class CoopLedgerError(Exception):
    """
    The root of all errors raised here.

    Args:
        what: One sentence without its full stop: what is wrong.
        where: The field, path, file or position concerned.
        expected: What would have been right.
        found: What was there instead.
        hint: The next step, as an order ("write …", "open with …").

    >>> str(CoopLedgerError("the date cannot be read", where="when", found="2017-H2", hint="write 2017-41"))
    'the date cannot be read; where: when; found: 2017-H2; write 2017-41'
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.found = found
        self.hint = hint
        labelled = (("where", where), ("expected", expected), ("found", found))
        parts = [what, *(f"{label}: {text}" for label, text in labelled if text is not None)]
        super().__init__("; ".join(parts if hint is None else [*parts, hint]))


class InvalidValueError(CoopLedgerError, ValueError):
    """A bad argument or field value; nothing was recorded."""


class DomainError(CoopLedgerError):
    """A claim or act that is well typed but can never be right."""


class UnknownCountryError(DomainError):
    """A country code that the registry in use does not list."""


class FutureOccurrenceError(DomainError):
    """OCCURRED or HOLDS whose earliest day is more than a day after the recording."""


class CodecError(CoopLedgerError):
    """Bytes or plain data that are not a claim or act of this format."""


class UnknownEventTypeError(CodecError):
    """A wire name or version that the registry does not hold, where one must be known."""


class Problem(NamedTuple):
    """One fault in plain data: the JSON Pointer (RFC 6901) of the place, and the sentence."""

    path: str
    message: str


class MalformedEventError(CodecError):
    """Plain data that does not fit its event or act; *problems* lists every fault found."""

    def __init__(self, what: str, problems: tuple[Problem, ...], *, hint: str | None = None) -> None:
        self.problems = problems
        found = " | ".join(f"{problem.path or '/'}: {problem.message}" for problem in problems)
        super().__init__(what, found=found, hint=hint)


class NotCanonicalError(CodecError):
    """Bytes that are not the one canonical form of what they say."""


class LeafTooLargeError(CodecError):
    """An entry whose leaf would pass 65,535 bytes."""


class NoteError(CodecError):
    """Text that is not a signed note, verifier key, checkpoint, policy or proof in its one strict spelling."""


class BundleError(CodecError):
    """A file that is not a bundle of this format, or passes its limits; nothing was imported."""


class RowProblem(NamedTuple):
    """
    One fault in a file of claims.

    Args:
        line: Where the row begins, from 1; 0 where no line can be told.
        column: The column by its name, of JSON the JSON Pointer; empty where it is the row's own.
        value: What stands there, shortened and made safe to show; None where nothing does. Words that would be
            sealed are never shown.
        what: What is wrong.
        hint: The next step, as an order.
    """

    line: int
    column: str
    value: str | None
    what: str
    hint: str | None

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        found = f"; found: {self.value}" if self.value is not None else ""
        return f"{where}: {self.what}{found}" + (f"; {self.hint}" if self.hint else "")


class ClaimFileError(CodecError):
    """
    A file that is none of claims, or holds rows that are none; nothing was recorded.

    *problems* are the first 1,000 faults of rows, by line; *count* is the number of all.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        problems: tuple[RowProblem, ...] = (),
        count: int | None = None,
    ) -> None:
        self.problems = problems
        self.count = len(problems) if count is None else count
        if found is None and problems:
            found = " | ".join(map(str, problems[:3])) + (f" | and {self.count - 3} more" if self.count > 3 else "")
        super().__init__(what, where=where, expected=expected, found=found, hint=hint)


class VerificationError(CoopLedgerError):
    """Evidence that does not hold."""


class LeafHashError(VerificationError):
    """A leaf whose hash is not the recorded one."""


class InclusionError(VerificationError):
    """A leaf that its inclusion proof does not place under the root."""


class ConsistencyError(VerificationError):
    """Two roots of which the earlier is not shown to be a prefix of the later."""


class CommitmentError(VerificationError):
    """An opening that its commitment does not match."""


class SignatureError(VerificationError):
    """A signature line under the name and ID of a known key that this key did not make; the note is refused."""


class UntrustedNoteError(VerificationError):
    """A note that no known key has signed."""


class UnsupportedKeyError(VerificationError):
    """A key of a kind that this version cannot check: neither good nor bad, but undecided."""


class QuorumError(VerificationError):
    """A checkpoint with fewer witnesses than the policy asks for."""


class SplitViewError(VerificationError):
    """Two genuine checkpoints of one log that cannot both be true: a fork or a rollback."""


class PublicationError(VerificationError):
    """A published folder that lacks a file, or holds other bytes than its log: damage, a fork or a rollback."""


class StoreError(CoopLedgerError):
    """A store that could not do what was asked; the ledger is as before, but for :class:`StoreUncertainError`."""


class AppendConflictError(StoreError):
    """A condition that no longer holds; *positions* are the entries in the way, lowest first."""

    def __init__(self, what: str, *, positions: tuple[int, ...], since: int, hint: str | None = None) -> None:
        self.positions = positions
        self.since = since
        shown = ", ".join(str(position) for position in positions[:10])
        super().__init__(
            what,
            expected=f"no matching entry at or after position {since}",
            found=f"position(s) {shown}",
            hint=hint,
        )


class KeyTakenError(StoreError):
    """A ``once`` key under which the store holds entries already; nothing was recorded."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__("the key was used before", where=f"once={key!r}")


class ReusedKeyError(StoreError):
    """A ``once`` key that already covers other content; *fields* names what differs."""

    def __init__(self, what: str, *, key: str, fields: tuple[str, ...], hint: str | None = None) -> None:
        self.key = key
        self.fields = fields
        super().__init__(what, where=f"once={key!r}", found=f"differs in {', '.join(fields)}", hint=hint)


class EntryNotFoundError(StoreError, LookupError):
    """No entry, or no subject, of that id."""


class NotALedgerError(StoreError):
    """A file that is not a ledger of ours."""


class LedgerNotFoundError(StoreError, FileNotFoundError):
    """No file at that path, and no origin was given to create one."""


class WrongOriginError(StoreError):
    """A ledger of another origin than the caller named."""


class SchemaVersionError(StoreError):
    """A ledger file whose schema this version does not read."""


class SettingRefusedError(StoreError):
    """A database setting that was asked for and did not take."""


class StoreNotEmptyError(StoreError):
    """``restore`` into a store that already holds entries."""


class StoreReadOnlyError(StoreError):
    """A write through a read-only ledger, file or directory."""


class StoreFullError(StoreError):
    """The disk, quota or file-size limit is reached; nothing was recorded."""


class StoreBusyError(StoreError):
    """Another writer held the store for longer than the timeout; nothing was recorded."""


class StoreDamagedError(StoreError):
    """The stored bytes contradict themselves."""


class StoreMovedError(StoreError):
    """The file of an open ledger was removed or replaced; nothing was recorded."""


class StoreUncertainError(StoreError):
    """
    It is recorded, but perhaps not for good; or whether it is recorded cannot be told.

    The disk failed at the very end, so that a power failure may still undo it; or the file was removed or replaced
    while it was written, so that it stands in the one that was there before; or the server of a database went away
    before it answered, and did not come back in time to be asked. Make the same call again, with its once key.
    """


class StoreUnreachableError(StoreError):
    """The server of a database gives no answer, or the connection broke; nothing was recorded."""


class StoreAccessError(StoreError):
    """The server of a database refuses the user, the password or the database, or a right is missing."""


class LedgerClosedError(StoreError):
    """A ledger used after ``close``."""


class ForkedProcessError(StoreError):
    """A ledger used in a process that was forked after it was opened."""


class ProjectionError(CoopLedgerError):
    """A projection that raised, or that changed the state it was given; the entry is named."""

    def __init__(self, what: str, *, projection: str, subject: str, position: int | None, hint: str) -> None:
        self.projection = projection
        self.subject = subject
        self.position = position
        place = "" if position is None else f" at position {position}"
        super().__init__(what, where=f"projection {projection}, {subject}{place}", hint=hint)


class KeyFileError(CoopLedgerError):
    """The file of a signing key, or of the last checkpoint it signed, that cannot be used as it is."""


class AnomalyError(CoopLedgerError):
    """A strict call that would have made the record irregular; nothing was recorded."""

    def __init__(self, what: str, *, anomalies: tuple[object, ...], found: str, hint: str) -> None:
        self.anomalies = anomalies
        super().__init__(what, found=found, hint=hint)


class MissingExtraError(CoopLedgerError, ImportError):
    """An optional part is not installed; the message says which extra to install."""


class ExpectationError(CoopLedgerError, AssertionError):
    """A test that uses the test kit expected something else; *history* is what was recorded before, as Python."""

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        history: str = "[\n]",
        seen: str = "",
    ) -> None:
        self.history = history
        self.seen = seen
        super().__init__(what, where=where, expected=expected, found=found, hint=hint)

    def __str__(self) -> str:
        seen = f", seen with {self.seen}" if self.seen else ""
        return f"{super().__str__()}\nafter this history{seen}:\n{self.history}"


class LawBrokenError(ExpectationError):
    """A projection that breaks a law; *history* is the smallest that shows it, as Python; *step* is where."""

    def __init__(self, what: str, *, law: str, projection: str, step: str, history: str, hint: str) -> None:
        self.law = law
        self.projection = projection
        self.step = step
        super().__init__(
            f"the law of projections '{law}' is broken: {what}",
            where=f"projection {projection}, {step}",
            hint=hint,
            history=history,
        )
