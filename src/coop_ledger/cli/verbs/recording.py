"""
``record`` and ``import``: claims that a person types, edits, or has in a file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from coop_ledger.cli.catalogue import LEDGER_VARIABLE
from coop_ledger.cli.claim_options import (
    EVENTS,
    ClaimCommand,
    check_event,
    claim_of,
    complete_event,
    option_name,
    typed_texts,
    with_texts,
)
from coop_ledger.cli.claim_texts import claim_of_text, is_text, kept_text, using_claim
from coop_ledger.cli.editor import edited
from coop_ledger.cli.importing import run_import
from coop_ledger.cli.options import (
    LEDGER,
    LedgerCommand,
    Say,
    answers,
    given_as,
    ledger_path,
    recorder_option,
    retyped,
    writable,
)
from coop_ledger.cli.output import Answer
from coop_ledger.cli.receipts import tell_claims, tell_receipt
from coop_ledger.cli.subject import read_entry
from coop_ledger.cli.tables import Sheet
from coop_ledger.cli.template import summary_of, template_of
from coop_ledger.codec import class_of
from coop_ledger.domain import Claim, Correction, check_text, field_specs
from coop_ledger.errors import InvalidValueError
from coop_ledger.interchange import typed_claim
from coop_ledger.ledger import Ledger

__all__ = ["import_", "record"]

_AS = {"csv": "csv", "json": "json", "jsonl": "ndjson", "ndjson": "ndjson"}
"""What the file's format is called at the command line → what it is called in ``import_claims``."""

_FORMAT = click.option(
    "--as", "kind", type=click.Choice(list(_AS)), help="The format of SOURCE; told from its beginning if left out."
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be recorded, and record nothing.")


@click.command(cls=ClaimCommand, options_metavar="[OPTIONS]")
@click.argument("words", nargs=-1, metavar="FILE EVENT", shell_complete=complete_event)
@click.option("--edit", is_flag=True, help="Fill in the claim in your editor (VISUAL, EDITOR).")
@click.option("--from", "source", metavar="SOURCE", help="Record the claims of a file, or of - for what is piped in.")
@_FORMAT
@click.option("--source-of", metavar="ENTRY", help="Take the sources of an earlier entry, by its position or id.")
@click.option("--once", metavar="KEY", help="Record it under this key only once, however often this is run.")
@click.option("--strict", is_flag=True, help="Refuse what would make the record irregular.")
@_DRY_RUN
@click.option("--list", "listing", is_flag=True, help="List the events that there are, and end.")
@recorder_option
@answers
@typed_texts
def record(words: tuple[str, ...], listing: bool, source: str | None, say: Say, **given: Any) -> None:
    """
    Record a claim: what a source says of an EVENT.

    EVENT is what happens, like meeting.held; coop-ledger record --list lists
    all. Each has options of its own, shown by: coop-ledger record EVENT --help

    \b
    coop-ledger record forum.db institution.opened \\
        --institution kcac-secretariat --assertion announced --when 2017 \\
        --source Korea.net --published 2016-11-18 --parties 'KR host'
    """
    if listing:
        _list_events(say)
        return
    file, event = _file_and_event(words, needs_event=source is None)
    _check_together(source, event, given)
    if source is not None and not given["edit"] and not is_text(source):
        run_import(say, file, source, _AS.get(given["kind"] or ""), given["recorder"], dry_run=given["dry_run"])
        return
    _record_claim(file, event, source, say, **given)


def _list_events(say: Say) -> None:
    rows = [(name, summary_of(name)) for name in EVENTS]
    items = ({"event": name, "means": means, "fields": list(field_specs(class_of(name)))} for name, means in rows)
    say(Answer("event", items, [Sheet("Events", ("Event", "What it is"), rows)]))


def _file_and_event(words: tuple[str, ...], *, needs_event: bool) -> tuple[Path, str | None]:
    """The two arguments; the ledger of the environment where it is left out."""
    given = os.environ.get(LEDGER_VARIABLE, "")
    only_event = len(words) == 1 and (needs_event or words[0] in EVENTS)
    if given and (not words or (only_event and not Path(words[0]).is_file())):
        words = (given, *words)
    if not words:
        raise click.UsageError("Missing argument 'FILE'.")
    if len(words) > 2:
        raise click.UsageError(f"Got unexpected extra argument ({words[2]}).")
    if len(words) == 1 and needs_event:
        raise click.UsageError("Missing argument 'EVENT'; list what there is with: coop-ledger record --list")
    event = words[1] if len(words) == 2 else None
    if event is not None:
        check_event(event)
    return ledger_path(words[0]), event


def _check_together(source: str | None, event: str | None, given: dict[str, Any]) -> None:
    """Refuse options that do not go together."""
    if source is None:
        if given["kind"] is not None:
            raise click.UsageError("--as tells the format of --from, which is missing.")
        return
    typed = [option_name(name) for name in given["texts"]]
    typed += [name for name, key in (("--once", "once"), ("--source-of", "source_of")) if given[key] is not None]
    typed += ["EVENT"] if event is not None else []
    if is_text(source) or given["edit"]:
        typed = [name for name in typed if name != "--once"]
    if typed:
        raise click.UsageError(f"--from does not go with {', '.join(typed)}: the file says it all.")


def _record_claim(
    file: Path, event: str | None, source: str | None, say: Say, *, texts: dict[str, str], **given: Any
) -> None:
    with writable(file, given["recorder"]) as ledger:
        if given["source_of"] is not None:
            texts = {**_sources_of(ledger, given["source_of"]), **texts}

        def use(claim: Claim) -> None:
            if given["dry_run"]:
                tell_claims(say, [claim])
            else:
                with given_as(once="--once"):
                    receipt = ledger.record(claim, once=given["once"], strict=given["strict"])
                tell_receipt(say, file, ledger, receipt)

        if not given["edit"]:
            use(_typed(texts, event) if source is None else claim_of_text(kept_text(source)))
            return
        text = _template(event, texts) if source is None else kept_text(source)
        resume = f"coop-ledger record {retyped(file)} --edit --from {{kept}}"
        edited(text, using_claim(use), resume, again=source is not None)


def _typed(texts: dict[str, str], event: str | None) -> Claim:
    return claim_of(with_texts(texts, event or ""))


def _template(event: str | None, texts: dict[str, str]) -> str:
    assert event is not None  # it is needed where no file says it
    for name, text in texts.items():
        check_text(option_name(name), text)
    return template_of(event, with_texts(texts, event))


def _sources_of(ledger: Ledger, which: str) -> dict[str, str]:
    """The sources of an earlier entry, as texts; a text that was erased is left out."""
    body = read_entry(ledger, which, "--source-of").body
    claim = body.claim if isinstance(body, Correction) else body
    if not isinstance(claim, Claim):
        raise InvalidValueError(
            "this entry has no sources", where="--source-of", expected="a claim", found=which, hint="name a claim"
        )
    return typed_claim(claim).sources


@click.command("import", cls=LedgerCommand)
@LEDGER
@click.argument("source")
@_FORMAT
@_DRY_RUN
@recorder_option
@answers
def import_(file: Path, source: str, kind: str | None, dry_run: bool, recorder: str, say: Say) -> None:
    """
    Record the claims of SOURCE, all or none, each once.

    SOURCE is a file of claims: a table (CSV), JSON, or JSON Lines; - stands for
    what is piped in. A row that is no claim is told with its line, its column
    and what to do, and then nothing is recorded. What FILE holds already is not
    recorded again, so that the same file can be imported as often as you like.
    """
    run_import(say, file, source, _AS.get(kind or ""), recorder, dry_run=dry_run)
