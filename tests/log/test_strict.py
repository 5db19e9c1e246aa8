"""What a message shows of a stranger's text, and the place that each refusal names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import CoopLedgerError, InvalidValueError
from coop_ledger.log import (
    ED25519,
    EMPTY_ROOT,
    Checkpoint,
    Frontier,
    Note,
    Signature,
    VerifierKey,
    cosigned_message,
    decode_base64,
    encode_base64,
    format_checkpoint,
    parse_add_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_proof,
    parse_reply,
    parse_size,
    parse_vkey,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
    verify_note,
)
from coop_ledger.log.strict import shown, written

HASH = bytes(32)
ROOT = encode_base64(EMPTY_ROOT)
KEY = VerifierKey("a", ED25519, HASH)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        (b"a\n", "b'a\\n'"),
        ("\u202e", "'\\u202e'"),
        (None, "None"),
        ("a" * 78, f"'{'a' * 78}'"),
        ("a" * 79, f"'{'a' * 76}..."),
        ("\n" * 500, ascii("\n" * 39)[:77] + "..."),
        (list(range(500)), ascii(list(range(500)))[:77] + "..."),
    ],
)
def test_what_was_found_is_shown_on_one_line_of_at_most_80_characters(value: object, text: str) -> None:
    assert shown(value) == text
    assert len(text) <= 80


class Asked(str):
    """A text of which every part says how it was asked for."""

    __slots__ = ()

    def __getitem__(self, part: Any) -> str:
        return f"from {part.start} to {part.stop}"


def test_of_a_long_text_only_the_beginning_is_looked_at() -> None:
    assert shown(Asked("a" * 1_000)) == "'from None to 80'"


@given(st.text() | st.binary() | st.integers() | st.none())
def test_whatever_is_shown_is_short_and_printable(value: object) -> None:
    assert len(shown(value)) <= 80
    assert shown(value).isprintable()


refusals: dict[str, tuple[Callable[[], object], str]] = {
    "text of a note": (lambda: parse_note(b"a\x00\n\n"), "note"),
    "bytes of a note": (lambda: parse_note(b"ab\xff"), "byte 2"),
    "no bytes": (lambda: parse_note(""), "data"),  # type: ignore[arg-type]
    "base64 of a signature": (lambda: parse_note("a\n\n— b ?\n".encode()), "signature of 'b'"),
    "length of a signature": (lambda: parse_note("a\n\n— b AAAA\n".encode()), "signature of 'b'"),
    "name of a signature": (lambda: parse_note("a\n\n— b+ AAAAAAA=\n".encode()), "key name"),
    "text of a note that is checked": (
        lambda: verify_note(Note("a\x00\n", (Signature("a", KEY.key_id, bytes(64)),)), [KEY], lambda *_: True),
        "note",
    ),
    "text of a cosignature": (lambda: cosigned_message(1, "a\x00\n"), "checkpoint"),
    "text of a checkpoint": (lambda: parse_checkpoint(f"a\x00\n0\n{ROOT}\n"), "checkpoint"),
    "origin of a checkpoint": (lambda: parse_checkpoint(f"\n0\n{ROOT}\n"), "origin"),
    "size of a checkpoint": (lambda: parse_checkpoint(f"a\n00\n{ROOT}\n"), "size"),
    "base64 of a root": (lambda: parse_checkpoint("a\n0\n?\n"), "root"),
    "written checkpoint": (lambda: format_checkpoint(Checkpoint("a", -1, HASH)), "size"),
    "name of a key": (lambda: parse_vkey("a\x00+00000000+AA=="), "key name"),
    "name of a key, for its ID": (lambda: VerifierKey("a\x00", ED25519, HASH).key_id, "key name"),
    "base64 of a key": (lambda: parse_vkey("a+00000000+?"), "key 'a'"),
    "ID of a key": (lambda: parse_vkey("a+00000000+AA=="), "key 'a'"),
    "number": (lambda: parse_size("x", where="here"), "here"),
    "base64 that is none": (lambda: decode_base64("?", where="here"), "here"),
    "base64 in another spelling": (lambda: decode_base64("AB==", where="here"), "here"),
    "old size of a request": (lambda: parse_add_checkpoint(b"old x\n\n"), "old size"),
    "status of a reply": (lambda: parse_reply(b"refused x\nno\n"), "status"),
    "index of a proof": (lambda: parse_proof(b"c2sp.org/tlog-proof@v1\nindex x\n\nx"), "index"),
    "place of a leaf": (lambda: verify_inclusion(1, 1, HASH, [], HASH), "index"),
    "hash of a leaf": (lambda: verify_inclusion(0, 1, b"", [], HASH), "leaf"),
    "root over a leaf": (lambda: verify_inclusion(0, 1, HASH, [], b""), "root"),
    "hash of a proof": (lambda: verify_inclusion(0, 2, HASH, [b""], HASH), "proof"),
    "earlier size": (lambda: verify_consistency(2, 1, HASH, HASH, []), "size_old"),
    "no earlier size": (lambda: verify_consistency("1", 1, HASH, HASH, []), "size_old"),  # type: ignore[arg-type]
    "no size": (lambda: verify_consistency(1, "1", HASH, HASH, []), "size"),  # type: ignore[arg-type]
    "earlier root": (lambda: verify_consistency(1, 2, b"", HASH, []), "root_old"),
    "later root": (lambda: verify_consistency(1, 2, HASH, b"", []), "root"),
    "hash of a proof of growth": (lambda: verify_consistency(1, 2, HASH, HASH, [b""]), "proof"),
    "place to prove": (lambda: prove_inclusion(1, 1, lambda *_: HASH), "index"),
    "earlier size to prove": (lambda: prove_consistency(2, 1, lambda *_: HASH), "size_old"),
    "peaks": (lambda: Frontier(1, [b""]), "peaks"),
}


@pytest.mark.parametrize("name", refusals)
def test_each_refusal_names_its_place(name: str) -> None:
    use, where = refusals[name]
    with pytest.raises(CoopLedgerError) as refused:
        use()
    assert refused.value.where == where


@pytest.mark.parametrize("text", ["a", "aa"])
def test_what_reads_back_otherwise_is_not_written(text: str) -> None:
    assert written(text, len(text), len) is text
    with pytest.raises(InvalidValueError, match="reads back"):
        written(text, 3, len)
