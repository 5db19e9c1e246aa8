"""The verbs that begin a ledger and record into it, through real processes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from coop_ledger import Ledger
from tests.cli.support import run
from tests.cli.terminal import typed


def origin_of(path: Path) -> str:
    with Ledger.open(path, readonly=True) as ledger:
        return ledger.origin


def test_a_ledger_is_begun_with_a_proposed_origin_and_what_comes_next(tmp_path: Path) -> None:
    path = tmp_path / "My Forum 2016.db"
    done = run("init", str(path))
    assert done.returncode == 0
    origin = origin_of(path)
    assert re.fullmatch(r"my-forum-2016/20\d\d-[a-z2-9]{6}", origin)
    assert origin in done.stdout
    assert f"The origin is {origin}" in done.stderr
    assert f"coop-ledger import '{path}' SOURCE" in done.stderr
    other = run("init", str(tmp_path / "other.db"), "--origin", "forum.example.org/2016", "--format", "json")
    (item,) = json.loads(other.stdout)["items"]
    assert (item["origin"], item["size"]) == ("forum.example.org/2016", 0)
    assert origin_of(tmp_path / "other.db") == "forum.example.org/2016"


def test_at_a_terminal_the_origin_is_asked_for_until_it_is_one(tmp_path: Path) -> None:
    path = tmp_path / "forum.db"
    answers = [("Origin of the ledger", "two words\n"), ("without blanks", "forum.example/x\n")]
    done = typed(["init", str(path)], answers)
    assert done.returncode == 0, done.screen
    assert origin_of(path) == "forum.example/x"
    kept = typed(["init", str(tmp_path / "kept.db")], [("Origin of the ledger", "\n")])
    assert origin_of(tmp_path / "kept.db") in kept.screen
    stopped = typed(["init", str(tmp_path / "stopped.db")], [("Origin of the ledger", "\x03")])
    assert stopped.returncode == 130
    assert not (tmp_path / "stopped.db").exists()


def test_what_stands_there_is_named_and_not_touched(tmp_path: Path) -> None:
    ledger, text, link = tmp_path / "a.db", tmp_path / "notes.txt", tmp_path / "link.db"
    run("init", str(ledger), "--origin", "a.example/1")
    text.write_text("mine")
    link.symlink_to(tmp_path / "nowhere")
    before = ledger.read_bytes()
    for path, words in (
        (ledger, "the ledger a.example/1 with 0 entries"),
        (text, "a file that is no ledger"),
        (tmp_path, "a folder"),
        (link, "a link that leads nowhere"),
    ):
        done = run("init", str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
    assert (ledger.read_bytes(), text.read_text()) == (before, "mine")
    assert run("init", str(tmp_path / "b.db"), "--origin", "two words").returncode == 2
    assert run("init", str(tmp_path / "none" / "b.db")).returncode == 4
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.db", "link.db", "notes.txt"]
