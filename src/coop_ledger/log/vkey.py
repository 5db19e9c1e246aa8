"""
Verifier keys as text: ``name+ID+base64(kind and public key)``; knows no signature and checks none.

    example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k

The ID is the first four bytes of SHA-256(name, newline, kind, public key), in hexadecimal. It names a key, it
does not prove it: whoever takes a key from a text recomputes its ID. Source: C2SP signed-note, verifier keys.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from coop_ledger.errors import NoteError, UnsupportedKeyError
from coop_ledger.log.strict import decode_base64, encode_base64, encode_text, shown, written

__all__ = ["COSIGNATURE", "ED25519", "ML_DSA_44", "VerifierKey", "check_name", "format_vkey", "parse_vkey"]

ED25519: Final = 0x01
"""Kind of a key that signs the text of a note, Ed25519."""

COSIGNATURE: Final = 0x04
"""Kind of a witness's key that signs a time and the text of a checkpoint, Ed25519."""

ML_DSA_44: Final = 0x06
"""Kind of a post-quantum key that signs a time and a checkpoint, ML-DSA-44: known by its form, not yet checked."""

_LENGTHS: Final = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}


class VerifierKey(NamedTuple):
    """
    A public key by which signatures of a note are checked.

    Attributes:
        name: Who signs, for a log its origin; no white space, no ``+``.
        kind: One byte, how it signs: ``ED25519``, ``COSIGNATURE`` or ``ML_DSA_44``.
        key: The public key: 32 bytes, 1312 for ML-DSA-44.
    """

    name: str
    kind: int
    key: bytes

    @property
    def key_id(self) -> bytes:
        """
        The ID, 4 bytes.

        Raises:
            NoteError: The name is none.
            UnsupportedKeyError: Another kind than the three.
        """
        _check_kind(self.kind)
        return _key_id(self.name, bytes((self.kind,)) + self.key)


def _check_kind(kind: int) -> None:
    if kind not in _LENGTHS:
        raise UnsupportedKeyError(
            "a key of a kind that this version does not know",
            expected="0x01 (Ed25519), 0x04 (cosignature) or 0x06 (ML-DSA-44)",
            found=f"{kind:#04x}",
            hint="check the key with a newer version",
        )


def _key_id(name: str, material: bytes) -> bytes:
    return hashlib.sha256(encode_text(name, where="key name") + b"\n" + material).digest()[:4]


def check_name(name: str) -> None:
    """
    Refuse what is no name of a key: empty, or with white space, ``+`` or a control character.

    Raises:
        NoteError: The name is none.

    Source: C2SP signed-note, Format.
    """
    encode_text(name, where="key name")
    if not name or "+" in name or any(character.isspace() for character in name):
        raise NoteError(
            "this is no name of a key", where="key name", expected="no white space, no plus sign", found=shown(name)
        )


def parse_vkey(text: str) -> VerifierKey:
    """
    Read a verifier key and recompute its ID.

    Args:
        text: One line without its newline.

    Raises:
        NoteError: Any other spelling, an ID that is not the key's, a public key of the wrong length.
        UnsupportedKeyError: Another kind than the three.

    >>> key = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    >>> key.name, key.kind, key.key_id.hex()
    ('example.com/foo', 1, '530d903a')
    """
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise NoteError("this is no verifier key", expected="name+ID+base64 of the key", found=shown(text))
    name, key_id, coded = parts
    check_name(name)
    material = decode_base64(coded, where=f"key {shown(name)}")
    own = _key_id(name, material).hex()
    if own != key_id:
        raise NoteError(
            "the ID is not that of the key", where=f"key {shown(name)}", expected=shown(own), found=shown(key_id)
        )
    kind, key = material[:1], material[1:]
    _check_kind(int.from_bytes(kind))
    expected = _LENGTHS[kind[0]]
    if len(key) != expected:
        raise NoteError(
            "the public key has the wrong length",
            where=f"key {shown(name)}",
            expected=f"{expected} bytes",
            found=f"{len(key)}",
        )
    return VerifierKey(name, kind[0], key)


def format_vkey(key: VerifierKey) -> str:
    """
    Write a verifier key.

    Returns:
        One line without its newline.

    Raises:
        InvalidValueError: A name or a public key that ``parse_vkey`` would refuse.
        UnsupportedKeyError: Another kind than the three.
    """
    _check_kind(key.kind)
    material = bytes((key.kind,)) + key.key
    own = hashlib.sha256(key.name.encode("utf-8", "replace") + b"\n" + material).hexdigest()[:8]
    return written(f"{key.name}+{own}+{encode_base64(material)}", key, parse_vkey)
