"""What the verbs that ask answer on the record of November 2016: as a table, as JSON, nothing, refused."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Claim, Ledger, Source, SourceKind, announced, denied, occurred
from coop_ledger import events as ev
from coop_ledger.cli.output import FORMATS
from tests.cli.support import asked, run
from tests.shared import ROOT

SECRETARIAT = "institution:kcac-secretariat"
MINISTRY = "Ministry of Foreign Affairs of Korea"


def ledger_of(path: Path, *claims: Claim) -> str:
    with Ledger.open(path, origin="asking.example/1", recorder="t") as ledger:
        ledger.record(*claims)
    return str(path)


@pytest.fixture
def empty(tmp_path: Path) -> str:
    with Ledger.open(tmp_path / "empty.db", origin="empty.example/1"):
        pass
    return str(tmp_path / "empty.db")


# the verb and its arguments, what its table says, the kind of its items
VERBS = [
    (["log"], "PLANNED meeting.held", "entry", 87),
    (["find", "foundation"], "Korea Foundation", "subject", 1),
    (["show", SECRETARIAT], "planned for 2017-41 (second half of 2017)", "subject", 1),
    (["show", "institutions"], "Secretariat of the Korea-Central Asia Cooperation Forum", "subject", 2),
    (["why", SECRETARIAT, "status"], "OCCURRED institution.statute-adopted", "reason", 2),
    (["diff", "--published", "2016-11-15", "now", "--subject", SECRETARIAT], "proclaimed", "change", 20),
    (["overdue", "--on", "2019-12-31"], "730 to 913 days", "overdue", 12),
    (["commitments", "--party", "KR"], "institution.opened", "commitment", 10),
    (["conflicts"], "about 150 persons", "conflict", 1),
]


@pytest.mark.parametrize(("arguments", "words", "kind", "least"), VERBS, ids=[" ".join(row[0]) for row in VERBS])
def test_an_answer_is_a_table_for_people_and_json_for_programs(
    forum: Path, arguments: list[str], words: str, kind: str, least: int
) -> None:
    verb, *others = arguments
    done = run(verb, str(forum), *others)
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout
    found = asked(verb, str(forum), *others)
    assert (found["kind"], found["basis"]["size"]) == (kind, 87)
    assert len(found["items"]) >= least
    lines = run(verb, str(forum), *others, "--format", "ndjson").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [{"schema": 1, "kind": kind, **item} for item in found["items"]]
    head, *rows = csv.reader(io.StringIO(run(verb, str(forum), *others, "--format", "csv").stdout))
    assert {len(row) for row in rows} == {len(head)}
    assert all(name == name.casefold() and " " not in name for name in head)


NOTHING = [
    (["log"], "the ledger is empty"),
    (["show", "institution"], "no institution is recorded"),
    (["diff", "--size", "0", "0"], "nothing changed"),
    (["overdue"], "no promise was overdue on 20"),
    (["commitments"], "no promise is recorded"),
    (["conflicts"], "no source contradicts another"),
    (["anomalies"], "nothing is irregular"),
]


@pytest.mark.parametrize(("arguments", "words"), NOTHING, ids=[row[0][0] for row in NOTHING])
def test_where_there_is_nothing_a_sentence_says_so_beside_the_data(
    empty: str, arguments: list[str], words: str
) -> None:
    verb, *others = arguments
    for form in FORMATS:
        done = run(verb, empty, *others, "--format", form)
        assert done.returncode == 0, done.stderr
        assert words in done.stderr
        match form:
            case "json":
                assert json.loads(done.stdout)["items"] == []
            case "csv":
                assert len(done.stdout.splitlines()) == 1
            case _:
                assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["find", "{forum}", "korea-fundation"], 4, ["nothing goes by this name", "institution:korea-foundation?"]),
        (["find", "{forum}", "zzz"], 4, ["show FILE KIND"]),
        (["why", "{forum}", SECRETARIAT, "opend"], 2, ["no such field", "did you mean opened?"]),
        (["why", "{forum}", "institution:kcac", "status"], 4, ["no entry is about", "(SUBJECT)", "institution:kcac-s"]),
        (["diff", "{forum}", "--size", "3", "x"], 2, ["'x'"]),
        (["diff", "{forum}"], 2, ["Give one of --published"]),
        (["diff", "{forum}", "--size", "1", "2", "--recorded", "2016", "now"], 2, ["Give one of --published"]),
        (["diff", "{forum}", "--published", "yesterday", "now"], 2, ["--published", "yesterday"]),
        (["diff", "{forum}", "--size", "0", "999"], 2, ["--size", "0 to 87"]),
        (["overdue", "{forum}", "--on", ""], 2, ["--on", "nothing stands"]),
        (["overdue", "{forum}", "--on", "2019"], 2, ["not a single day", "--on", "2017-06-30"]),
        (["commitments", "{forum}", "--party", "Korea"], 2, ["Korea"]),
        (["conflicts", "{forum}", "--subject", "institution:kcac"], 4, ["(--subject)", "institution:kcac-secretariat"]),
        (["commitments", "{forum}", "--subject", "institution:kcac"], 4, ["(--subject)"]),
        (["diff", "{forum}", "--size", "0", "now", "--subject", "institution:kcac"], 4, ["(--subject)"]),
        (["prove", "{forum}", "0", "--size", "0"], 2, ["(--size)"]),
        (["prove", "{forum}", "--since", "999"], 2, ["(--since)"]),
        (["show", "{forum}", "meeting:x", "--on", "2017-01-01"], 4, ["(SUBJECT)"]),
        (["conflicts", "{forum}", "--subject", "korea"], 2, ["does not name a subject"]),
        (["anomalies", "{forum}", "--format", "xml"], 2, ["'table', 'json', 'ndjson', 'csv'"]),
        (["show", "{forum}", "KR-KZ", "--published", "2016"], 2, ["--published", "a day like"]),
        (["show", "{forum}", "KR-KZ", "--recorded", "2999-01-01"], 2, ["--recorded", "beyond the log"]),
        (["show", "{forum}", "KR-KZ", "--on", "soon"], 2, ["--on", "soon"]),
        (["log", "{forum}", "--event", "meeting.hold"], 2, ["write 'meeting.held'"]),
        (["log", "{forum}", "--event", "opened"], 2, ["did you mean institution.opened?"]),
        (["log", "{forum}", "--event", "zzz"], 2, ["record --list"]),
        (["log", "{forum}", "--party", "Korea"], 2, ["(--party)", "a country code like KZ"]),
        (["show", "{forum}", "treaties"], 2, ["coop-ledger find FILE NAME"]),
        (["log", "{forum}", "--assertion", "PLANED"], 2, ["'planned'"]),
        (["log", "{forum}", "--follow", "--format", "json"], 2, ["--follow goes with"]),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_next_step(
    forum: Path, arguments: list[str], code: int, words: list[str]
) -> None:
    done = run(*(text.format(forum=forum) for text in arguments))
    assert (done.returncode, done.stdout) == (code, "")
    assert not [word for word in words if word not in done.stderr], done.stderr
    assert "Traceback" not in done.stderr


def test_the_same_axes_go_with_every_verb_that_asks(forum: Path) -> None:
    for verb, *others in (
        ["show", SECRETARIAT],
        ["why", SECRETARIAT, "names"],
        ["commitments"],
        ["conflicts"],
        ["log"],
    ):
        basis = asked(verb, str(forum), *others, "--published", "2016-11-18", "--on", "2016-11-20")["basis"]
        assert (basis["published"], basis["on"], basis["recorded"]) == ("2016-11-18", "2016-11-20", None)
    done = run("show", str(forum), SECRETARIAT, "--recorded", "2016-11-20")
    assert (done.returncode, done.stdout) == (4, "")  # nothing was recorded then


def test_question_2_what_was_known_on_a_day_and_what_we_know_now(forum: Path) -> None:
    early = asked("show", str(forum), SECRETARIAT, "--published", "2016-11-15")["items"][0]["state"]
    now = asked("show", str(forum), SECRETARIAT)["items"][0]["state"]
    assert (early["status"], now["status"]) == ("unrecorded", "proclaimed")


def test_the_log_is_filtered_by_all_that_is_given(forum: Path) -> None:
    def positions(*filters: str) -> set[int]:
        return {item["position"] for item in asked("log", str(forum), *filters)["items"]}

    whole = {item["position"]: item["says"] for item in asked("log", str(forum))["items"]}
    by_hand: dict[str, tuple[str, Callable[[Any], bool]]] = {
        "--event": ("meeting.held", lambda says: says["event"]["type"] == "meeting.held"),
        "--assertion": ("planned", lambda says: says["assertion"] == "PLANNED"),
        "--party": ("TM", lambda says: any(one["party"] == "TM" for one in says.get("parties", ()))),
        "--source": ("asia economy", lambda says: any(s["publisher"] == "Asia Economy" for s in says["sources"])),
    }
    for option, (value, holds) in by_hand.items():
        expected = {position for position, says in whole.items() if holds(says)}
        assert positions(option, value) == expected != set()
    options = [part for option, (value, _) in by_hand.items() for part in (option, value) if option != "--source"]
    every = {at for at, says in whole.items() if all(by_hand[name][1](says) for name in by_hand if name != "--source")}
    assert positions(*options) == every != set()
    about = positions("--subject", "Korea Foundation")
    assert about == {at for at, says in whole.items() if "korea-foundation" in json.dumps(says)}


def test_what_could_steer_a_terminal_or_a_spreadsheet_is_spelled_out(tmp_path: Path) -> None:
    name = "=HYPERLINK(1)\u202eevil\u200b 서울"
    file = ledger_of(tmp_path / "odd.db", occurred(ev.NameUsed("institution:odd", name), sources=Source("+cmd\u200b")))
    for form in FORMATS:
        for verb in (["show", file, "institution:odd"], ["log", file], ["find", file, "odd"]):
            done = run(*verb, "--format", form)
            assert done.returncode == 0, done.stderr
            assert not {"\u202e", "\u200b"} & set(done.stdout), (form, verb)
    state = asked("show", file, "institution:odd")["items"][0]["state"]
    assert state["names"] == [name]  # escaped in the text, whole in the data
    assert "서울" in run("show", file, "institution:odd", "--format", "json").stdout
    cells = [cell for row in csv.reader(io.StringIO(run("log", file, "--format", "csv").stdout)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "'+cmd\\u200b" in cells


def test_a_part_of_a_name_finds_who_goes_by_it(forum: Path, empty: str) -> None:
    def found(name: str) -> list[str]:
        return [item["subject"] for item in asked("find", str(forum), name)["items"]]

    assert found("kim") == ["person:p-k7s2"]
    assert found("KEMELOVA") == ["person:p-k1d0"]  # as the head of a delegation was written
    assert found("smart  water") == ["initiative:smart-water-training"]
    assert found("p-k7s2") == ["person:p-k7s2"]
    assert "nothing is recorded yet" in run("find", empty, "kim").stderr
    assert "there are country, initiative, institution" in run("find", str(forum), "zzz").stderr


def test_an_officer_is_shown_by_name(forum: Path, tmp_path: Path) -> None:
    assert "head, Kim Kwang-keun (person:p-k7s2): since 2016-11-15" in run("show", str(forum), SECRETARIAT).stdout
    taken = ev.OfficeTaken("office", "head", "p-x")
    file = ledger_of(tmp_path / "x.db", occurred(taken, when="2016", sources=Source("Korea.net")))
    assert "head, person:p-x: since 2016" in run("show", file, "institution:office").stdout


def test_what_is_overdue_is_asked_of_one_subject_too(forum: Path) -> None:
    late = asked("overdue", str(forum), "--on", "2019-12-31", "--subject", "Korea Foundation")["items"]
    assert late == []
    late = asked("overdue", str(forum), "--on", "2019-12-31", "--subject", SECRETARIAT)["items"]
    assert {(one["commitment"]["subject"], one["commitment"]["event"]) for one in late} == {
        (SECRETARIAT, "institution.opened"), (SECRETARIAT, "institution.host-designated"),
    }  # fmt: skip


def test_a_time_before_the_first_entry_leads_to_what_was_published_by_then(forum: Path) -> None:
    done = run("show", str(forum), SECRETARIAT, "--recorded", "2017-06-30")
    assert (done.returncode, done.stdout) == (4, "")
    assert "not recorded by 2017-06-30; --published asks" in done.stderr


def test_changes_stand_together_by_field_in_the_words_of_show(forum: Path) -> None:
    head, *rows = csv.reader(
        run("diff", str(forum), "--published", "2016-11-15", "now", "--subject", "meeting:kcac-forum/10", "--format",
            "csv").stdout.splitlines()
    )  # fmt: skip
    assert head == ["subject", "field", "before", "after", "entries"]
    told = {field: (before, after, entries) for _, field, before, after, entries in rows}
    assert len(told) == len(rows)
    assert told["place"] == ("–", "seoul", "12, 14")
    assert told["figures"][1] == "attendance: about 200 persons [disputed: about 150 persons], 2016-11-15"
    assert told["disputed"][2] == "13, 15"
    more = run(
        "diff", str(forum), "--published", "2016-11-16", "now", "--subject", SECRETARIAT, "--format", "csv"
    ).stdout
    assert 'proclaimed,done 2016-11-15,"the same, on other claims"' in more


def test_no_word_is_cut_where_the_words_of_a_table_fit(forum: Path) -> None:
    tight = run("why", str(forum), "initiative:medicine", "target", COLUMNS="80").stdout
    assert "initiative.started" in tight
    assert tight.count("Recorded") == 1  # a row, and no block
    assert max(map(len, tight.splitlines())) <= 80
    listed = run("record", "--list", COLUMNS="80").stdout
    assert "agreement.provisional-application-began" in listed
    assert max(map(len, listed.splitlines())) <= 80


def test_a_title_that_is_wider_than_its_table_stands_on_one_line(forum: Path) -> None:
    empty = run("show", str(forum), SECRETARIAT, "--published", "2016-11-15", COLUMNS="80").stdout
    assert empty.splitlines()[0] == SECRETARIAT
    assert max(map(len, run("show", str(forum), SECRETARIAT, COLUMNS="20").stdout.splitlines())) <= 20


def test_a_wide_table_stands_below_itself_where_it_does_not_fit(forum: Path) -> None:
    wide, narrow = (run("commitments", str(forum), COLUMNS=columns).stdout for columns in ("220", "60"))
    assert max(map(len, narrow.splitlines())) <= 60
    assert wide.count("Owed by") == 1
    assert narrow.count("Owed by") == len(asked("commitments", str(forum))["items"])
    assert "institution:kcac-secretariat" in narrow


def test_anomalies_and_conflicts_tell_codes_sides_and_rulings(tmp_path: Path) -> None:
    source = Source("Gazette", kind=SourceKind.PRIMARY)
    file = ledger_of(
        tmp_path / "odd.db",
        occurred(ev.InstitutionOpened("x"), when="2017-06-01", sources=source),
        denied(ev.InstitutionOpened("x"), sources=Source("Press", kind=SourceKind.PRESS)),
        occurred(ev.InitiativeClosed("y"), when="2017-01-01", sources=source),
        announced(ev.InitiativeStarted("y"), when="2018", stated="2017-05-01", sources=source),
    )
    (conflict,) = asked("conflicts", file)["items"]
    assert (conflict["field"], conflict["resolved"]) == ("happened", False)
    assert {claim["says"]["assertion"] for claim in conflict["claims"]} == {"OCCURRED", "DENIED"}
    assert asked("conflicts", file, "--subject", "initiative:y")["items"] == []
    found = asked("anomalies", file)["items"]
    table = run("anomalies", file).stdout
    assert found
    assert all(one["code"] in table and one["message"][:20] in table for one in found)


def test_follow_goes_on_with_what_is_recorded_until_it_is_interrupted(tmp_path: Path) -> None:
    first, second = (occurred(ev.InitiativeStarted(name), sources=Source("Gazette")) for name in ("one", "two"))
    file = ledger_of(tmp_path / "x.db", first)
    command = [sys.executable, "-W", "error", "-m", "coop_ledger", "log", file, "--follow"]
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=settings,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a test run in the background has it ignored
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert "initiative:one" in process.stdout.readline()
        ledger_of(Path(file), second)
        assert "initiative:two" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert (process.stdout.read(), process.stderr.read()) == ("", "\ninterrupted\n")


@pytest.mark.parametrize("form", FORMATS)
def test_where_no_entry_is_listed_a_sentence_says_so(forum: Path, form: str) -> None:
    done = run("log", str(forum), "--source", "Nobody", "--format", form)
    assert (done.returncode, done.stderr) == (0, "no entry\n")
