"""
Which verbs there are, in which order, and where each is written; what each is for in one line.

Knows no click: the help of all verbs is written from here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["GROUPS", "VERBS", "Verb"]


class Verb(NamedTuple):
    """
    One verb.

    Args:
        module: The module under ``coop_ledger.cli.verbs``.
        name: What it is called there.
        summary: What it is for, in one line; the first sentence of its help.
    """

    module: str
    name: str
    summary: str


_GROUPED: Final[dict[str, dict[str, Verb]]] = {
    "Begin": {
        "init": Verb("begin", "init", "Begin a ledger in FILE, which must not be there yet."),
        "demo": Verb("begin", "demo", "Record the forum of November 2016 and show what follows."),
    },
    "Record": {
        "record": Verb("recording", "record", "Record a claim: what a source says of an EVENT."),
        "import": Verb("recording", "import_", "Record the claims of SOURCE, all or none, each once."),
    },
    "Put right": {
        "correct": Verb("correcting", "correct", "Correct an ENTRY that was recorded wrongly."),
        "retract": Verb("acting", "retract", "Take an ENTRY back, also an act."),
        "duplicate": Verb("acting", "duplicate", "Mark an ENTRY as one report that was recorded twice."),
        "merge": Verb("acting", "merge", "Read one SUBJECT or several as INTO, because they are one."),
        "resolve": Verb("acting", "resolve", "Decide between entries whose sources contradict each other."),
        "redact": Verb("erasing", "redact", "Erase sealed texts of an ENTRY for good."),
    },
    "Ask": {
        "log": Verb("reading", "log", "List the entries of FILE, oldest first."),
        "find": Verb("reading", "find", "Find the subjects that go, or went, by NAME."),
        "show": Verb("reading", "show", "Show what is known of SUBJECT, with its sources."),
        "why": Verb("asking", "why", "Tell on which claims a FIELD of SUBJECT rests."),
        "diff": Verb("asking", "diff", "Show what changed between two points of knowledge."),
        "overdue": Verb("asking", "overdue", "List the promises whose day had passed, unmet."),
        "commitments": Verb("asking", "commitments", "List what was promised, and what became of it."),
        "conflicts": Verb("asking", "conflicts", "List what sources contradict each other in."),
        "anomalies": Verb("asking", "anomalies", "List what cannot be right."),
    },
    "Prove": {
        "verify": Verb("proving", "verify", "Check a ledger, a bundle or a published folder."),
    },
}

GROUPS: Final = {title: tuple(verbs) for title, verbs in _GROUPED.items()}
"""The names of the verbs by what they are for."""

VERBS: Final = {name: verb for verbs in _GROUPED.values() for name, verb in verbs.items()}
"""All verbs by name."""
