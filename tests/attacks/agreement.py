"""
Both verifiers before one file: the examiner of the package, and the second reader, which shares no code with it.

They must end with one exit code. What alone may differ is this, and stands in ``docs/reference/format.md`` too:

| what | the examiner | the second reader |
| --- | --- | --- |
| what an entry says by its type | 20 of an unknown type, 40 of a body that is not of its type | not looked at |
| whose signatures are enough | a policy: quorum, age, times of witnesses | keys: one witness, no times |
| a time of recording up to a day ahead of the clock | 40 where a policy allows less | taken |
| signatures of the type 0x06 by a trusted key | 20 | passed over |
| a ledger file | examined | 50 |
| a write-ahead log beside a file | 50 | not looked for |
"""

from __future__ import annotations

import contextlib
import io
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from coop_ledger.audit import Finding, Report, Verdict, read_policy, verify
from coop_ledger.codec import canonical, read_leaf, read_once
from coop_ledger.errors import CoopLedgerError
from coop_ledger.log import (
    COSIGNATURE,
    Checkpoint,
    Frontier,
    Policy,
    format_checkpoint,
    format_entries,
    format_instant,
    format_vkey,
    leaf_hash,
    parse_entries,
    parse_instant,
)
from examples import verify_bundle as second

__all__ = ["agreed", "agreed_on_rows", "told_by_the_second"]

_ANCHORS = frozenset((0, 10, 11))
"""What a policy decides between: sound, and confirmed or not."""


def told_by_the_second(*arguments: object) -> tuple[int, str]:
    """Exit code and all that the second reader prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = second.main([str(argument) for argument in arguments])
    return code, out.getvalue()


def agreed(path: Path, *, checkpoint: Any = None, policy: Any = None) -> tuple[Report, str]:
    """Give a bundle or a published folder to both, and assert that they agree; what each says."""
    report = verify(path, checkpoint=checkpoint, policy=policy)
    rules = read_policy(policy)
    with TemporaryDirectory() as folder:
        arguments: list[object] = [path, *(f"--key={key}" for key in _keys(rules))]
        if checkpoint is not None:
            brought = Path(folder, "checkpoint")
            brought.write_bytes(_text(checkpoint))
            arguments += ["--checkpoint", brought]
        code, said = told_by_the_second(*arguments)
    allowed = {report.exit_code, _without(report, lambda finding: not _is_of_the_catalogue(path, finding))}
    if rules is not None:
        by_times = _without(report, lambda finding: not _is_of_the_times_of_a_policy(finding))
        allowed |= {by_times, *(_ANCHORS if allowed & _ANCHORS or by_times in _ANCHORS else ())}
    assert code in allowed, f"{report.as_text()}\n\n{said}"
    return report, said


def _keys(policy: Policy | None) -> Iterator[str]:
    if policy is not None:
        yield from (format_vkey(log.key) for log in policy.logs)
        yield from (format_vkey(one.key) for one in policy.witnesses if one.key.kind == COSIGNATURE)


def _text(checkpoint: Any) -> bytes:
    if isinstance(checkpoint, str | bytes):
        return checkpoint if isinstance(checkpoint, bytes) else checkpoint.encode()
    return format_checkpoint(Checkpoint(*checkpoint)).encode()


def _without(report: Report, kept: Any) -> int:
    """The exit code without some of the findings."""
    if report.more:
        return report.exit_code
    codes = [finding.verdict.exit_code for finding in report.findings if kept(finding)]
    sound = (
        Verdict.SELF_CONSISTENT if report.anchor is None or report.own or not report.anchor.size else Verdict.ANCHORED
    )
    return max(codes, default=sound.exit_code)


def _is_of_the_times_of_a_policy(finding: Finding) -> bool:
    """Whether a finding is of times that only a policy forbids: at odds with a witness's, or ahead by up to a day."""
    if finding.position is None:
        return False
    latest = format_instant(datetime.now(UTC) + timedelta(days=1))
    return "a witness" in finding.message or (finding.code == "T16" and (finding.found or latest) < latest)


def _is_of_the_catalogue(path: Path, finding: Finding) -> bool:
    """Whether a finding is of what an entry says by its type: the leaf itself is one."""
    if finding.code not in ("T24", "T57", "T58") or finding.position is None:
        return False
    try:
        leaf = read_leaf(_leaf(path, finding.position))
        parse_instant(leaf["recorded_at"])
        if "once" in leaf:
            read_once(leaf["once"])
    except CoopLedgerError:
        return False
    return all(map(second.is_hash, leaf["sealed"].values()))


def _leaf(path: Path, position: int) -> bytes:
    if path.is_file():
        return path.read_bytes().split(b"\n")[position + 1].partition(b"\t")[0]
    index, at = divmod(position, 256)
    assert index == 0
    folder = path / "tile" / "entries"
    file = folder / "000"
    if not file.is_file():
        file = max((folder / "000.p").iterdir(), key=lambda file: int(file.name))
    return parse_entries(file.read_bytes(), int(file.name) or 256, where="")[at]


def agreed_on_rows(path: Path) -> None:
    """Hand over what stands in a ledger file, as a bundle and as a published folder, and ask both of these."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.text_factory = bytes
            ((origin,),) = connection.execute("SELECT origin FROM head").fetchall()
            rows = connection.execute(
                "SELECT e.leaf, o.blob FROM entries e NOT INDEXED LEFT JOIN openings o ON o.position = e.position "
                "ORDER BY e.position"
            ).fetchall()
    except (sqlite3.Error, ValueError):
        return  # no entries to hand over
    if not all(isinstance(leaf, bytes) and isinstance(blob, bytes | None) for leaf, blob in rows):
        return
    frontier = Frontier()
    frontier.extend(leaf_hash(leaf) for leaf, _ in rows)
    told = {"format": "coop-ledger-bundle", "openings": True, "origin": origin.decode(errors="replace")}
    footer = {"entries": len(rows), "opened": sum(bool(blob) for _, blob in rows), "root": frontier.root().hex()}
    lines = [leaf + (b"\t" + blob if blob else b"") for leaf, blob in rows]
    with TemporaryDirectory() as name:
        bundle, site = Path(name, "ledger.bundle"), Path(name, "site")
        whole = [canonical({**told, "size": len(rows), "version": 1}), *lines, canonical(footer)]
        bundle.write_bytes(b"".join(line + b"\n" for line in whole))
        agreed(bundle)
        if 0 < len(rows) < 256 and all(len(leaf) < 1 << 16 for leaf, _ in rows):
            leaves = [leaf for leaf, _ in rows]
            for kind, data in (("entries", format_entries(leaves)), ("0", b"".join(map(leaf_hash, leaves)))):
                folder = site / "tile" / kind / "000.p"
                folder.mkdir(parents=True)
                (folder / str(len(rows))).write_bytes(data)
            agreed(site)
