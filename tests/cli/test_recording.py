"""The verbs that begin a ledger and record into it, through real processes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Claim, Ledger, Source, When, occurred
from coop_ledger import events as ev
from coop_ledger.cli.telling import _HINTS as HINTS
from coop_ledger.domain import EVENT_TYPES
from tests.cli.support import asked, run
from tests.cli.terminal import typed
from tests.shared import ROOT


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
    answers = [
        ("Enter takes the one that is proposed.", ""),
        ("Origin of the ledger", "two words\n"),
        ("without blanks", "forum.example/x\n"),
    ]
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


HELD = ["meeting.held", "--meeting", "kcac/10", "--assertion", "occurred", "--when", "2016-11-15"]
SAID = ["--source", "Korea.net", "--published", "2016-11-18"]


@pytest.fixture
def begun(tmp_path: Path) -> str:
    with Ledger.open(tmp_path / "begun.db", origin="begun.example/1"):
        pass
    return str(tmp_path / "begun.db")


def claims_of(path: str) -> list[Claim]:
    with Ledger.open(path, readonly=True) as ledger:
        return [entry.body for entry in ledger.entries() if isinstance(entry.body, Claim)]


def receipt_of(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["schema"], found["kind"]) == (1, "receipt")
    (item,) = found["items"]
    return dict(item)


def test_a_claim_is_recorded_by_the_options_that_its_event_declares(begun: str) -> None:
    done = run("record", begun, *HELD, *SAID, "--parties", "KR host", "--parties", "KZ participant; KG participant")
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("OCCURRED meeting.held", "meeting:kcac/10", "Korea.net", "What reads otherwise now", "held"):
        assert words in done.stdout
    parties = {"host": "KR", "participant": "KZ KG"}
    source = Source("Korea.net", When("2016-11-18"))
    assert claims_of(begun) == [occurred(ev.MeetingHeld("kcac/10"), when="2016-11-15", parties=parties, sources=source)]


def test_a_receipt_says_where_it_stands_and_what_reads_otherwise(begun: str) -> None:
    item = receipt_of("record", begun, *HELD, *SAID, "--recorder", "desk-4")
    (entry,) = item["entries"]
    with Ledger.open(begun, readonly=True) as ledger:
        assert (entry["position"], entry["id"], entry["recorder"]) == (0, ledger.entry(0).id, "desk-4")
        assert (item["size"], item["root"], item["recorded"]) == (1, ledger.root.hex(), True)
    assert ("status", "unrecorded", "held") in [(one["field"], one["before"], one["after"]) for one in item["changes"]]


def test_under_a_key_a_claim_is_recorded_once_and_other_content_is_a_conflict(begun: str) -> None:
    assert receipt_of("record", begun, *HELD, *SAID, "--once", "k")["recorded"]
    again = run("record", begun, *HELD, *SAID, "--once", "k")
    assert again.returncode == 0
    assert "nothing was added" in again.stderr
    other = run("record", begun, *HELD, *SAID, "--once", "k", "--note", "more")
    assert (other.returncode, other.stdout) == (3, "")
    assert "/0/note" in other.stderr
    assert len(claims_of(begun)) == 1


@pytest.mark.parametrize(
    ("said", "assertion"),
    [("announced", "PLANNED"), ("Planned", "PLANNED"), ("observed", "HOLDS"), ("denied", "DENIED")],
)
def test_an_assertion_may_be_said_as_the_library_says_it(begun: str, said: str, assertion: str) -> None:
    done = run(
        "record", "institution.opened", "--institution", "x", "--assertion", said, "--when", "2017", *SAID,
        "--dry-run", "--format", "json", COOP_LEDGER=begun, COOP_LEDGER_RECORDER="desk-4",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (item,) = json.loads(done.stdout)["items"]
    assert (item["recorded"], item["says"]["assertion"]) == (False, assertion)
    assert "this was a dry run" in done.stderr
    assert claims_of(begun) == []


def test_sources_are_taken_from_an_earlier_entry_by_position_or_by_the_beginning_of_its_id(begun: str) -> None:
    source = [*SAID, "--title", "'-5 degrees at the forum", "--source-kind", "primary"]
    first = receipt_of("record", begun, *HELD, *source)["entries"][0]["id"]
    topic = ["meeting.topic-discussed", "--meeting", "kcac/10", "--assertion", "occurred"]
    receipt_of("record", begun, *topic, "--topic", "water", "--source-of", "0")
    receipt_of("record", begun, *topic, "--topic", "=1+1", "--source-of", first[:35], "--quote", "water")
    one, two, three = claims_of(begun)
    assert one.sources == two.sources
    assert one.sources[0].title == "'-5 degrees at the forum"
    assert (three.sources[0].title, three.sources[0].quote) == (one.sources[0].title, "water")
    assert isinstance(three.event, ev.TopicDiscussed)
    assert three.event.topic == "=1+1"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["meeting.hold", *SAID], 2, ["no such event (EVENT)", "did you mean meeting.held"]),
        (["opened"], 2, ["institution.opened", "mission-opened"]),
        (["xyz"], 2, ["record --list"]),
        ([], 2, ["Missing argument 'EVENT'"]),
        (["meeting.held", "x"], 2, ["unexpected extra argument (x)"]),
        ([*HELD], 2, ["(--source)", "--source-of"]),
        ([*HELD[:3], *SAID], 2, ["(--assertion)"]),
        ([*HELD[:3], *SAID, "--assertion", "occured"], 2, ["--assertion", "'occurred'"]),
        ([*HELD, *SAID, "--when", "2017-H2"], 2, ["(--when)", 'found "2017-H2"', "write 2017-41"]),
        ([*HELD, *SAID, "--when", "2999"], 2, ["(--when)", "say planned"]),
        ([*HELD, *SAID, "--level", "boss"], 2, ["(--level)", "head-of-state", 'found "boss"']),
        ([*HELD, *SAID, "--topic", "x"], 2, ["meeting.held has no such field (--topic)", "record --help meeting.held"]),
        ([*HELD, *SAID, "--parties", "KR"], 2, ["(--parties)", "its role"]),
        ([*HELD, *SAID, "--parties", "Korea host"], 2, ["(--parties)", 'found "Korea host"']),
        ([*HELD, *SAID, "--country", "XX"], 2, ["(--country)", "ISO 3166-1"]),
        ([*HELD, *SAID, "--source-kind", "reprint"], 2, ["(--relays)"]),
        ([*HELD, *SAID, "--nonsense", "x"], 2, ["No such option"]),
        ([*HELD, *SAID, "--recorder", " "], 2, ["(--recorder)"]),
        ([*HELD, *SAID, "--source-of", "3"], 4, ["(--source-of)", "the ledger is empty"]),
        ([*HELD, *SAID, "--source-of", "zzz"], 2, ["(--source-of)", "a position like 12"]),
        ([*HELD, *SAID, "--source-of", "0abc"], 4, ["(--source-of)", "no entry has this id"]),
        ([*HELD, *SAID, "--as", "csv"], 2, ["--as tells the format of --from"]),
        (["--from", "x.csv", "--when", "2017"], 2, ["--from does not go with --when"]),
        (["--from", "missing.csv"], 2, ["there is no such file (missing.csv)"]),
        (["--from", "missing.toml"], 2, ["cannot be read (--from)"]),
        (["initiative.delivered", "--initiative", "x", "--assertion", "occurred", *SAID, "--strict"], 3, ["irregular"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_the_option_and_nothing_is_recorded(
    begun: str, arguments: list[str], code: int, words: list[str]
) -> None:
    done = run("record", begun, *arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    for one in words:
        assert one in done.stderr
    assert "Traceback" not in done.stderr
    assert claims_of(begun) == []


def test_all_that_is_wrong_with_a_claim_is_told_at_once(begun: str) -> None:
    done = run("record", begun, "meeting.held", "--ordinal", "ten", "--when", "soon", "--country", "kr")
    for name in ("--ordinal", "--when", "--country", "--assertion", "--source"):
        assert f"({name})" in done.stderr


def test_where_there_is_no_ledger_the_error_says_how_to_begin_one(tmp_path: Path) -> None:
    for arguments in (["record", str(tmp_path / "x.db"), *HELD, *SAID], ["import", str(tmp_path / "x.db"), "c.csv"]):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (4, "")
        assert "coop-ledger init" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert run("record", COOP_LEDGER="").returncode == 2


def test_the_events_are_listed_and_each_shows_its_own_options() -> None:
    listed = asked("record", "--list")
    assert len(listed["items"]) == len(EVENT_TYPES)
    assert {"event", "means", "fields"} == set(listed["items"][0])
    assert "Work on the initiative began." in run("record", "--list").stdout
    shown = run("record", "forum.db", "meeting.delegation-attended", "--help", COLUMNS="80").stdout
    for words in ("What meeting.delegation-attended says", "--head-as-written TEXT", "--ranks CODE", "Who says so"):
        assert words in shown
    assert "--ordinal" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    every = run("record", "--help", COLUMNS="80").stdout
    assert "--head-as-written" not in every
    assert "--source-kind CODE" in every


TABLE = """fact,assertion,event,institution,meeting,when,source
one,planned,institution.opened,kcac-secretariat,,2017,Korea.net
two,occurred,meeting.held,,kcac/10,2016-11-15,Korea.net
"""
BAD = """assertion,event,institution,when,source
planed,institution.opened,a b,2017-H2,Korea.net
planned,institution.opened,a,2017,
"""


def test_an_import_records_all_rows_and_a_second_one_nothing(begun: str, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(TABLE)
    looked = run("import", begun, str(path), "--dry-run")
    assert looked.returncode == 0
    assert "2 claims to record. Nothing was recorded" in looked.stderr
    assert "PLANNED institution.opened" in looked.stdout
    assert claims_of(begun) == []
    done = run("import", begun, str(path))
    assert (done.returncode, done.stderr) == (0, "2 claims recorded, at 0 to 1.\n")
    assert "meeting.held" in done.stdout
    again = run("import", begun, str(path))
    assert (again.returncode, again.stdout) == (0, "")
    assert f"Nothing new: what {path} says" in again.stderr
    (item,) = json.loads(run("import", begun, "-", "--format", "json", stdin=TABLE).stdout)["items"]
    assert (item["rows"], item["new"], item["known"], item["recorded"], item["size"]) == (2, 0, 2, False, 2)


def test_record_takes_a_file_of_claims_too_and_what_is_piped_in(begun: str) -> None:
    line = (
        '{"assertion": "OCCURRED", "event": {"type": "meeting.held", "meeting": "a"}, "sources": [{"publisher": "K"}]}'
    )
    done = run("record", begun, "--from", "-", "--as", "jsonl", "--recorder", "desk-4", stdin=line + "\n")
    assert (done.returncode, done.stderr) == (0, "1 claim recorded, at 0.\n")
    again = run("record", "--from", "-", "--dry-run", stdin=line, COOP_LEDGER=begun)
    assert "Nothing new: what the input says was recorded before (1 claim)" in again.stderr
    with Ledger.open(begun, readonly=True) as ledger:
        assert ledger.entry(0).recorder == "desk-4"


def test_every_bad_row_is_told_with_line_column_value_and_hint_and_none_is_recorded(begun: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(BAD + "planned,institution.opened,b,2017,Korea.net\n")
    for arguments in (["import", begun, str(path)], ["record", begun, "--from", str(path)]):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        for words in ("Faults", "assertion", '"planed"', "write 'PLANNED'", "2017-H2", "write 2017-41", "source"):
            assert words in done.stderr
        assert f"in 3 rows: nothing was recorded ({path})" in done.stderr
    asked_for = run("import", begun, str(path), "--format", "json")
    assert asked_for.returncode == 2
    found = json.loads(asked_for.stdout)
    assert found["kind"] == "fault"
    assert {(one["line"], one["column"]) for one in found["items"]} == {
        (2, "assertion"), (2, "institution"), (2, "when"), (3, "source"),
    }  # fmt: skip
    assert claims_of(begun) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "this is a folder"),
        (b"", "the file is empty"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        ("assertion;event;source\nx\n".encode("utf-16"), "UTF-16"),
        (b"assertion,event\nplanned,meeting.held\n", "the column is missing"),
        (b"assertion,event,source,title\nplanned,meeting.held,K,\xff\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_of_claims_is_named(begun: str, tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "given.csv"
    path.mkdir() if content is None else path.write_bytes(content)
    done = run("import", begun, str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert claims_of(begun) == []
    assert run("import", begun, str(path), "--as", "xml").returncode == 2


def test_a_long_import_shows_how_far_it_is_at_a_terminal_only(begun: str, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = (f"occurred,meeting.held,m-{at},2016,K\n" for at in range(30_000))
    path.write_text("assertion,event,meeting,when,source\n" + "".join(rows))
    seen = typed(["import", begun, str(path), "--dry-run"])
    assert seen.returncode == 0
    assert re.search(r"\[#+ *\] +\d+%  [\d,]+ claims", seen.screen)
    assert "30,000 claims to record" in seen.screen


def test_what_to_do_is_said_in_words_of_the_command_line(tmp_path: Path) -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py") if "cli" not in path.parts
    )
    assert not [hint for hint in HINTS if f'"{hint}"' not in source]  # none of them is there for nothing
    file, table = tmp_path / "x.db", tmp_path / "late.csv"
    table.write_text("assertion,event,meeting,when,source\noccurred,meeting.held,a/1,2999,X\n", encoding="utf-8")
    assert run("init", str(file)).returncode == 0
    told = run("import", str(file), str(table), "--format", "ndjson")
    assert json.loads(told.stdout)["hint"] == "say planned of what is still to come"
    assert "say planned of what" in run("import", str(file), str(table)).stderr
    assert run("export", str(file), str(tmp_path / "bundle")).returncode == 0
    assert "coop-ledger restore BUNDLE FILE" in run("import", str(file), str(tmp_path / "bundle")).stderr
    assert "coop-ledger init FILE" in run("doctor", str(tmp_path / "no.db")).stderr.replace(
        str(tmp_path / "no.db"), "FILE"
    )
    claim = ("meeting.held", "--meeting", "a/1", "--assertion", "occurred", "--source", "X")
    long = run("record", str(file), *claim, "--once", "k" * 300)
    assert (long.returncode, "(--once)" in long.stderr) == (2, True)


def test_an_argument_that_is_no_utf_8_is_refused_in_words(tmp_path: Path) -> None:
    begun = tmp_path / "x.db"
    assert run("init", str(begun)).returncode == 0
    claim = ("meeting.held", "--meeting", "a/1", "--assertion", "occurred", "--source", "X")
    done = run("record", str(begun), *claim, "--note", "\udcff\nb")
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    assert done.stderr.startswith("Error: ")
