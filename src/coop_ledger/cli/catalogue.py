"""
Which verbs there are, in which order, and where each is written; what each is for in one line.

Knows no click: the help of all verbs is written from here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "EDITOR_VARIABLES",
    "ENVIRONMENT",
    "EXIT_CODES",
    "GROUPS",
    "LEDGER_VARIABLE",
    "RECORDER_VARIABLE",
    "VERBS",
    "Verb",
]


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
        "checkpoint": Verb("vouching", "checkpoint", "Say what FILE is now: its origin, size and root."),
        "prove": Verb("showing", "prove", "Prove that ENTRY is in FILE, or that FILE only grew."),
        "check": Verb("showing", "check", "Check a proof, without the ledger."),
        "publish": Verb("handover", "publish", "Write FILE into FOLDER, for any web server to serve."),
        "export": Verb("handover", "export", "Write FILE into a new file that others can read."),
        "restore": Verb("handover", "restore", "Make FILE, a ledger, of a bundle."),
        "copy": Verb("handover", "copy", "Copy FILE, all of it, into another file or database."),
        "key": Verb("vouching", "key", "Make a key that signs, or print the public half of one."),
        "witness": Verb("witnessing", "witness", "Cosign checkpoints of a ledger that is not yours."),
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

EXIT_CODES: Final = {
    0: "done; `verify` and `check`: WITNESSED or ANCHORED",
    2: "misuse, or a request that was refused; nothing was recorded. Or the output could not be written",
    3: "a condition that does not hold; a witness that cannot answer this now",
    4: "nothing is there: no such ledger, entry or name",
    5: "recorded, but perhaps not for good, or nobody can tell: with its `--once` give the same command again, "
    "else look first whether it is there",
    10: "`verify` and `check`: SELF-CONSISTENT; `doctor`: something calls for attention",
    11: "`verify` and `check`: STALE",
    20: "UNDECIDED: no key that you gave signed it, or something unknown",
    30: "DIVERGED: a ledger that was rewritten or cut, against what was signed or kept",
    40: "INVALID: something was altered, or does not prove what it is shown for",
    50: "UNREADABLE: a file that is no ledger, bundle, proof or checkpoint, or is damaged",
    130: "interrupted (Ctrl-C)",
}
"""What the exit codes mean, for all verbs; 1 is none of them."""

LEDGER_VARIABLE: Final = "COOP_LEDGER"
"""Names the ledger where FILE is left out."""

RECORDER_VARIABLE: Final = "COOP_LEDGER_RECORDER"
"""Names who records."""

EDITOR_VARIABLES: Final = ("VISUAL", "EDITOR")
"""Name the editor; the first that is set counts."""

ENVIRONMENT: Final = {
    LEDGER_VARIABLE: "the ledger, where FILE is left out",
    RECORDER_VARIABLE: "the pseudonym of who records, where `--recorder` is left out",
    **dict.fromkeys(EDITOR_VARIABLES, "the editor that `--edit` and `correct` open; the first that is set"),
    "NO_COLOR": "no colours, whatever its value",
    "FORCE_COLOR": "colours also where the output is no terminal",
    "COLUMNS": "the width of tables, where the terminal does not say it",
}
"""The variables that are read, and what each is for."""
