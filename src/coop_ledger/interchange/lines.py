"""
The lines of a bundle, and how they are written: header, entries, footer. Knows neither claims nor hashes.

    {"format":"coop-ledger-bundle","openings":true,"origin":"forum.example.org/2026-k3f9","size":1,"version":1}
    <leaf> TAB <openings>
    {"entries":1,"opened":1,"root":"<64 hex digits>"}

An entry's line is its leaf, byte for byte: canonical JSON holds no byte below 0x20, so a tab and a line feed
are free to part it from its openings and from the next (decision 0012). Norm: ``docs/reference/format.md``.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from coop_ledger.codec import canonical

__all__ = [
    "FORMAT",
    "VERSION",
    "BundleEntry",
    "BundleFooter",
    "BundleHeader",
    "BundleLine",
    "entry_line",
    "footer_line",
    "header_line",
]

FORMAT: Final = "coop-ledger-bundle"
VERSION: Final = 1


class BundleHeader(NamedTuple):
    """
    The first line.

    Args:
        origin: The ledger's origin.
        size: Number of entries.
        openings: Whether sealed texts came along, as far as they were not erased.
    """

    origin: str
    size: int
    openings: bool


class BundleEntry(NamedTuple):
    """
    The line of an entry.

    Args:
        line: Its number, from 1; the header is line 1.
        leaf: The leaf, verbatim.
        openings: The openings, verbatim; None where none came along.
    """

    line: int
    leaf: bytes
    openings: bytes | None


class BundleFooter(NamedTuple):
    """
    The last line.

    Args:
        entries: Number of entries.
        opened: Number of entries with openings.
        root: RFC 6962 root over the leaves, 32 bytes; it tells an accident from a whole file, and is no evidence.
        checkpoint: A signed checkpoint, verbatim and unchecked, where one came along.
    """

    entries: int
    opened: int
    root: bytes
    checkpoint: str | None


BundleLine = BundleHeader | BundleEntry | BundleFooter
"""What :func:`read_bundle` yields."""


def header_line(header: BundleHeader) -> bytes:
    """The first line, with its line feed."""
    return canonical({"format": FORMAT, **header._asdict(), "version": VERSION}) + b"\n"


def entry_line(leaf: bytes, openings: bytes | None) -> bytes:
    """The line of an entry, with its line feed."""
    return leaf + b"\n" if openings is None else b"%b\t%b\n" % (leaf, openings)


def footer_line(footer: BundleFooter) -> bytes:
    """The last line, with its line feed."""
    given: dict[str, Any] = {"entries": footer.entries, "opened": footer.opened, "root": footer.root.hex()}
    if footer.checkpoint is not None:
        given["checkpoint"] = footer.checkpoint
    return canonical(given) + b"\n"
