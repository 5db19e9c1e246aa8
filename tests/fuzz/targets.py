"""Readers that take bytes of strangers: what each may do with any, and inputs to begin with."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from coop_ledger import Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.audit import Report, verify
from coop_ledger.codec import canonical
from coop_ledger.codec.strict import parse, parse_canonical
from coop_ledger.errors import CodecError, CoopLedgerError
from coop_ledger.interchange import read_bundle
from coop_ledger.log import format_note, format_proof, format_vkey, parse_note, parse_policy, parse_proof
from tests.ledger.evidence import ORIGIN, checkpoint_of, key_of, memory_ledger

__all__ = ["TARGETS", "Target", "allowed"]

HEADER, PAGE = 100, 4096
"""Bytes of a database's header and of one page."""


class Target(NamedTuple):
    """A reader: *read* raises nothing but our errors, whatever the bytes; *seeds* are some that it takes."""

    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


@cache
def folder() -> Path:
    """Where inputs are put that are read from files: in memory, where the system has such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None))


def placed(data: bytes) -> Path:
    path = folder() / "input"
    path.write_bytes(data)
    return path


def read_note(data: bytes) -> None:
    assert format_note(parse_note(data)) == data


def read_proof(data: bytes) -> None:
    assert format_proof(parse_proof(data)) == data


def read_json(data: bytes) -> None:
    value = parse(data)
    try:
        assert parse_canonical(data) == value
    except CodecError:
        assert canonical(value) != data
    else:
        assert canonical(value) == data


def read_lines(data: bytes) -> None:
    list(read_bundle(placed(data)))


def examine_file(data: bytes) -> None:
    report = verify(placed(data))
    assert isinstance(report, Report)
    assert json.loads(report.as_json()) == report.as_plain()
    assert report.as_text()


def examine_header(data: bytes) -> None:
    """A ledger whose first bytes are these, as many as a database's header has at most."""
    whole, head = ledgers()[0], data[:HEADER]
    examine_file(head + whole[len(head) :])


def with_page(data: bytes) -> bytes:
    """A ledger one page of which begins with other bytes; the first byte says which page."""
    whole, start = ledgers()[0], data[:1]
    at = PAGE * (int.from_bytes(start, "big") % (len(whole) // PAGE))
    page = data[1 : 1 + PAGE]
    return whole[:at] + page + whole[at + len(page) :]


def examine_page(data: bytes) -> None:
    examine_file(with_page(data))


def open_page(data: bytes) -> None:
    """Who opens a ledger and uses it does not examine it first, and is told of damage all the same."""
    path = placed(with_page(data))
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    with Ledger.open(path) as ledger:
        list(ledger.entries())
        assert ledger.root
        ledger.institution("kcac-secretariat")
        ledger.prove(0)
        ledger.record(announced(ev.InstitutionOpened("other"), when="2019", sources=Source("Made-up Gazette")))


def ledger_at(path: Path | None = None) -> Ledger:
    """A few entries with sealed texts, in memory or in a file."""
    ledger = Ledger.in_memory(origin=ORIGIN) if path is None else Ledger.open(path, origin=ORIGIN)
    opening = ev.InstitutionOpened("kcac-secretariat")
    for year in ("2017", "2018"):
        ledger.record(announced(opening, when=year, sources=Source("Made-up Gazette", title="Ü"), note="Said."))
    return ledger


@cache
def bundle() -> bytes:
    path = folder() / "seed.bundle"
    ledger_at().export(path)
    return path.read_bytes()


def ledgers() -> list[bytes]:
    path = folder() / "seed.db"
    if not path.exists():
        ledger_at(path).close()
    return [path.read_bytes()]


def headers() -> list[bytes]:
    return [ledgers()[0][:HEADER]]


def pages() -> list[bytes]:
    (whole,) = ledgers()
    return [bytes([at]) + whole[PAGE * at : PAGE * (at + 1)] for at in range(len(whole) // PAGE)]


def policies() -> list[bytes]:
    vkey = format_vkey(key_of(ORIGIN).vkey)
    witness = format_vkey(key_of("witness.example/1").vkey)
    return [f"log {vkey}\nwitness w {witness}\ngroup g 1 w\nquorum g\n".encode(), f"log {vkey}\nquorum none\n".encode()]


def proofs() -> list[bytes]:
    made = memory_ledger(8)
    return [made.prove(index, size=8).text(checkpoint_of(made, 8)) for index in (0, 7)]


TARGETS = {
    "bundle": Target(read_lines, lambda: [bundle()]),
    "json": Target(read_json, lambda: bundle().replace(b"\t", b"\n").strip().split(b"\n")),
    "header": Target(examine_header, headers),
    "note": Target(read_note, lambda: [checkpoint_of(memory_ledger(8))]),
    "open": Target(open_page, pages),
    "page": Target(examine_page, pages),
    "policy": Target(parse_policy, policies),
    "proof": Target(read_proof, proofs),
    "verify": Target(examine_file, ledgers),
}


def allowed(target: Target, data: bytes) -> bool:
    """Whether the reader took the bytes; any other exception than ours goes through."""
    try:
        target.read(data)
    except CoopLedgerError:
        return False
    return True
