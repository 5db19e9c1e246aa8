"""
``log``, ``find`` and ``show``: what is recorded, and what follows for one subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from rich.console import Console

from coop_ledger.cli.items import entry_item
from coop_ledger.cli.options import LEDGER, Axes, LedgerCommand, Say, answers, axes, option, viewed
from coop_ledger.cli.output import Answer
from coop_ledger.cli.subject import Known, kind_of, known_of, near_hint, read_subject
from coop_ledger.cli.tables import Sheet, log_lines, log_sheet, state_sheets, text_of
from coop_ledger.codec import VERSIONS, class_of
from coop_ledger.domain import Act, Assertion, Claim, Entry, Event, SubjectId, SubjectKind, check_party
from coop_ledger.errors import EntryNotFoundError, UnknownEventTypeError
from coop_ledger.ledger import Ledger
from coop_ledger.projections import Collected, Period, as_plain
from coop_ledger.query import Query, about, everything, of_type, published_by
from coop_ledger.view import View

__all__ = ["find", "log", "show"]

_WIDE: Final = 120
"""Columns that the table of the log needs; a narrower terminal gets plain lines."""


def _event(name: str) -> type[Event] | type[Act]:
    """The event or act of that name; the hint tells those that end so."""
    try:
        return class_of(name)
    except UnknownEventTypeError as error:
        near = [known for known in VERSIONS if known.endswith(f".{name}")]
        listed = f"did you mean {' or '.join(near)}?" if near else "list events with: coop-ledger record --list"
        error.hint = error.hint or listed
        raise


class _Filter(NamedTuple):
    """Which entries ``log`` lists; each that is given must hold."""

    subject: str | None
    event: str | None
    source: str | None
    party: str | None
    assertion: str | None

    def query(self, view: View) -> Query:
        """As far as labels go: the rest is looked at entry by entry."""
        query = everything()
        if self.event is not None:
            with option("event"):
                query &= of_type(_event(self.event))
        if self.source is not None:
            with option("source"):
                query &= published_by(self.source)
        if self.party is not None:
            with option("party"):
                check_party("party", self.party)
        if self.subject is not None:
            with option("subject"):
                query &= about(read_subject(view, self.subject))
        return query

    def holds(self, entry: Entry) -> bool:
        """Whether the party takes part in what is said, and it is said that way."""
        if self.party is None and self.assertion is None:
            return True
        if not isinstance(entry.body, Claim):
            return False
        said = self.assertion in (None, entry.body.assertion)
        return said and (self.party is None or any(one.party == self.party for one in entry.body.parties))


@click.command(cls=LedgerCommand)
@LEDGER
@click.option("--subject", metavar="SUBJECT", help="Only what is about it: an id, KR-KZ, KR, or a name.")
@click.option("--event", metavar="EVENT", help="Only one event or act, like institution.opened.")
@click.option("--source", metavar="PUBLISHER", help="Only claims of this publisher.")
@click.option("--party", metavar="PARTY", help="Only claims in which it takes part: KR, institution:…")
@click.option("--assertion", type=click.Choice(list(Assertion), case_sensitive=False), help="Only what is said so.")
@click.option("--follow", is_flag=True, help="Go on with what is recorded from now, until Ctrl-C.")
@axes
@answers
def log(file: Path, follow: bool, known: Axes, say: Say, **filters: str | None) -> None:
    """
    List the entries of FILE, oldest first.

    A wide terminal gets a table; a pipe and a narrow terminal get one line
    for each entry, with its cells parted by tabs.
    """
    if follow and (say.form in ("json", "csv") or any(known)):
        raise click.UsageError("--follow goes with tables and ndjson, and with no axis of a view.")
    console = say.console
    wanted = _Filter(**filters)
    with viewed(file, known) as view:
        query = wanted.query(view)
        entries: Iterator[Entry] = (entry for entry in view.entries(query) if wanted.holds(entry))
        if follow:
            entries = _followed(file, query, wanted)
        wide = not view.size or (console.is_terminal and console.width >= _WIDE and not follow)
        text = None if wide else lambda console: _print_lines(console, entries, view, follow=follow)
        nothing = "no entry" if view.size else "the ledger is empty"
        say(Answer("entry", map(entry_item, entries), [log_sheet(view, entries)], nothing, view.basis, text))
        if wide and view.size and say.form == "table":
            _print_end(console, view)


def _followed(file: Path, query: Query, wanted: _Filter) -> Iterator[Entry]:
    with Ledger.open(file, readonly=True) as ledger, ledger.follow(query) as entries:
        yield from filter(wanted.holds, entries)


def _print_lines(console: Console, entries: Iterable[Entry], view: View, *, follow: bool) -> bool:
    """Write the entries, one a line, and say whether there was none."""
    empty = True
    for line in log_lines(view, entries):
        print(line, flush=follow)  # a console would write blanks for tabs, and click letters that a terminal has not
        empty = False
    if not follow:
        _print_end(console, view)
    return empty


def _print_end(console: Console, view: View) -> None:
    console.print(f"size  {view.size}\nroot  {view.basis.root.hex()}", soft_wrap=True)


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("name")
@axes
@answers
def find(file: Path, name: str, known: Axes, say: Say) -> None:
    """
    Find the subjects that go, or went, by NAME.

    NAME is a name or a part of one, in any spelling of case and width, or a
    part of an id.
    """
    with viewed(file, known) as view:
        part = name.casefold()
        found = sorted({*view.subjects(part=name), *(one for one in view.subjects() if part in one.casefold())})
        if not found:
            kinds = ", ".join(sorted({one.partition(":")[0] for one in view.subjects()}))
            listed = f"list all of a kind with: coop-ledger show FILE KIND; there are {kinds}"
            hint = near_hint(view, name, listed if kinds else "nothing is recorded yet")
            raise EntryNotFoundError("nothing goes by this name", where="NAME", found=name, hint=hint)
        rows = [(subject, tuple(_names(view, subject))) for subject in found]
        items = ({"subject": subject, "names": as_plain(names)} for subject, names in rows)
        sheet = Sheet("Found", ("Subject", "Names"), rows)
        say(Answer("subject", items, [sheet], basis=view.basis))


def _names(view: View, subject: SubjectId) -> Iterator[str]:
    return (text_of(name) for name in getattr(view.name(subject), "current", ()))


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("subject")
@axes
@answers
def show(file: Path, subject: str, known: Axes, say: Say) -> None:
    """
    Show what is known of SUBJECT, with its sources.

    SUBJECT is a full id like institution:kcac-secretariat, two countries like
    KR-KZ, one country like KR, or a recorded name like "Korea Foundation". A
    kind lists all of that kind: initiatives, agreements, institutions,
    meetings, series, visits, relationships, persons, places or countries.
    """
    with viewed(file, known) as view:
        kind = kind_of(subject)
        subjects = [subject] if kind is None else view.subjects(kind=kind)
        found = [known_of(view, one) for one in subjects]
        sheets = _sheets(view, found[0]) if kind is None else [_overview(kind, found)]
        say(Answer("subject", map(_item, found), sheets, f"no {kind} is recorded", view.basis))


def _item(known: Known) -> dict[str, Any]:
    state = None if known.state is None else as_plain(known.state)
    sources = [] if known.state is None else as_plain(known.state.sources)
    return {
        "subject": known.subject,
        "state": state,
        "sources": sources,
        "entries": list(map(entry_item, known.entries)),
    }


def _sheets(view: View, known: Known) -> Iterator[Sheet]:
    if known.state is None:
        yield Sheet(known.subject, ("Field", "Value"), [("names", f"no name is recorded for {known.subject}")])
    else:
        fields, *others = state_sheets(known.state)
        yield fields._replace(rows=[(name, _told(view, name, value)) for name, value in fields.rows])
        yield from others
    if known.entries:
        yield log_sheet(view, known.entries, "Entries about it")


def _told(view: View, field: str, value: Any) -> Any:
    """A field as it is, but officers with what they are called: their ids say nothing."""
    if field != "officers":
        return value
    return tuple(map(partial(_named, view), value))


def _named(view: View, officer: Period) -> Period:
    office, person = officer.value
    return Period(
        (office, _person(view, person)), officer.begun, officer.recorded, officer.ended, disputed=officer.disputed
    )


def _person(view: View, slug: str) -> str:
    names, subject = " / ".join(_names(view, SubjectId(f"person:{slug}"))), f"person:{slug}"
    return f"{names} ({subject})" if names else subject


_TELLING: Final = {
    SubjectKind.AGREEMENT: ("form", "is_binding"),
    SubjectKind.INITIATIVE: ("target",),
    SubjectKind.INSTITUTION: ("opened",),
    SubjectKind.MEETING: ("when", "level"),
}
"""What a list tells of a kind beside names and status."""


def _overview(kind: SubjectKind, known: Iterable[Known]) -> Sheet:
    telling = _TELLING.get(kind, ())
    rows = [(one.subject, *_summary(one.state), *(getattr(one.state, name, None) for name in telling)) for one in known]
    heads = (name.removeprefix("is_").capitalize() for name in telling)
    return Sheet(f"All of kind {kind}", ("Subject", "Names", "Status", *heads), rows)


def _summary(state: Collected | None) -> tuple[Any, ...]:
    return getattr(state, "names", None) or getattr(state, "current", ()), getattr(state, "status", None)
