"""
Spoiled ledgers, and what the examiner says of each, all but its words: which finding, where, what in place of what.

``python -m tests.audit.exact`` writes ``findings.txt`` anew; read the diff like code.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from coop_ledger.audit import Report, verify
from tests.attacks.signed import NOW
from tests.attacks.tools import attacked, copy_of, honest, loosened, raw
from tests.audit.spoilt_evidence import EVIDENCE
from tests.audit.spoilt_leaves import LEAVES
from tests.audit.spoilt_rows import LONG, LOOSE, PLAIN, ROWS

__all__ = ["CASES", "FILE", "expected", "told"]

FILE: Final = Path(__file__).with_name("findings.txt")

_RANDOM: Final = (
    (re.compile(r"b'[^']*'|b\"[^\"]*\""), "BYTES"),
    (re.compile(r"[0-9a-f]{60,}…?"), "HEX"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\+[0-9a-f]{8}\b"), "+KEY"),
    (re.compile(r"\b\d+ bytes$"), "N bytes"),
)
_OF_DATABASE: Final = ("T29", "T31", "T36")
Given = tuple[Path, dict[str, Any]]


def _sql(how: Callable[[Path], Any], statements: str, path: Path) -> Given:
    with how(path) as db:
        for statement in statements.split("; ") if "TRIGGER" not in statements else ():
            db.execute(statement)
        if "TRIGGER" in statements:
            db.executescript(statements)
    return path, {"now": NOW}


def _leaves(change: Callable[[Path], None], path: Path) -> Given:
    change(path)
    return path, {"now": NOW}


CASES: Final[dict[str, Callable[[Path], Given]]] = {
    **{name: partial(_sql, attacked, sql) for name, sql in ROWS.items()},
    **{name: partial(_sql, loosened, sql) for name, sql in LOOSE.items()},
    **{name: partial(_sql, raw, sql) for name, sql in PLAIN.items()},
    **{name: partial(_sql, attacked, sql) for name, sql in LONG.items()},
    **{name: partial(_leaves, change) for name, change in LEAVES.items()},
    **EVIDENCE,
}
"""Name → what is done to a ledger file; gives what is verified, and with which options."""


def told(name: str, folder: Path, templates: Callable[[int], Path]) -> str:
    """What is said of a case: in full, and by a quick pass where that says something else."""
    (folder / "ledger").mkdir()
    path = copy_of(templates(600 if name in LONG else 0), folder / "ledger" / "ledger.db")
    target, options = CASES[name](path)
    full = _lines(verify(target, **options), target)
    quick = _lines(verify(target, quick=True, **options), target)
    first, *rest = quick
    if rest == full[1:]:
        rest = ["as above"] if rest else []
    return "\n".join([f"== {name}", *full, f"quick: {first}", *rest])


def _lines(report: Report, path: Path) -> list[str]:
    plain = report.as_plain()
    signed, dating, anchor = plain["signed"], plain["dating"], plain["anchor"] or plain["inside"]
    first = [report.verdict.value, f"size {report.size}", f"origin {report.origin}", f"last {report.recorded_at}"]
    first += [word for word, said in (("quick", report.quick is not False), ("no root", report.root is None)) if said]
    if report.path != str(path):
        first.append(f"path {report.path}")
    if anchor is not None:
        first.append(f"{'own ' if report.own or report.inside else ''}anchor {anchor['origin']} {anchor['size']}")
    if signed is not None:
        seen = " ".join(f"{one['name']} {one['timestamp']}" for one in signed["witnesses"])
        first.append(f"signed, seen by {seen or 'nobody'} of {signed['of']}, enough: {signed['quorum']}")
    if dating is not None:
        first.append("dating {first} {end} {seconds}".format(**dating))
    counts = [sentence.partition(" ")[0] for sentence in (*report.notes, *report.unchecked) if sentence[0].isdigit()]
    first.append(" ".join([f"{len(report.notes)} notes, {len(report.unchecked)} not looked at", *counts]))
    lines = [", ".join(first)]
    for one in report.findings:
        if (
            one.code in _OF_DATABASE and one.field is None
        ):  # in the words of the database, which each of its versions has
            lines += [] if f"{one.code} -" in lines else [f"{one.code} -"]
            continue
        place = "" if one.position is None else f" @{one.position}"
        where = "" if one.where is None else f" ({one.where})"
        judged = "" if one.verdict in (report.verdict,) else f" {one.verdict.value}"
        parts = (f"{word} {text}" for word, text in (("not", one.expected), ("but", one.found)) if text is not None)
        lines.append(" | ".join([f"{one.code}{judged}{place}{where} {one.field or '-'}", *parts]))
    if report.more != 0:
        lines.append(f"and {report.more} more")
    return [_plain(line, path) for line in lines]


def _plain(line: str, path: Path) -> str:
    line = line.replace(str(path.parent), "FOLDER")
    for pattern, word in _RANDOM:
        line = pattern.sub(word, line)
    return line


def expected() -> dict[str, str]:
    """What ``findings.txt`` has: name → what is said."""
    blocks = FILE.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    return {block.partition("\n")[0].removeprefix("== "): block for block in blocks}


def _all(folder: Path) -> Iterator[str]:
    made = {more: honest(folder / f"{more}.db", more=more) for more in (0, 600)}
    for number, name in enumerate(CASES):
        (folder / str(number)).mkdir()
        yield told(name, folder / str(number), made.__getitem__)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        FILE.write_text("\n\n".join(_all(Path(place))) + "\n", encoding="utf-8")
