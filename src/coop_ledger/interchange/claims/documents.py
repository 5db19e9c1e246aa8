"""
Claims as JSON: one document, read piece by piece, or JSON Lines. Knows no claim beyond its plain form.

Each claim goes through the strict reader of the codec: no key twice, no fraction, no depth beyond 16. Of a document
only the claim at hand and the sources that stand before the claims are held.
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial
from typing import IO, Any, Final

from coop_ledger.codec import Plain, parse
from coop_ledger.domain import REDACTED, Claim, Source, sealed_fields
from coop_ledger.errors import ClaimFileError, CodecError, RowProblem
from coop_ledger.interchange.claims.columns import EVENTS, REMARK
from coop_ledger.interchange.claims.files import MAX_ROW, Lines, OpenFile, RowFault
from coop_ledger.interchange.claims.given import Given, nowhere, shortened

__all__ = ["ERASED", "json_rows", "line_rows"]

ERASED: Final = {"redacted": True}
"""What stands for a text that was erased."""

_CHUNK: Final = 262_144
_BLANKS: Final = " \t\r\n"
_UNKNOWN: Final = {"publisher": "?"}
"""Stands for a source that a document lacks, so that nothing else is told of it."""
_TITLES: Final = ("title", "about")
"""Keys of a document for readers; not recorded."""
_extent: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Finds where a value ends; what it is, the strict reader says."""


_SEALED: Final = {cls: frozenset(sealed_fields(cls)) for cls in (Claim, Source, *EVENTS.values())}
_WORDS: Final = frozenset(name for names in _SEALED.values() for name in names)


class _Text:
    """The text of a document, a piece at a time."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self.name = file, name
        self._decoder = getincrementaldecoder("utf-8")()
        self._buffer, self._at, self._ended = "", 0, False
        self.line = 1

    def fault(
        self, what: str, *, expected: str | None = None, hint: str | None = None, line: int = 0
    ) -> ClaimFileError:
        """What is raised where the document is broken."""
        where = f"{self.name}, line {line or self.line}"
        return ClaimFileError(what, where=where, expected=expected, hint=hint)

    def _fill(self) -> None:
        chunk = self._file.read(_CHUNK)
        self._ended = not chunk
        try:
            text = self._decoder.decode(chunk, self._ended)
        except UnicodeDecodeError as error:
            line = self.line + self._buffer[self._at :].count("\n") + error.object[: error.start].count(b"\n")
            what = f"a byte, 0x{error.object[error.start]:02x}, is not UTF-8"
            raise self.fault(what, hint="save the file as UTF-8", line=line) from error
        self._buffer, self._at = self._buffer[self._at :] + text, 0

    def _pass(self, end: int) -> None:
        self.line += self._buffer.count("\n", self._at, end)
        self._at = end

    def next(self) -> str:
        """The next character that is no blank, which stays; empty at the end."""
        while True:
            rest = self._buffer[self._at :] if self._at else self._buffer
            left = rest.lstrip(_BLANKS)
            self._pass(self._at + len(rest) - len(left))
            if left or self._ended:
                return left[:1]
            self._fill()

    def take(self, wanted: str) -> str:
        """
        Take one of some characters.

        Raises:
            ClaimFileError: Another stands there.
        """
        found = self.next()
        if not found or found not in wanted:
            expected = " or ".join(wanted)
            raise self.fault(
                "the JSON is broken", expected=expected, hint=f"found {found!r}" if found else "the file ends too early"
            )
        self._pass(self._at + 1)
        return found

    def value(self) -> tuple[int, str]:
        """
        Take a value: the line where it begins, and its text.

        Raises:
            ClaimFileError: None is there, or it is longer than a row may be.
        """
        self.next()
        line = self.line
        while True:
            try:
                _, end = _extent.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) or self._ended:
                    break
            except RecursionError as error:
                raise self.fault("the JSON is nested too deep", expected="at most 16 levels") from error
            except ValueError as error:
                if self._ended or len(self._buffer) - self._at > MAX_ROW:
                    raise self._broken(error) from error
            if len(self._buffer) - self._at > MAX_ROW:
                raise self._broken(None)
            self._fill()
        text = self._buffer[self._at : end]
        self._pass(end)
        return line, text

    def _broken(self, error: ValueError | None) -> ClaimFileError:
        rest = len(self._buffer) - self._at
        at = getattr(error, "pos", self._at)
        if error is None or (rest > MAX_ROW and (at == self._at or at >= len(self._buffer) - 1)):
            return self.fault(f"a claim is longer than {MAX_ROW:,} bytes, or the JSON is broken")
        line = self.line + self._buffer.count("\n", self._at, at)
        said = getattr(error, "msg", "no value")
        return self.fault(
            "the JSON is broken", expected="one JSON value", hint=f"{said[0].lower()}{said[1:]}", line=line
        )


def json_rows(file: OpenFile) -> Iterator[Given]:
    """
    Yield the claims of a JSON document.

    Raises:
        ClaimFileError: Not such a document, or it is broken.
    """
    text = _Text(file.begin(), file.name)
    if text.take("[{") == "[":
        yield from _claims(text, None)
    else:
        yield from _members(text)
    if text.next():
        hint = "of several claims make a list, or read the file as ndjson"
        raise text.fault("something follows the claims", hint=hint)


def _members(text: _Text) -> Iterator[Given]:
    seen: set[str] = set()
    sources: dict[str, Any] | None = None
    while text.next() != "}":
        if seen:
            text.take(",")
        line, key = _key(text)
        if key in seen:
            raise text.fault(f"the key {key!r} stands twice", line=line)
        seen.add(key)
        text.take(":")
        if key == "claims":
            text.next()
            text.take("[")
            yield from _claims(text, sources)
        elif key == "sources":
            if "claims" in seen:
                raise text.fault("the sources stand behind the claims", hint="put them before", line=line)
            sources = _sources(text)
        elif key in _TITLES:
            text.value()
        else:
            near = get_close_matches(key, ("sources", "claims", *_TITLES), 1)
            hint = f"did you mean {near[0]!r}?" if near else "put claims into a list"
            raise text.fault(f"there is no such key: {shortened(key, sealed=False)}", hint=hint, line=line)
    text.take("}")
    if "claims" not in seen:
        raise text.fault("the document has no claims", expected='a list, or an object with "claims"')


def _key(text: _Text) -> tuple[int, str]:
    line, given = text.value()
    try:
        key = parse(given.encode("utf-8", "surrogatepass"))
    except CodecError as error:
        raise text.fault(error.what, line=line) from error
    if not isinstance(key, str):
        raise text.fault("a key is text", line=line)
    return line, key


def _sources(text: _Text) -> dict[str, Any]:
    line, given = text.value()
    try:
        found = parse(given.encode("utf-8", "surrogatepass"), max_bytes=4 * MAX_ROW)
    except CodecError as error:
        raise text.fault(f"the sources cannot be read: {error}", line=line) from error
    if not isinstance(found, dict):
        raise text.fault("the sources are an object: a key for each", line=line)
    return found


def _claims(text: _Text, sources: dict[str, Any] | None) -> Iterator[Given]:
    """The claims of a list whose bracket was taken."""
    if text.next() == "]":
        text.take("]")
        return
    while True:
        line, given = text.value()
        yield _given(line, given, sources)
        if text.take(",]") == "]":
            return


def line_rows(file: OpenFile) -> Iterator[Given]:
    """Yield the claims of JSON Lines; a line that is broken hides no other."""
    lines = Lines(file.begin())
    while True:
        lines.begin()
        try:
            text = next(lines)
        except StopIteration:
            return
        except RowFault as error:
            problem = RowProblem(lines.first, "", None, error.what, error.hint)
            yield Given(lines.first, lines.text, None, (problem,), nowhere)
            continue
        if text.strip():
            yield _given(lines.first, text, None)


def _given(line: int, text: str, sources: dict[str, Any] | None) -> Given:
    try:
        plain = parse(text.encode("utf-8", "surrogatepass"), max_bytes=MAX_ROW)
    except CodecError as error:
        where = f"{error.what}, {error.where}" if error.where else error.what
        what = f"{where}; expected: {error.expected}" if error.expected else where
        return Given(line, text, None, (RowProblem(line, "", error.found, what, error.hint),), nowhere)
    if not isinstance(plain, dict):
        problem = RowProblem(line, "", shortened(plain, sealed=False), "a claim is an object", None)
        return Given(line, text, None, (problem,), nowhere)
    place = partial(_place, plain)
    shaped = {key: value for key, value in plain.items() if key != REMARK}
    if isinstance(shaped.get("assertion"), str):
        shaped["assertion"] = shaped["assertion"].upper()
    problems = () if sources is None else _with_named(line, shaped, sources)
    if '"redacted"' in text:
        _reopen(shaped)
    return Given(line, text, shaped, problems, place)


def _with_named(line: int, plain: Plain, sources: dict[str, Any]) -> tuple[RowProblem, ...]:
    """Put the sources that a claim names by key in their place."""
    given = plain.get("sources")
    if not isinstance(given, list):
        return ()
    problems = []
    for at, key in enumerate(given):
        if isinstance(key, str) and key not in sources:
            near = get_close_matches(key, sources, 1)
            hint = f"did you mean {near[0]!r}?" if near else "add it to the sources"
            shown = shortened(key, sealed=False)
            problems.append(RowProblem(line, f"/sources/{at}", shown, "the document has no such source", hint))
    plain["sources"] = [sources.get(key, _UNKNOWN) if isinstance(key, str) else key for key in given]
    return tuple(problems)


def _reopen(plain: Plain) -> None:
    """Read what stands for erased texts, where sealed texts stand."""
    event = plain.get("event")
    holders: list[tuple[Any, frozenset[str]]] = [(plain, _SEALED[Claim])]
    if isinstance(event, dict) and isinstance(name := event.get("type"), str) and name in EVENTS:
        plain["event"] = dict(event)
        holders.append((plain["event"], _SEALED[EVENTS[name]]))
    if isinstance(plain.get("sources"), list):
        plain["sources"] = [dict(one) if isinstance(one, dict) else one for one in plain["sources"]]
        holders += [(one, _SEALED[Source]) for one in plain["sources"] if isinstance(one, dict)]
    for holder, names in holders:
        for key in names:
            if holder.get(key) == ERASED:
                holder[key] = REDACTED


def _place(plain: Plain, path: str) -> tuple[str, str | None, str | None]:
    """What stands at a JSON Pointer of a claim as it was given."""
    found: Any = plain
    for part in path.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            return path, None, None
    if not path or isinstance(found, dict | list):
        return path, None, None
    value = shortened(found, sealed=path.rpartition("/")[2] in _WORDS)
    return path, value, found if isinstance(found, str) else None
