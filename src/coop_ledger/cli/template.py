"""
A claim as text that a person edits: TOML, a line for each column, each with what it means. Knows no editor.
"""

from __future__ import annotations

import inspect
import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from coop_ledger.codec import class_of
from coop_ledger.domain import safe
from coop_ledger.errors import InvalidValueError
from coop_ledger.interchange import ClaimColumn, claim_columns

__all__ = ["line_namer", "meaning", "read_template", "summary_of", "template_of"]

_TITLES: Final = {"claim": "The claim", "event": "The event", "where": "Where it happens", "source": "The source"}
_HEAD: Final = """\
Lines that begin with # are not read. Fill in what the source says: take the # away \
from the lines that you need. Save and close to record it; to record nothing, close \
without a change, or empty the file. A second source has the same lines once more, \
with _2 behind their names: source_2, published_2 ..."""
_EXAMPLES: Final = {
    "When": "a date like 2016-11-15, 2017, or 2017-41 (its second half)",
    "party": "a country like KZ, or an id like institution:korea-foundation",
    "country slug": "a code like KR",
    "subject id": "an id like institution:korea-foundation",
    "yes/no": "yes or no",
    "Party …": "like KR host; KZ participant",
    "SectorShare …": "like 14010 60%; 33210 40%",
}
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=")


def summary_of(event: str) -> str:
    """What an event is, in the first sentence of its declaration."""
    return " ".join((inspect.getdoc(class_of(event)) or "").split("\n\n")[0].split())


def meaning(column: ClaimColumn) -> str:
    """What a column holds, as a sentence for people."""
    means = f"{column.spec.means[0].upper()}{column.spec.means[1:]}"
    codes = f"; {'some' if column.several else 'one'} of {', '.join(column.codes)}" if column.codes else ""
    example = _EXAMPLES.get(column.spec.type)
    slug = f" ({column.spec.type})" if column.spec.type.endswith(" slug") and not example else ""
    return f"{means}{slug}{codes}{f'; {example}' if example else ''}."


def template_of(event: str, texts: Mapping[str, str], erased: tuple[str, ...] = ()) -> str:
    """
    The text to edit for a claim of an event.

    Args:
        event: Its wire name.
        texts: Column → text, of what is filled in already.
        erased: Columns whose text was erased.
    """
    columns, left = claim_columns(event), dict(texts)
    lines = [*_comment(f"A claim of {event}: {summary_of(event)}"), "#", *_comment(_HEAD)]
    for holder, title in _TITLES.items():
        lines += ["", f"# ---- {title} ----"]
        for column in columns:
            if column.holder != holder:
                continue
            note = " Its text was erased, and cannot be recorded again." if column.name in erased else ""
            lines += ["", *_comment(f"{meaning(column)}{' Required.' if column.required else ''}{note}")]
            text = event if column.name == "event" else left.pop(column.name, "")
            lines.append(f"{'' if text or column.required else '# '}{column.name} = {_quoted(text)}")
    left.pop("event", None)
    if left:
        lines += ["", "# ---- Further sources ----", "", *(f"{name} = {_quoted(text)}" for name, text in left.items())]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 88, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _quoted(text: str) -> str:
    """A text as TOML: of several lines as they stand, where nothing in them needs an escape; see :func:`_text`."""
    if (
        "\n" in text
        and safe(text) == text
        and not re.search(r'\\|"""|"\Z|[^\n\t -~\u00a0-\ud7ff\ue000-\U0010ffff]', text)
    ):
        return f'"""\n{text}\n"""'
    quoted = json.dumps(f"{text}\n" if text.endswith("\n") else text, ensure_ascii=False)
    return safe(quoted, lambda char: f"\\U{ord(char):08x}")  # an editor may let them steer what is read


def read_template(text: str) -> dict[str, str]:
    """
    Column → text, of what is filled in.

    Raises:
        InvalidValueError: It is no TOML, or a value is neither text, number, date, yes/no nor a list of texts.
    """
    try:
        found = tomllib.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:  # also of a number of too many digits
        raise InvalidValueError(
            "the text cannot be read", expected='lines like when = "2017"', found=str(error)[:120],
            hint="put texts between quotation marks; double them around several lines: three before, three behind",
        ) from error  # fmt: skip
    texts = {name.replace("-", "_"): _text(name, value) for name, value in found.items()}
    return {name: value for name, value in texts.items() if value.strip()}


def _text(name: str, value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value.removesuffix("\n")  # the end of the last line, before the closing marks
        case int():
            return str(value)
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case list() if all(isinstance(part, str) for part in value):
            return "; ".join(value)
    expected = "text, a number, a date like 2016-11-15, or a list of texts"
    raise InvalidValueError("this value cannot be read", where=name, expected=expected, found=str(value)[:80])


def line_namer(text: str) -> Callable[[str], str]:
    """How the fault of a column is called: by its name, and by its line in the text."""
    lines = dict(_named_lines(text))
    return lambda column: (
        f"line {lines[key]}, {key}" if (key := column.replace(" ", "_")) in lines else column.replace(" ", "_")
    )


def _named_lines(text: str) -> Iterator[tuple[str, int]]:
    for at, line in enumerate(text.splitlines(), 1):
        found = _KEY.match(line)
        if found is not None:
            yield found[1].strip('"').replace("-", "_"), at
