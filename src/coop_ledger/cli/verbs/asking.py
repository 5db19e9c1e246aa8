"""
``why``, ``diff``, ``overdue``, ``commitments``, ``conflicts`` and ``anomalies``: questions that go beyond one state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from coop_ledger.cli.changes import changed_fields
from coop_ledger.cli.items import commitment_item, conflict_item, overdue_item, reason_item
from coop_ledger.cli.options import LEDGER, Axes, LedgerCommand, Say, answers, axes, opened, option, viewed
from coop_ledger.cli.output import Answer
from coop_ledger.cli.subject import known_subject, read_subject, there
from coop_ledger.cli.tables import Sheet, as_value, publishers, text_of
from coop_ledger.codec import wire_name
from coop_ledger.domain import Source
from coop_ledger.projections import Commitment, Conflict, Reason, as_plain
from coop_ledger.reader import Reader

__all__ = ["anomalies", "commitments", "conflicts", "diff", "overdue", "why"]

_SUBJECT = click.option("--subject", metavar="SUBJECT", help="Only of one subject: an id, KR-KZ, KR, or a name.")


def size(text: str) -> int | str:
    """A size of the log, or now; click says of anything else that it is no size."""
    return text if text == "now" else int(text)


def _about(reader: Reader, subject: str | None) -> str | None:
    return None if subject is None else known_subject(reader, subject, "--subject")


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("subject")
@click.argument("field")
@axes
@answers
def why(file: Path, subject: str, field: str, known: Axes, say: Say) -> None:
    """
    Tell on which claims a FIELD of SUBJECT rests, and whose word they are.

    FIELD is a field as show prints it: status, target, place … Parts are
    joined by dots: opened.when, figures.attendance.0.value.

    Each claim is told with the field as it read after it; Acts counts the
    corrections, merges and resolutions that shape the claim.

    \b
    coop-ledger why forum.db institution:kcac-secretariat status
    """
    with viewed(file, known) as view:
        meant = read_subject(view, subject)
        with there(view, meant):
            reasons = view.why(meant, field.replace(" ", "_").replace("-", "_"))
        columns = ("#", "Says", "When", "Field after it", "Sources", "Recorded", "Acts")
        nothing = f"no claim moves {field}: it is as it would be without any"
        sheet = Sheet(f"Why {field} of {subject}", columns, map(_reason, reasons))
        say(Answer("reason", map(reason_item, reasons), [sheet], nothing, view.basis))


def _reason(reason: Reason) -> tuple[Any, ...]:
    claim = reason.effective.claim
    says = f"{claim.assertion} {wire_name(type(claim.event))}"
    return (
        reason.position, says, claim.when, as_value(reason.value), tuple(map(_source, reason.sources)),
        reason.effective.recorded_at.date(), len(reason.acts),
    )  # fmt: skip


def _source(source: Source) -> str:
    """Whose word it is, of which day, and how near it stands to what it reports."""
    told = ", ".join(text_of(part) for part in (source.published, source.kind) if part is not None)
    return publishers([source]) + (f" ({told})" if told else "")


@click.command(cls=LedgerCommand)
@LEDGER
@click.option("--published", nargs=2, metavar="DAY DAY", help="Two days by which sources were published.")
@click.option("--recorded", nargs=2, metavar="TIME TIME", help="Two times by which entries were recorded.")
@click.option("--size", nargs=2, type=size, metavar="SIZE SIZE", help="Two sizes of the log.")
@click.option("--on", metavar="DAY", help="Read both as of this day of the world.")
@_SUBJECT
@answers
def diff(file: Path, on: str | None, subject: str | None, say: Say, **given: tuple[Any, Any] | None) -> None:
    """
    Show what changed between two points of knowledge, and by which entries.

    Give one of --published, --recorded and --size, with the two points; now
    stands for all that is known: --published 2017-06-30 now.
    """
    axis = [(name, pair) for name, pair in given.items() if pair is not None]
    if len(axis) != 1:
        raise click.UsageError("Give one of --published, --recorded and --size, with two points.")
    ((name, pair),) = axis
    with opened(file) as ledger:
        with option(name):
            views = [ledger.at() if point == "now" else ledger.at(**{name: point}) for point in pair]
        with option("on"):
            before, after = views if on is None else [view.on(on) for view in views]
        changes = ledger.diff(before, after, _about(ledger, subject))
        found = changed_fields(before, after, changes)
        rows = ((*field[:-1], _list(field.entries)) for field in found)
        sheet = Sheet("Changes", ("Subject", "Field", "Before", "After", "Entries"), rows)
        items = (as_plain(change) for change in changes)
        say(Answer("change", items, [sheet], "nothing changed", after.basis))


def _promise(commitment: Commitment) -> tuple[Any, ...]:
    of_what, owners = _list(part for part in commitment.key if part), _list(commitment.owners)
    return commitment.subject, wire_name(commitment.event), of_what, owners


def _targets(commitment: Commitment) -> str | None:
    """What it was promised for, first to last."""
    plan = commitment.plan
    return None if plan is None else " → ".join(text_of(target.when) for target in plan.targets)


def _list(parts: Iterable[object]) -> str | None:
    return ", ".join(map(str, parts)) or None


@click.command(cls=LedgerCommand)
@LEDGER
@_SUBJECT
@axes
@answers
def overdue(file: Path, subject: str | None, known: Axes, say: Say) -> None:
    """
    List the promises whose day had passed, unmet and not put off.

    --on is the day that is asked about; without it, today in UTC.
    """
    day = datetime.now(UTC).date().isoformat() if known.on is None else known.on
    with viewed(file, known._replace(on=None)) as view:
        about = _about(view, subject)
        with option("on"):
            found = view.overdue(on=day)
        if about is not None:
            wanted = {commitment.subject for commitment in view.commitments(subject=about)}  # also where it was merged
            found = [one for one in found if one.commitment.subject in wanted]
        rows = ((*_promise(one.commitment), one.target, f"{text_of(one.days)} days", one.answer) for one in found)
        columns = ("Subject", "Promised", "Of what", "Owed by", "Target", "Late by", "Sure")
        nothing = f"no promise was overdue on {day}"
        sheet = Sheet(f"Overdue on {day}", columns, rows)
        basis = view.on(day).basis
        say(Answer("overdue", map(overdue_item, found), [sheet], nothing, basis))


@click.command(cls=LedgerCommand)
@LEDGER
@click.option("--party", metavar="PARTY", help="Only what this party owes: KR, institution:…")
@_SUBJECT
@axes
@answers
def commitments(file: Path, party: str | None, subject: str | None, known: Axes, say: Say) -> None:
    """
    List what was promised, and what became of it.

    Made is the day on which it was promised, Retold how often it was
    announced again, Slip in days how far the last target lies behind the
    first. Met and Late are undecided where the record does not tell.
    """
    with viewed(file, known) as view:
        about = _about(view, subject)
        with option("party"):
            found = view.commitments(party=party, subject=about)
        rows = ((*_promise(c), c.made, _targets(c), c.restatements, c.slip, c.met, c.outcome, c.late) for c in found)
        columns = (
            "Subject", "Promised", "Of what", "Owed by", "Made", "Targets", "Retold", "Slip in days", "Met", "Outcome",
            "Late",
        )  # fmt: skip
        sheet = Sheet("Commitments", columns, rows)
        items = map(commitment_item, found)
        say(Answer("commitment", items, [sheet], "no promise is recorded", view.basis))


@click.command(cls=LedgerCommand)
@LEDGER
@_SUBJECT
@axes
@answers
def conflicts(file: Path, subject: str | None, known: Axes, say: Say) -> None:
    """List what sources contradict each other in, open and resolved."""
    with viewed(file, known) as view:
        found = view.conflicts(_about(view, subject))
        columns = ("Subject", "Event", "Field", "Values", "Entries", "Publishers", "Ruling")
        sheet = Sheet("Conflicts", columns, map(_conflict, found))
        items = map(conflict_item, found)
        say(Answer("conflict", items, [sheet], "no source contradicts another", view.basis))


def _conflict(conflict: Conflict) -> tuple[Any, ...]:
    event = None if conflict.event is None else wire_name(conflict.event)
    ruling = "open" if conflict.ruling is None else conflict.ruling.rationale
    entries = _list(effective.position for effective in conflict.claims)
    return conflict.subject, event, conflict.field, conflict.values, entries, publishers(conflict.sources, ", "), ruling


@click.command(cls=LedgerCommand)
@LEDGER
@_SUBJECT
@axes
@answers
def anomalies(file: Path, subject: str | None, known: Axes, say: Say) -> None:
    """List what cannot be right: steps that no lifecycle knows, acts without effect."""
    with viewed(file, known) as view:
        found = view.anomalies(_about(view, subject))
        rows = ((one.code, one.message, _list(one.positions)) for one in found)
        sheet = Sheet("Anomalies", ("Code", "What is irregular", "Entries"), rows)
        items = (as_plain(one) for one in found)
        say(Answer("anomaly", items, [sheet], "nothing is irregular", view.basis))
