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
        "demo": Verb("begin", "demo", "Record the forum of November 2016 and show what follows."),
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
        "prove": Verb("showing", "prove", "Prove that ENTRY is in FILE, or that FILE only grew."),
        "check": Verb("showing", "check", "Check a proof, without the ledger."),
        "witness": Verb("witnessing", "witness", "Cosign checkpoints of a ledger that is not yours."),
        "publish": Verb("handover", "publish", "Write FILE into FOLDER, for any web server to serve."),
        "export": Verb("handover", "export", "Write FILE into a new file that others can read."),
        "restore": Verb("handover", "restore", "Make FILE, a ledger, of a bundle."),
        "key": Verb("vouching", "key", "Make a key that signs, or print the public half of one."),
        "checkpoint": Verb("vouching", "checkpoint", "Say what FILE is now: its origin, size and root."),
    },
    "Help": {
        "doctor": Verb("helping", "doctor", "Look at what is installed, and how FILE stands."),
        "completion": Verb("helping", "completion", "Print what makes SHELL complete commands."),
    },
}

GROUPS: Final = {title: tuple(verbs) for title, verbs in _GROUPED.items()}
"""The names of the verbs by what they are for."""

VERBS: Final = {name: verb for verbs in _GROUPED.values() for name, verb in verbs.items()}
"""All verbs by name."""
