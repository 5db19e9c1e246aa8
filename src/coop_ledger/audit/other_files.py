"""
What a file is that is no ledger: archives, and the texts that go with ledgers, known by how they begin.

Says what to do with each instead. Reads no file and believes nothing: whoever checks the text then reads all of it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["STARTS", "OtherFile", "recognised"]

STARTS: Final = 4_096
"""Bytes from the start of a file by which it is recognised."""


class OtherFile(NamedTuple):
    """
    A kind of file.

    Attributes:
        code: That of the finding.
        what: What it is.
        hint: What to do with it.
    """

    code: str
    what: str
    hint: str


_ARCHIVES: Final = {
    b"PK": "a ZIP archive",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ\x00": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
}
_TAR: Final = slice(257, 262)

_NAME: Final = rb"[^\s+\x00-\x1f]+"
_KEY: Final = _NAME + rb"\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*"

_TEXTS: Final = (
    (
        re.compile(rb"c2sp\.org/tlog-proof@v[0-9]+\n"),
        "a proof of one entry (.tlog-proof)",
        "check it with coop-ledger check FILE --leaf LEAF --key KEY; in Python: Proof.from_text(text, leaf=...); "
        "without our package: examples/verify_bundle.py --proof FILE --leaf LEAF --key KEY",
    ),
    (
        re.compile(rb'\{"body":[^\t\n]*\n?\Z'),
        "the leaf of one entry",
        "check it against a proof: coop-ledger check PROOF --leaf FILE --key KEY, or "
        "examples/verify_bundle.py --proof PROOF --leaf FILE --key KEY",
    ),
    (
        re.compile(rb"PRIVATE\+KEY\+"),
        "a private key: nobody else should have it",
        "keep it secret; coop-ledger key FILE prints the public half, which a policy names",
    ),
    (
        re.compile(_KEY + rb"\r?\n?\Z"),
        "a verifier key",
        "write a policy with the line log KEY, and run: verify LEDGER --policy POLICY --checkpoint CHECKPOINT",
    ),
    (
        re.compile(rb"old [0-9]+\n"),
        "a request to a witness",
        "a witness answers it with coop-ledger witness answer; after its empty line stands the checkpoint",
    ),
    (
        re.compile(rb"[^\n\x00-\x1f]+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n?(\Z|\n\xe2\x80\x94 )"),
        "a checkpoint",
        "verify the ledger that it speaks of with it: verify LEDGER --checkpoint FILE",
    ),
    (
        re.compile(rb"[^\x00]+?\n\n\xe2\x80\x94 " + _NAME + rb" [A-Za-z0-9+/]+=*\n"),
        "a signed note, and no checkpoint",
        "check its signatures with coop_ledger.log.verify_note(coop_ledger.log.parse_note(text), keys, check_ed25519)",
    ),
    (
        re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:(?:log|witness|group)[ \t]+[^\n]+|quorum[ \t]+\S+[ \t]*)\n"),
        "a policy",
        "give it beside what is verified: verify LEDGER --policy FILE --checkpoint CHECKPOINT",
    ),
)


def recognised(start: bytes) -> OtherFile | None:
    """
    What kind of file begins so; None for one that is not known here.

    Args:
        start: The first bytes, ``STARTS`` of them, or all.

    >>> recognised(b"c2sp.org/tlog-proof@v1\\nindex 0\\n").what
    'a proof of one entry (.tlog-proof)'
    """
    archive = next((kind for magic, kind in _ARCHIVES.items() if start.startswith(magic)), None)
    if archive is None and start[_TAR] == b"ustar":
        archive = "a tar archive"
    if archive is not None:
        return OtherFile("T60", archive, "unpack it first, and verify what was in it")
    text = next(((what, hint) for form, what, hint in _TEXTS if form.match(start)), None)
    return None if text is None else OtherFile("T32", *text)
