"""The verbs that put right, through real processes: what each does, says, refuses; nothing deletes."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import REDACTED, Claim, Correction, Ledger, Redaction, Source, When, announced, occurred
from coop_ledger import events as ev
from tests.cli.support import asked, run
from tests.cli.terminal import typed

SECRETARIAT = "institution:kcac-secretariat"
TRAINING, SEMINAR = "initiative:water-training", "initiative:water-seminar"
GAZETTE, HERALD = Source("Made-up Gazette", When("2018-02-02")), Source("Made-up Herald", When("2018-02-03"))


def attendance(number: int, source: Source) -> Claim:
    figure = ev.FigureReported("meeting:kcac-forum/10", "attendance", Decimal(number), "persons")
    return occurred(figure, when="2016-11-15", sources=source)


CLAIMS = (
    occurred(ev.InstitutionOpened("kcac-secretariat"), when="2018-01-02", sources=GAZETTE),  # 0
    occurred(ev.InstitutionOpened("kcac-secretariat"), when="2018-01", sources=GAZETTE),  # 1
    announced(ev.InitiativeStarted("water-training"), when="2018", sources=GAZETTE),  # 2
    occurred(ev.InitiativeStarted("water-seminar"), when="2018-02-01", sources=HERALD),  # 3
    attendance(150, GAZETTE),  # 4
    attendance(200, HERALD),  # 5
    occurred(ev.PersonNamed("p-0001", "Marat Made-up"), when="2018", sources=HERALD, note="He was ill."),  # 6
    occurred(ev.PersonNamed("p-0001", "Marat Made-up"), when="2019", sources=GAZETTE),  # 7
)
SIZE = len(CLAIMS)


@pytest.fixture
def made_up(tmp_path: Path) -> str:
    with Ledger.open(tmp_path / "made-up.db", origin="made-up.example/1", recorder="t") as ledger:
        ledger.record(*CLAIMS)
    return str(tmp_path / "made-up.db")


def looked_at(path: str, look: Callable[[Any], Any]) -> Any:
    with Ledger.open(path, readonly=True) as ledger:
        return look(ledger)


def opened_on(path: str) -> str:
    return str(looked_at(path, lambda ledger: str(ledger.institution("kcac-secretariat").opened.dating)))


def receipt_of(*arguments: str) -> dict[str, Any]:
    found = asked(*arguments)
    assert found["kind"] == "receipt"
    (item,) = found["items"]
    return dict(item)


def erased_name(ledger: Ledger) -> object:
    body = ledger.entry(6).body
    assert isinstance(body, Claim)
    assert isinstance(body.event, ev.PersonNamed)
    return body.event.name


ACTS: list[tuple[list[str], str, str, tuple[str, str]]] = [
    (
        ["correct", "0", "--set", "when=2018-02-01", "--reason", "swapped"], "act.correction", "2018-02-01",
        (SECRETARIAT, "opened.when"),
    ),
    (["retract", "0", "--reason", "wrong"], "act.retraction", "2018-01", (SECRETARIAT, "opened.when")),
    (["duplicate", "3", "--of", "2"], "act.duplicate", "unrecorded", ("initiative:water-seminar", "status")),
    (
        ["merge", "initiative:water-training", "initiative:water-seminar", "--reason", "one course"], "act.merge",
        "implementation", ("initiative:water-training", "status"),
    ),
    (
        ["resolve", "4", "5", "--choose", "5", "--rationale", "seats"], "act.resolution", "200",
        ("meeting:kcac-forum/10", "figures.attendance"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "kind", "words", "change"), ACTS, ids=[row[0][0] for row in ACTS])
def test_an_act_is_recorded_and_says_what_reads_otherwise_now(
    made_up: str, arguments: list[str], kind: str, words: str, change: tuple[str, str]
) -> None:
    verb, *others = arguments
    done = run(verb, made_up, *others, "--once", "k", "--recorder", "desk-4")
    assert done.returncode == 0, done.stderr
    assert kind in done.stdout
    assert "What reads otherwise now" in done.stdout
    assert words in done.stdout
    again = run(verb, made_up, *others, "--once", "k")
    assert again.returncode == 0, again.stderr
    assert "nothing was added" in again.stderr
    entry = looked_at(made_up, lambda ledger: ledger.entry(SIZE))
    assert (entry.recorder, looked_at(made_up, lambda ledger: ledger.size)) == ("desk-4", SIZE + 1)


@pytest.mark.parametrize(("arguments", "kind", "words", "change"), ACTS, ids=[row[0][0] for row in ACTS])
def test_a_program_gets_the_same_as_json(
    made_up: str, arguments: list[str], kind: str, words: str, change: tuple[str, str]
) -> None:
    verb, *others = arguments
    item = receipt_of(verb, made_up, *others)
    (entry,) = item["entries"]
    assert (entry["type"], entry["position"], item["size"], item["recorded"]) == (kind, SIZE, SIZE + 1, True)
    subject, field = change
    assert [one for one in item["changes"] if one["subject"] == subject and one["field"].startswith(field)]


def test_the_log_tells_which_entries_an_act_touches(made_up: str) -> None:
    for arguments in (
        ["correct", "0", "--set", "when=2018-02-01", "--reason", "swapped"],
        ["retract", "8", "--reason", "wrong"],
        ["duplicate", "3", "--of", "2"],
        ["merge", "initiative:water-training", "initiative:water-seminar", "--reason", "one course"],
    ):
        assert run(arguments[0], made_up, *arguments[1:]).returncode == 0
    lines = run("log", made_up, "--format", "csv").stdout.splitlines()[9:]
    assert [line.split(",", 3)[3] for line in lines] == [
        "institution:kcac-secretariat (entry 0),,", "entry 8,,", '"entries 3, 2",,',
        "initiative:water-seminar into initiative:water-training,,",
    ]  # fmt: skip


def test_an_act_that_changes_no_field_says_so(made_up: str) -> None:
    done = run("resolve", made_up, "0", "1", "--open", "--reason", "who knows")  # as others call it
    assert done.returncode == 0
    assert "No field of a subject reads otherwise." in done.stderr


REFUSED = [
    (["correct", "0", "--set", "when=2017-H2", "--reason", "x"], 2, ["(--set when)", "write 2017-41"]),
    (["correct", "0", "--set", "when", "--reason", "x"], 2, ["(--set)", "FIELD=TEXT"]),
    (["correct", "0", "--set", "wen=2018", "--reason", "x"], 2, ["(--set wen)", "record --help institution.opened"]),
    (["correct", "0", "--set", "when=2018-01-02", "--reason", "x"], 2, ["reads already; nothing was recorded (ENTRY)"]),
    (["correct", "0", "--set", "source=", "--reason", "x"], 2, ["(--set source)"]),
    (["correct", "0", "--set", "when=2018"], 2, ["Missing option '--reason'"]),
    (["correct", "0", "--set", "when=2018", "--reason", " "], 2, ["(--reason)"]),
    (["correct", "0", "--set", "when=2018", "--from", "x", "--reason", "x"], 2, ["Give one of --set and --from"]),
    (["correct", "0", "--from", "gone.csv", "--reason", "x"], 2, ["no such file"]),
    (["correct", "0", "--set", "when=2018", "--reason", "x", "--url", "x:y"], 2, ["--source, which is missing"]),
    (["retract", "0", "--reason", "wrong", "--source", "G", "--published", "soon"], 2, ["(--published)"]),
    (["retract", "0", "--reason", "wrong", "--source", "G", "--url", "x y"], 2, ["(--url)"]),
    (["correct", "99", "--set", "when=2018", "--reason", "x"], 4, ["(ENTRY)", "8 entries, from 0"]),
    (["correct", "0"], 2, ["Missing option '--reason'"]),
    (["retract", "0"], 2, ["--reason", "wrong", "source-withdrawn", "legal"]),
    (["retract", "0", "--reason", "bad"], 2, ["'bad'", "'wrong', 'source-withdrawn', 'legal'"]),
    (["retract", "0", "--reason", "wrong", "--note", " "], 2, ["(--note)"]),
    (["retract", "nine", "--reason", "wrong"], 2, ["(ENTRY)", "a position like 12"]),
    (["retract", "0123abcd", "--reason", "wrong"], 4, ["(ENTRY)", "no entry has this id"]),
    (["retract", "01", "--reason", "wrong"], 2, ["(ENTRY)", "several ids begin so"]),
    (["duplicate", "1", "--of", "1"], 2, ["its own duplicate (--of)"]),
    (["duplicate", "1"], 2, ["--of"]),
    (["duplicate", "1", "--of", "99"], 4, ["(--of)"]),
    (["merge", TRAINING, "initiative:water-semnar", "--reason", "x"], 4, ["(SUBJECT)", "water-seminar"]),
    (["merge", "initiative:water-trainng", SEMINAR, "--reason", "x"], 4, ["(INTO)", "water-training"]),
    (["merge", TRAINING, "zzz", "--reason", "x"], 2, ["(SUBJECT)"]),
    (["merge", SECRETARIAT, SEMINAR, "--reason", "x"], 2, ["one kind"]),
    (["merge", TRAINING, SEMINAR], 2, ["--reason"]),
    (["resolve", "4", "5", "--rationale", "x"], 2, ["one of --choose and --open"]),
    (["resolve", "4", "5", "--open", "--choose", "4", "--rationale", "x"], 2, ["one of --choose and --open"]),
    (["resolve", "4", "5", "--choose", "3", "--rationale", "x"], 2, ["none of the claims (--choose)"]),
    (["resolve", "4", "--open", "--rationale", "x"], 2, ["(ENTRY)", "at least two"]),
    (["resolve", "4", "5", "--open"], 2, ["--rationale"]),
    (["redact", "6", "name", "--ground", "G", "--by", "d"], 2, ["For good", "What stays", "--yes"]),
    (["redact", "6", "person", "--ground", "G", "--by", "d", "--yes"], 2, ["(FIELD)", "event/name, note"]),
    (["redact", "0", "all", "--ground", "G", "--by", "d", "--yes"], 2, ["(FIELD)", "an entry with sealed texts"]),
    (["redact", "6", "name", "--ground", " ", "--by", "d", "--yes"], 2, ["(--ground)"]),
    (["redact", "6", "name", "--ground", "G", "--by", " ", "--yes"], 2, ["(--by)"]),
    (["redact", "6", "name", "--by", "d", "--yes"], 2, ["--ground"]),
    (["redact", "6", "--ground", "G", "--by", "d", "--yes"], 2, ["FIELD"]),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "words"), REFUSED, ids=[" ".join(row[0])[:60] for row in REFUSED])
def test_what_is_refused_names_the_argument_and_records_nothing(
    made_up: str, arguments: list[str], code: int, words: list[str]
) -> None:
    verb, *others = arguments
    done = run(verb, made_up, *others)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert not [one for one in words if one not in done.stderr], done.stderr
    assert "Traceback" not in done.stderr
    assert looked_at(made_up, lambda ledger: ledger.size) == SIZE


def test_to_take_back_a_correction_restores_what_it_corrected(made_up: str) -> None:
    receipt_of("correct", made_up, "0", "--set", "when=2018-02-01", "--reason", "a", "--source", "Made-up Gazette")
    correction = looked_at(made_up, lambda ledger: ledger.entry(SIZE).body)
    assert (correction.sources, opened_on(made_up)) == ((Source("Made-up Gazette"),), "2018-02-01")
    # what is corrected again is the claim as it reads by now; a cell that is empty leaves the field out
    receipt_of("correct", made_up, "0", "--set", "country=KR", "--set", "note=Seoul", "--reason", "b")
    second = looked_at(made_up, lambda ledger: ledger.entry(SIZE + 1).body.claim)
    assert (str(second.when), second.where.country, second.note) == ("2018-02-01", "KR", "Seoul")
    receipt_of("retract", made_up, str(SIZE + 1), "--reason", "wrong", "--note", "no")
    receipt_of("correct", made_up, str(SIZE), "--set", "when=2018-03", "--reason", "c")
    assert opened_on(made_up) == "2018-03"
    for position in (SIZE + 3, SIZE):
        receipt_of("retract", made_up, str(position), "--reason", "wrong")
    assert opened_on(made_up) == "2018-01-02"
    done = run("correct", made_up, str(SIZE + 2), "--set", "when=2018", "--reason", "x")
    assert (done.returncode, "only a claim, or a correction" in done.stderr) == (2, True)


def test_a_correction_begins_with_the_claim_as_it_stands_also_where_a_retraction_was_taken_back(made_up: str) -> None:
    receipt_of("correct", made_up, "0", "--set", "when=2018-02-01", "--reason", "swapped")
    for target in (SIZE, SIZE + 1):  # the correction, and what took it back
        receipt_of("retract", made_up, str(target), "--reason", "wrong")
    receipt_of("correct", made_up, "0", "--set", "note=As the statute says.", "--reason", "more of it")
    body = looked_at(made_up, lambda ledger: ledger.entry(SIZE + 3).body)
    assert (str(body.claim.when), body.claim.note) == ("2018-02-01", "As the statute says.")


def test_a_correction_is_taken_from_a_file_of_one_claim_or_from_an_editor(made_up: str, tmp_path: Path) -> None:
    head, row = "assertion,event,institution,when,source\n", "occurred,institution.opened,kcac-secretariat,2018-0{},G\n"

    def corrected() -> str:
        return str(looked_at(made_up, lambda ledger: ledger.entry(ledger.size - 1).body.claim.when))

    path = tmp_path / "one.csv"
    path.write_text(head + row.format(5))
    receipt_of("correct", made_up, "0", "--from", str(path), "--reason", "read again")
    assert corrected() == "2018-05"
    two = head + row.format(6) + row.format(7)
    done = run("correct", made_up, "0", "--from", "-", "--reason", "x", stdin=two)
    assert (done.returncode, "a file of one claim" in done.stderr) == (2, True)
    done = run("correct", made_up, "0", "--reason", "typed", EDITOR="sed -i s/2018-05/2018-08/", VISUAL="")
    assert (done.returncode, corrected()) == (0, "2018-08")
    left = run("correct", made_up, "0", "--reason", "typed", EDITOR="true", VISUAL="")
    assert (left.returncode, "left as it was" in left.stderr) == (2, True)
    bad = run(
        "correct", made_up, "0", "--reason", "x", EDITOR="sed -i s/2018-08/2018-H2/", VISUAL="", TMPDIR=str(tmp_path)
    )
    (kept,) = tmp_path.glob("coop-ledger-*.toml")
    assert f"coop-ledger correct {made_up} 0 --edit --from {kept}" in bad.stderr
    kept.write_text(kept.read_text().replace("2018-H2", "2018-09"))
    done = run("correct", made_up, "0", "--reason", "x", "--edit", "--from", str(kept), EDITOR="true", VISUAL="")
    assert (done.returncode, corrected()) == (0, "2018-09")
    receipt_of("correct", made_up, "0", "--from", str(kept), "--reason", "x", "--once", "again")
    seen = run("correct", made_up, "0", "--reason", "x", "--edit", "--set", "when=2018-10", EDITOR="true", VISUAL="")
    assert (seen.returncode, corrected()) == (0, "2018-10")


def test_the_ledger_of_the_environment_is_meant_where_the_first_word_is_an_entry_or_a_subject(made_up: str) -> None:
    first = looked_at(made_up, lambda ledger: ledger.entry(4).id)
    for arguments in (
        ["resolve", first, "5", "--choose", first, "--rationale", "x"],
        ["merge", "initiative:water-training", "initiative:water-seminar", "--reason", "x"],
        ["redact", "6", "note", "event.name", "--ground", "G", "--by", "d", "--yes"],
        ["retract", "0", "--reason", "wrong"],
    ):
        done = run(*arguments, COOP_LEDGER=made_up)
        assert done.returncode == 0, done.stderr
    done = run("resolve", "nowhere.db", "4", "5", "--open", "--rationale", "x", COOP_LEDGER=made_up)
    assert (done.returncode, "nowhere.db" in done.stderr) == (4, True)
    assert looked_at(made_up, lambda ledger: ledger.size) == SIZE + 4


def test_subjects_are_merged_into_a_new_id_only_where_that_is_said(made_up: str) -> None:
    both = ["initiative:water-training", "initiative:water-seminar", "--reason", "one course"]
    assert run("merge", made_up, "initiative:water", *both).returncode == 4
    receipt_of("merge", made_up, "initiative:water", *both, "--new")
    assert looked_at(made_up, lambda ledger: ledger.initiative("water-seminar").subject) == "initiative:water"


def test_words_are_erased_for_good_and_their_copies_are_named(made_up: str) -> None:
    done = run("redact", made_up, "6", "name", "--ground", "GDPR article 17", "--by", "desk-4", "--yes")
    assert done.returncode == 0, done.stderr
    assert "act.redaction" in done.stdout
    assert "read redacted in every view" in done.stderr
    assert "at 7." in done.stderr
    assert "reads otherwise" not in done.stderr
    name, note = looked_at(made_up, lambda ledger: (erased_name(ledger), ledger.entry(6).body.note))
    assert (name, note) == (REDACTED, "He was ill.")
    done = run(
        "redact", made_up, "7", "all", "--ground", "GDPR article 17", "--by", "desk-4", "--yes", "--format", "json"
    )
    assert json.loads(done.stdout)["items"][0]["leftovers"] == []
    assert b"Marat" not in Path(made_up).read_bytes()
    corrected = run("correct", made_up, "6", "--set", "when=2017", "--reason", "x")
    assert "What was erased cannot be recorded again, and is left out: name." in corrected.stderr
    assert (corrected.returncode, "(--set name)" in corrected.stderr) == (2, True)
    body = looked_at(made_up, lambda ledger: ledger.entry(SIZE).body)
    assert body == Redaction(
        looked_at(made_up, lambda ledger: ledger.entry(6).id), ("/event/name",), "GDPR article 17", "desk-4"
    )


def test_at_a_terminal_what_is_missing_is_asked_for_and_erasing_needs_a_yes(made_up: str) -> None:
    asked_for = typed(["correct", made_up, "0", "--set", "when=2018-02"], [("Reason:", "swapped\n")])
    assert asked_for.returncode == 0, asked_for.screen
    body = looked_at(made_up, lambda ledger: ledger.entry(SIZE).body)
    assert isinstance(body, Correction)
    assert body.reason == "swapped"
    arguments = ["redact", made_up, "6", "name", "--ground", "G", "--by", "d"]
    for answer, code in (("n\n", 2), ("\n", 2), ("\x03", 130)):
        declined = typed(arguments, [("Erase them?", answer)])
        assert declined.returncode == code
        assert "For good" in declined.screen
        assert looked_at(made_up, lambda ledger: ledger.size) == SIZE + 1
    assert typed(arguments, [("Erase them?", "y\n")]).returncode == 0
    assert looked_at(made_up, erased_name) is REDACTED


def test_more_changes_than_a_screen_holds_are_counted(tmp_path: Path) -> None:
    path = str(tmp_path / "many.db")
    steps = (ev.InitiativeAdopted, ev.InitiativeStarted, ev.InitiativeDelivered, ev.InitiativeClosed)
    names = ("one", "two", "three", "four", "five", "six")
    with Ledger.open(path, origin="many.example/1") as ledger:
        for at, name in enumerate(names):
            ledger.record(*(announced(step(name), when=str(2017 + at), sources=GAZETTE) for step in steps))
            ledger.record(*(occurred(step(name), when=str(2018 + at), sources=HERALD) for step in steps))
    others = [f"initiative:{name}" for name in names[1:]]
    done = run("merge", path, "initiative:one", *others, "--reason", "one")
    assert done.returncode == 0, done.stderr
    assert f"more fields read otherwise: coop-ledger diff {path} --size 48 49" in done.stderr
    assert len(json.loads(run("retract", path, "48", "--reason", "wrong", "--format", "ndjson").stdout)["changes"]) > 12
