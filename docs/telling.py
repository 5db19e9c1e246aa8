"""What docstrings say, as it may stand on a page: for those who write generated pages."""

from __future__ import annotations

import inspect
import re
from typing import Any

__all__ = ["RULES", "arguments_of", "first_line", "told_on_a_page"]

RULES = "../explanation/rules.md"
"""The page of the rules, as pages beside the generated ones see it."""

_SECTIONS = (
    (r"``semantics\.md``", "keys-and-roles", "the rules"),
    (r"DESIGN §3[ab]?", "claims", "the rules of claims"),
    (r"(?:DESIGN )?\b([DP]\d+)\b", None, None),
)
"""What docstrings cite → the section of the rules, and how the link reads (else as cited, the section its number)."""


def first_line(thing: Any) -> str:
    """The first sentence of a docstring, as it may stand on a page."""
    return told_on_a_page((inspect.getdoc(thing) or "").strip().splitlines()[0])


def told_on_a_page(sentence: str) -> str:
    """
    A sentence of a docstring as Markdown that may stand in a table: rules linked, marks of docstrings gone.

    >>> told_on_a_page("Made by :func:`Unchanged`, joined with ``&`` and ``|`` (D6).")
    'Made by `Unchanged`, joined with `&` and `\\\\|` ([D6](../explanation/rules.md#d6)).'
    """
    for cited, section, words in _SECTIONS:
        sentence = re.sub(
            cited,
            lambda found, section=section, words=words: (
                f"[{words or found[1]}]({RULES}#{section or found[1].lower()})"  # type: ignore[misc]
            ),
            sentence,
        )
    sentence = re.sub(r":\w+:`([^`]+)`", r"`\1`", sentence).replace("``", "`")
    return sentence.replace("|", "\\|")


def arguments_of(cls: type) -> dict[str, str]:
    """What the docstring of a class says of its arguments; a sentence each."""
    _, _, args = (inspect.getdoc(cls) or "").partition("Args:\n")
    found = re.findall(r"^ +(\w+): +(.*(?:\n {5,}.*)*)", args, re.MULTILINE)
    return {name: " ".join((text[0].lower() + text[1:]).split()).rstrip(".") for name, text in found}
