"""The catalogue of verbs, the help of each, and the page that is written from them."""

from __future__ import annotations

import click
import pytest
from docs.commands import commands_page, help_of

from coop_ledger.cli.app import commands
from coop_ledger.cli.catalogue import GROUPS, VERBS
from tests.cli.support import run, told

EXPECTED = {
    "init", "record", "import", "correct", "retract", "duplicate", "merge", "resolve", "redact", "demo", "log",
    "find", "show", "why", "diff", "overdue", "commitments", "conflicts", "anomalies", "verify",
    "checkpoint", "prove", "check", "key", "witness", "publish", "export", "restore", "copy", "doctor",
    "completion",
}  # fmt: skip
UNDER_WITNESS = ("add", "answer", "init", "show", "watch")


def test_every_verb_is_there_once_and_none_deletes() -> None:
    assert set(VERBS) == EXPECTED
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(VERBS)
    assert not {"delete", "remove", "drop", "purge", "rm"} & set(VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_goes_by_its_name_and_its_help_begins_with_what_it_is_for(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    assert command.name == name
    summary = VERBS[name].summary
    assert summary.endswith(".")
    assert len(summary) <= 60
    first = " ".join(help_of(name).split("\n\n")[1].split())
    assert first.startswith(summary.removesuffix("."))


@pytest.mark.parametrize("path", ["", *VERBS, *(f"witness {name}" for name in UNDER_WITNESS)])
def test_help_reads_within_eighty_columns(path: str) -> None:
    assert max(map(len, help_of(path).splitlines())) <= 80


def test_what_verbs_under_others_are_for_is_not_cut_short() -> None:
    assert "..." not in help_of("witness").partition("Commands:")[2]


def test_the_page_says_what_the_commands_say() -> None:
    page = commands_page()
    for name in VERBS.keys() - {"verify"}:
        code, out, err = told(name, "--help")
        assert (code, err) == (0, "")
        assert "\n".join(line.rstrip() for line in out.rstrip("\n").split("\n")) in page, name
    whole = run("--help", COLUMNS="80")
    assert "\n".join(line.rstrip() for line in whole.stdout.rstrip("\n").split("\n")) in page


def test_the_page_names_each_option_of_verify() -> None:
    done = run("verify", "--help", COLUMNS="80")
    assert max(map(len, done.stdout.splitlines())) <= 80
    for word in done.stdout.split():
        if word.startswith("--") and word.strip("-,").isalpha():
            assert word.strip(",") in help_of("verify")
