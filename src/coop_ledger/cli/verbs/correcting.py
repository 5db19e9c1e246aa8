"""
``correct``: the whole claim of an entry as it should read.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from coop_ledger.cli.acts import documents, named, needed, once_option, record_act
from coop_ledger.cli.claim_options import claim_of, with_texts
from coop_ledger.cli.claim_texts import claim_of_text, is_text, kept_text, using_claim
from coop_ledger.cli.editor import edited
from coop_ledger.cli.options import LEDGER, LedgerCommand, Say, answers, recorder_option, retyped, writable
from coop_ledger.cli.subject import read_entry
from coop_ledger.cli.telling import beside
from coop_ledger.cli.template import template_of
from coop_ledger.domain import Claim, Correction, Entry, Retraction, Source
from coop_ledger.errors import InvalidValueError
from coop_ledger.interchange import TypedClaim, load_claims, typed_claim
from coop_ledger.ledger import Ledger
from coop_ledger.recording import last_day

__all__ = ["correct"]


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("entry")
@click.option("--reason", metavar="TEXT", help="Why; sealed, so that it can be erased. Asked for at a terminal.")
@click.option("--set", "settings", metavar="FIELD=TEXT", multiple=True, help="How one field should read. Repeatable.")
@click.option("--from", "origin", metavar="SOURCE", help="Take the claim from a file of one claim.")
@click.option("--edit", is_flag=True, help="Edit what --set or --from gives before it is recorded.")
@documents
@once_option
@recorder_option
@answers
def correct(
    file: Path, entry: str, reason: str | None, settings: tuple[str, ...], origin: str | None, edit: bool,
    sources: tuple[Source, ...], once: str | None, recorder: str, say: Say,
) -> None:  # fmt: skip
    """
    Correct an ENTRY that was recorded wrongly.

    ENTRY is a position or an id. Its claim is opened in your editor, unless
    --set or --from say how it should read. FIELD is a column of a table of
    claims: --set when=2017-41; with nothing behind the sign it is left out.
    --source is for a source that corrected itself.
    """
    if settings and origin is not None:
        raise click.UsageError("Give one of --set and --from.")
    with writable(file, recorder) as ledger:
        target = read_entry(ledger, entry)
        before = _standing(ledger, target)
        why = needed("reason", reason)

        def use(claim: Claim) -> None:
            if claim == before and once is None:  # under a key it may be this very call, made again
                raise InvalidValueError("this is how the claim reads already; nothing was recorded", where="ENTRY")
            with named():
                act = Correction(target.id, claim, why, sources)
            record_act(say, file, ledger, act, once)

        if origin is not None and not is_text(origin) and not edit:
            use(_only_claim(origin))
        elif origin is not None and not edit:
            use(claim_of_text(kept_text(origin)))
        elif settings and not edit:
            use(_set(typed_claim(before), settings))
        else:
            resume = f"coop-ledger correct {retyped(file)} {target.position} --edit --from {{kept}}"
            again = bool(settings) or origin is not None
            edited(_text(before, settings, origin), using_claim(use), resume, again=again)


def _standing(ledger: Ledger, entry: Entry) -> Claim:
    """The claim of an entry, or of a correction, as it is corrected by now."""
    acts = ledger.history(entry.id)[1:]
    gone: set[str] = set()
    for act in reversed(acts):
        if isinstance(act.body, Retraction) and act.id not in gone:
            gone.add(act.body.target)
    latest = {act.body.target: act for act in acts if isinstance(act.body, Correction) and act.id not in gone}
    body, current = entry.body, entry.id
    while current in latest:
        body, current = latest[current].body, latest[current].id
    claim = body.claim if isinstance(body, Correction) else body
    if not isinstance(claim, Claim):
        raise InvalidValueError(
            "only a claim, or a correction, can be corrected", where="ENTRY", expected="a claim",
            found=f"{type(claim).__name__} at {entry.position}", hint="take an act back with: coop-ledger retract",
        )  # fmt: skip
    return claim


def _set(before: TypedClaim, settings: tuple[str, ...]) -> Claim:
    texts = _with_settings(before.texts, settings)
    if before.erased:
        beside(f"What was erased cannot be recorded again, and is left out: {', '.join(before.erased)}.")
    return claim_of(with_texts(texts, texts.get("event", "")), lambda column: f"--set {column.replace(' ', '_')}")


def _with_settings(texts: Mapping[str, str], settings: tuple[str, ...]) -> dict[str, str]:
    found = dict(texts)
    for setting in settings:
        name, sign, text = setting.partition("=")
        if not sign or not name.strip():
            raise InvalidValueError(
                "this sets no field", where="--set", expected="FIELD=TEXT, like when=2017-41", found=setting[:80]
            )
        found[name.strip().casefold().replace("-", "_").replace(" ", "_")] = text
    return {name: text for name, text in found.items() if text}


def _only_claim(origin: str) -> Claim:
    claims = load_claims(sys.stdin.buffer if origin == "-" else origin, latest=last_day(datetime.now(UTC)))
    if len(claims) != 1:
        raise InvalidValueError(
            "a correction has one claim", where="--from", expected="a file of one claim", found=f"{len(claims)} claims"
        )
    return claims[0]


def _text(before: Claim, settings: tuple[str, ...], origin: str | None) -> str:
    """The text to begin with."""
    if origin is not None and is_text(origin):
        return kept_text(origin)
    typed = typed_claim(before if origin is None else _only_claim(origin))
    texts = _with_settings(typed.texts, settings)
    return template_of(texts.get("event", typed.texts["event"]), texts, typed.erased)
