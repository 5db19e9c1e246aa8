"""Signatures in one spelling only, and none under keys of small order: computed from the curve, not from a table."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from coop_ledger.errors import SignatureError
from coop_ledger.log import ED25519, Note, Signature, VerifierKey, verify_note
from coop_ledger.signing import SigningKey, check_ed25519
from coop_ledger.signing.ed25519 import _in_one_spelling
from examples import verify_bundle as second

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

Point = tuple[int, int]


def plus(left: Point, right: Point) -> Point:
    """The addition law of the curve -x² + y² = 1 + d x² y² (RFC 8032, 5.1), in plain fractions."""
    (x1, y1), (x2, y2) = left, right
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    return x % P, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def order(point: Point) -> int:
    found, steps = point, 1
    while found != (0, 1):
        found, steps = plus(found, point), steps + 1
    return steps


def small_points() -> set[Point]:
    """The eight: multiples of L times any point whose L-fold is of order 8."""
    for y in range(2, 100):
        raw = second._point(y.to_bytes(32, "little"))
        if raw is None:
            continue
        x, doubled, z, _ = second._times(L, raw)
        candidate = (x * pow(z, -1, P) % P, doubled * pow(z, -1, P) % P)
        if order(candidate) == 8:
            break
    found, point = set(), candidate
    for _ in range(8):
        found.add(point)
        point = plus(point, candidate)
    return found


SMALL = sorted(small_points())


def encoded(y: int, sign: int) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


SPELLINGS = sorted(
    {encoded(y + more, sign) for _, y in SMALL for more in (0, P) for sign in (0, 1) if y + more < 2**255}
)
"""Each small y in each spelling that 32 bytes have: also not reduced, also with a sign that no x has."""


def test_there_are_eight_points_of_small_order() -> None:
    assert sorted(order(point) for point in SMALL) == [1, 2, 4, 4, 8, 8, 8, 8]
    assert len(SPELLINGS) == 2 * (5 + 2)  # 0 and 1 have a second spelling, p and p + 1; p - 1 has none
    assert {encoded(y, x & 1) for x, y in SMALL} <= set(SPELLINGS)


def forged() -> list[tuple[bytes, bytes]]:
    """Messages with signatures that a key of small order fits though nobody made them: S = 0 and a small R."""
    rs = [encoded(y, x & 1) for x, y in SMALL]
    return [(bytes((number,)), r + bytes(32)) for number in range(16) for r in rs]


def library_takes(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("public", SPELLINGS, ids=bytes.hex)
def test_a_key_of_small_order_signs_nothing(public: bytes) -> None:
    for message, signature in forged():
        assert not check_ed25519(public, message, signature)
        assert not second.ed25519(public, message, signature)


def test_the_library_underneath_would_take_some_of_them() -> None:
    """So the test before bites: without our own look these would pass."""
    taken = {public for public in SPELLINGS for one in forged() if library_takes(public, *one)}
    assert len(taken) >= 8


def test_a_note_under_such_a_key_is_refused() -> None:
    key = VerifierKey("example.org/log", ED25519, encoded(1, 0))
    text = "example.org/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    line = Signature(key.name, key.key_id, encoded(1, 0) + bytes(32))
    with pytest.raises(SignatureError):
        verify_note(Note(text, (line,)), [key], check_ed25519)


def test_a_signature_whose_s_is_not_reduced_is_refused() -> None:
    key, message = SigningKey.generate("example.org/log"), b"text"
    signature = key.sign(message)
    s = int.from_bytes(signature[32:], "little")
    assert check_ed25519(key.vkey.key, message, signature)
    for more in range(1, 16):
        if s + more * L < 2**256:
            spoiled = signature[:32] + (s + more * L).to_bytes(32, "little")
            assert not check_ed25519(key.vkey.key, message, spoiled)
            assert not second.ed25519(key.vkey.key, message, spoiled)
            assert not _in_one_spelling(key.vkey.key, spoiled)  # whatever the library underneath says of it


@pytest.mark.parametrize("y", range(19))
@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_whose_y_is_not_reduced_is_refused(y: int, sign: int) -> None:
    """The second spelling of a point is refused whatever the signature; most of these are of no small order."""
    public, message = encoded(P + y, sign), b"text"
    h = hashlib.sha512(encoded(1, 0) + public + message).digest()
    for s in (0, 1, int.from_bytes(h, "little") % L):
        signature = encoded(1, 0) + s.to_bytes(32, "little")
        assert not check_ed25519(public, message, signature)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_keys_and_signatures_of_another_length(length: int) -> None:
    key = SigningKey.generate("example.org/log")
    signature = key.sign(b"text")
    assert not check_ed25519(bytes(length), b"text", signature)
    assert not check_ed25519(key.vkey.key, b"text", signature[:length] if length < 64 else signature + b"x")
