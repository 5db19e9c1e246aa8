"""The strict reader: what it takes, what it refuses in which words, and that nothing else ever escapes."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.codec import MAX_BYTES, MAX_DEPTH, MAX_INT, canonical, parse, parse_canonical
from coop_ledger.codec.strict import reread
from coop_ledger.errors import CodecError, NotCanonicalError
from tests.codec.values import plain_values

REFUSED: dict[str, tuple[bytes, str]] = {
    "a repeated key": (b'{"a":1,"b":2,"a":1}', "a key stands twice in one object"),
    "a repeated key, once escaped": (b'{"a":1,"\\u0061":2}', "a key stands twice in one object"),
    "NaN": (b"[NaN]", "this is no number of JSON"),
    "Infinity": (b"[-Infinity]", "this is no number of JSON"),
    "a fraction": (b"[1.0]", "a number has a fraction"),
    "a fraction of minus zero": (b"[-0.0]", "a number has a fraction"),
    "an exponent": (b"[1e2]", "a number has an exponent"),
    "a huge exponent": (b"[1E99999999999999999999]", "a number has an exponent"),
    "minus zero": (b"[-0]", "minus zero is no integer here"),
    "2**53": (b"[9007199254740992]", "the integer is too large"),
    "-(2**53)": (b"[-9007199254740992]", "the integer is too large"),
    "5,000 digits": (b"[" + b"9" * 5_000 + b"]", "the integer is too large"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "the text begins with a byte order mark"),
    "UTF-16, marked": ("[]".encode("utf-16"), "the text is UTF-16 or UTF-32"),
    "UTF-16, little end": ('"é"'.encode("utf-16-le"), "the text is UTF-16 or UTF-32"),
    "UTF-16, big end": ('"é"'.encode("utf-16-be"), "the text is UTF-16 or UTF-32"),
    "UTF-32, marked": ("[]".encode("utf-32"), "the text is UTF-16 or UTF-32"),
    "UTF-16, blanks": ("  [1]\n".encode("utf-16-le"), "the text is UTF-16 or UTF-32"),
    "UTF-32, little end": ("[]".encode("utf-32-le"), "the text is UTF-16 or UTF-32"),
    "U+0000, raw, first": (b'"\x00"', "this is not JSON"),
    "U+0000, raw, first of two": (b'"\x00a"', "this is not JSON"),
    "U+0000, raw, before the value": (b"\x00[]", "this is not JSON"),
    "U+0000, raw, alone": (b"\x00", "this is not JSON"),
    "UTF-32, big end": ("[]".encode("utf-32-be"), "the text is UTF-16 or UTF-32"),
    "bad UTF-8": (b'["\xff"]', "the text is not UTF-8"),
    "a surrogate in UTF-8": (b'["\xed\xa0\x80"]', "the text is not UTF-8"),
    "an overlong form": (b'["\xc0\xaf"]', "the text is not UTF-8"),
    "a lone surrogate": (b'["\\ud800"]', "the text holds a lone surrogate"),
    "a lone surrogate in a key": (b'{"\\udc00":1}', "the text holds a lone surrogate"),
    "U+0000": (b'{"a":["\\u0000"]}', "the text holds U+0000"),
    "U+0000 in a key": (b'{"a\\u0000":1}', "the text holds U+0000"),
    "17 levels": (b"[" * 17 + b"]" * 17, "the value is nested too deep"),
    "17 levels of both kinds": (b'{"a":[' * 9 + b"1" + b"]}" * 9, "the value is nested too deep"),
    "17 levels and strings of brackets": (b'["]]]","[[",' + b"[" * 16 + b"]" * 17, "the value is nested too deep"),
    "17 levels and no end": (b"[" * 17, "the value is nested too deep"),
    "too many bytes": (b'"' + b"a" * MAX_BYTES + b'"', "the value is too large"),
    "something after the value": (b"{} {}", "something follows the value"),
    "a NUL after the value": (b"{}\0", "something follows the value"),
    "nothing": (b"", "there is no value"),
    "only blanks": (b" \n\t\r", "there is no value"),
    "no JSON": (b"{'a':1}", "this is not JSON"),
    "a raw control character": (b'["\x01"]', "this is not JSON"),
    "a string without end": (b'["' + b"[" * 40, "this is not JSON"),
    "another blank": ("\u00a01".encode(), "this is not JSON"),
    "brackets that do not match": (b"[}" * 20, "this is not JSON"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_each_fault_has_its_own_sentence(case: str) -> None:
    data, what = REFUSED[case]
    for read in (parse, parse_canonical):
        with pytest.raises(CodecError) as caught:
            read(data)
        assert caught.value.what == what
    assert len({what for _, what in REFUSED.values()}) == 16


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b" [ 1 , true ] \n", [1, True]),
        (b"-1", -1),
        (f"[{MAX_INT},-{MAX_INT}]".encode(), [MAX_INT, -MAX_INT]),
        (b'"\\ud83d\\ude00 \\/ \\u0001"', "😀 / \x01"),
        (b'{"\\u00e9":1,"e\\u0301":2}', {"\u00e9": 1, "e\u0301": 2}),
        (b'{"__proto__":1,"__class__":2}', {"__proto__": 1, "__class__": 2}),
        (b"[" * 16 + b"]" * 16, json.loads("[" * 16 + "]" * 16)),
        (b'["' + b"[{" * 50 + b'"]', ["[{" * 50]),
        (b'["\\"' + b"[{" * 50 + b'\\\\"]', ['"' + "[{" * 50 + "\\"]),
        (b'["[' + b'",[],"' * 40 + b'"]', ["[", *[[], ""] * 40]),
    ],
)
def test_taken(data: bytes, value: Any) -> None:
    assert parse(data) == value


@given(plain_values(), st.sampled_from((None, 1)))
def test_agrees_with_the_standard_reader(value: Any, indent: int | None) -> None:
    for ascii_only in (True, False):
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
        assert parse(text.encode()) == value == reread(text.encode())


@given(plain_values(), st.booleans(), st.sampled_from((None, 1)))
def test_only_one_spelling_is_canonical(value: Any, ascii_only: bool, indent: int | None) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    if data == canonical(value):
        assert parse_canonical(data) == value
    else:
        with pytest.raises(NotCanonicalError, match="not the canonical form"):
            parse_canonical(data)


def test_the_first_strange_byte_is_named() -> None:
    with pytest.raises(NotCanonicalError) as caught:
        parse_canonical(b'{"b":1,"a":2}')
    assert caught.value.where == "byte 2"
    with pytest.raises(NotCanonicalError) as caught:
        parse_canonical(b"[] ")
    assert caught.value.where == "byte 2"


def test_code_points_are_not_the_order_of_keys() -> None:
    """The order of a naive writer, over keys where it is not that of UTF-16."""
    naive = '{"\uffff":1,"😀":2}'.encode()
    assert json.dumps(parse(naive), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == naive
    with pytest.raises(NotCanonicalError):
        parse_canonical(naive)


def _only_codec_errors(data: bytes) -> None:
    for read in (parse, parse_canonical, reread):
        with contextlib.suppress(CodecError):
            read(data)


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_never_leak_an_error(data: bytes) -> None:
    _only_codec_errors(data)


@given(st.text(st.sampled_from('[]{}",:\\u0deE-+.\n 1aNI'), max_size=40))
def test_pieces_of_json_never_leak_an_error(text: str) -> None:
    _only_codec_errors(text.encode())


@given(plain_values(), st.data())
def test_one_wrong_byte_never_leaks_an_error(value: Any, data: st.DataObject) -> None:
    form = bytearray(canonical(value))
    at = data.draw(st.integers(0, len(form) - 1))
    form[at] = data.draw(st.integers(0, 255))
    _only_codec_errors(bytes(form))


@given(st.integers(1, 40), st.text(st.sampled_from('[]{}"\\ a'), max_size=30))
def test_depth_is_counted_outside_texts_only(depth: int, text: str) -> None:
    data = json.dumps([text] * 3 + [json.loads("[" * depth + "]" * depth)]).encode()
    if depth + 1 > MAX_DEPTH:
        with pytest.raises(CodecError, match="nested too deep"):
            parse(data)
    else:
        assert parse(data)[0] == text


@pytest.mark.parametrize("opener", [b"[", b'{"a":', b'[{"":', b'["\\"",'])
@pytest.mark.parametrize("closed", [True, False])
def test_ten_thousand_levels(opener: bytes, closed: bool) -> None:
    data = opener * 10_000 + (b"]" * 10_000 if closed else b"")
    for read in (parse, parse_canonical):
        with pytest.raises(CodecError, match="nested too deep"):
            read(data, max_bytes=10**6)
    with pytest.raises(CodecError, match="not JSON any more"):
        reread(data)


def test_a_million_keys_take_linear_time() -> None:
    def seconds(count: int, last: str) -> float:
        data = ("{" + ",".join(f'"{at}":0' for at in range(count)) + f',"{last}":0}}').encode()
        started = time.process_time()
        try:
            assert len(parse(data, max_bytes=2**26)) == count + 1
        except CodecError as error:
            assert error.what == "a key stands twice in one object"  # noqa: PT017  # timed as well
        return time.process_time() - started

    for last in ("new", "7"):
        assert seconds(1_000_000, last) < 40 * max(seconds(100_000, last), 0.01)
    with pytest.raises(CodecError, match="the value is too large"):
        parse(b"{" + b'"a":0,' * 1_000_000 + b"}")
