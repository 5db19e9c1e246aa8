"""Claims in a real editor: what is shown, what comes back, what is kept when it cannot serve."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings

from coop_ledger import Claim, Ledger, Source, When, announced, occurred
from coop_ledger import events as ev
from coop_ledger.cli.claim_texts import claim_of_text
from coop_ledger.cli.template import read_template, template_of
from coop_ledger.codec import wire_name
from coop_ledger.domain import EVENT_TYPES, ISO_COUNTRIES, safe, subjects_of
from coop_ledger.errors import ClaimFileError, FutureOccurrenceError, InvalidValueError
from coop_ledger.interchange import BadRow, read_typed, typed_claim
from coop_ledger.recording import check_body, last_day
from coop_ledger.testing import claims
from tests.cli.support import run
from tests.cli.terminal import typed

EVENT = "institution.opened"
FILLED = {"assertion": '"announced"', "institution": '"kcac-secretariat"', "when": "2017", "source": '"Korea.net"'}


@pytest.fixture
def begun(tmp_path: Path) -> str:
    with Ledger.open(tmp_path / "begun.db", origin="begun.example/1"):
        pass
    return str(tmp_path / "begun.db")


def editor(tmp_path: Path, fields: dict[str, str], name: str = "editor", code: int = 0) -> str:
    """A program that fills in fields of a text as a person does: it takes the # away, and types."""
    script = tmp_path / f"{name}.py"
    script.write_text(
        f"import re, sys\npath, fields = sys.argv[1], {fields!r}\ntext = open(path, encoding='utf-8').read()\n"
        "open(path + '.seen', 'w', encoding='utf-8').write(text)\n"
        "for name, value in fields.items():\n"
        "    text, count = re.subn(rf'(?m)^(# )?{name} = .*$', lambda _: f'{name} = {value}', text)\n"
        "    if not count: text += f'{name} = {value}\\n'\n"
        "if fields: open(path, 'w', encoding='utf-8').write(text)\n"
        f"sys.exit({code})\n"
    )
    return f"'{sys.executable}' '{script}'"


def claims_of(path: str) -> list[Claim]:
    with Ledger.open(path, readonly=True) as ledger:
        return [entry.body for entry in ledger.entries() if isinstance(entry.body, Claim)]


def texts_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("coop-ledger-*.toml"))


def test_a_claim_is_filled_in_and_nothing_of_it_is_left_lying_about(begun: str, tmp_path: Path) -> None:
    more = {"published": "2016-11-18", "parties": '["KR host", "KZ participant"]', "note": '"""\nif funds\nallow"""'}
    program = editor(tmp_path, {**FILLED, **more, "source_2": '"Yonhap"'})
    done = run(
        "record", begun, EVENT, "--edit", "--title", "It is said", EDITOR=program, VISUAL="", TMPDIR=str(tmp_path)
    )
    assert (done.returncode, done.stderr) == (0, "")
    source = Source("Korea.net", When("2016-11-18"), title="It is said")
    assert claims_of(begun) == [
        announced(
            ev.InstitutionOpened("kcac-secretariat"), when="2017", parties={"host": "KR", "participant": "KZ"},
            sources=[source, Source("Yonhap")], note="if funds\nallow",
        )
    ]  # fmt: skip
    assert texts_in(tmp_path) == []
    (seen,) = tmp_path.glob("*.seen")
    for words in (
        'event = "institution.opened"',
        'title = "It is said"',
        "# when = ",
        "one of PROPOSED, PLANNED",
        "Required",
    ):
        assert words in seen.read_text()
    assert seen.read_text().count("\n# parties = ") == 1


def test_the_editor_of_visual_goes_before_that_of_editor(begun: str, tmp_path: Path) -> None:
    program = editor(tmp_path, FILLED)
    assert run("record", begun, EVENT, "--edit", VISUAL=program, EDITOR="false").returncode == 0
    assert len(claims_of(begun)) == 1


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("", "no editor is named (EDITOR)"),
        ("no-such-editor --wait", "cannot be started; nothing was recorded (no-such-editor)"),
        ("'unclosed", "the name of the editor cannot be read"),
        ("false", "the editor failed; nothing was recorded (false)"),
        ("sh -c 'kill -9 $$'", "found signal 9"),
        ("true", "left as it was; nothing was recorded"),
        ("cp /dev/null", "emptied; nothing was recorded"),
        ("rm", "emptied; nothing was recorded"),
        ("sed -i s/^[^#].*//", "emptied; nothing was recorded"),
    ],
)
def test_an_editor_that_fails_or_writes_nothing_records_nothing(
    begun: str, tmp_path: Path, program: str, words: str
) -> None:
    done = run("record", begun, EVENT, "--edit", EDITOR=program, VISUAL="", TMPDIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "kept" not in done.stderr
    assert claims_of(begun) == []
    assert texts_in(tmp_path) == []


def test_what_was_typed_is_kept_where_it_cannot_serve_and_can_be_taken_up_again(begun: str, tmp_path: Path) -> None:
    faulty = editor(tmp_path, {**FILLED, "when": '"2017-H2"', "instituton": '"x"'}, "faulty")
    done = run("record", begun, EVENT, "--edit", EDITOR=faulty, VISUAL="", TMPDIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.search(r"there is no such column \(line \d+, instituton\)", done.stderr)
    (kept,) = texts_in(tmp_path)
    assert f"What you wrote is kept in {kept}" in done.stderr
    assert f"coop-ledger record {begun} --edit --from {kept}" in done.stderr
    kept.write_text(kept.read_text().replace('instituton = "x"\n', ""))
    again = run("record", begun, "--from", str(kept))
    assert again.returncode == 2
    assert re.search(r"\(line \d+, when\)\n.*\n  write 2017-41", again.stderr)
    mended = editor(tmp_path, {"when": '"2017-41"'}, "mended")
    done = run("record", begun, "--edit", "--from", str(kept), EDITOR=mended, VISUAL="", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert [str(claim.when) for claim in claims_of(begun)] == ["2017-41"]


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({**FILLED, "when": "soon"}, 0, "the text cannot be read"),
        ({**FILLED, "when": "{ year = 2017 }"}, 0, "this value cannot be read (when)"),
        ({**FILLED, "institution": '"a b"'}, 3, "exit code 3"),
        ({**FILLED, "event": '"institution.closed"'}, 0, "no such event"),
    ],
)  # fmt: skip
def test_no_typing_is_lost(begun: str, tmp_path: Path, fields: dict[str, str], code: int, words: str) -> None:
    program = editor(tmp_path, fields, code=code)
    done = run("record", begun, EVENT, "--edit", EDITOR=program, VISUAL="", TMPDIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    (kept,) = texts_in(tmp_path)
    assert str(kept) in done.stderr
    assert claims_of(begun) == []


def test_no_typing_is_lost_where_the_name_of_the_ledger_holds_braces(begun: str, tmp_path: Path) -> None:
    named = Path(begun).rename(tmp_path / "be{gun}.db")
    program = editor(tmp_path, FILLED, code=3)
    done = run("record", str(named), EVENT, "--edit", EDITOR=program, VISUAL="", TMPDIR=str(tmp_path))
    (kept,) = texts_in(tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert f"coop-ledger record '{named}' --edit --from {kept}" in done.stderr


def test_a_text_that_the_store_refuses_is_kept_too(begun: str, tmp_path: Path) -> None:
    program = editor(tmp_path, FILLED)
    assert run("record", begun, EVENT, "--edit", "--once", "k", EDITOR=program, VISUAL="").returncode == 0
    other = editor(tmp_path, {**FILLED, "when": "2018"})
    done = run("record", begun, EVENT, "--edit", "--once", "k", EDITOR=other, VISUAL="", TMPDIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (3, "")
    assert "kept" in done.stderr
    assert len(texts_in(tmp_path)) == 1


def test_a_text_in_another_encoding_is_refused_and_kept(begun: str, tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'note = "\xe9"')
    done = run("record", begun, "--from", str(path))
    assert (done.returncode, "cannot be read (--from)" in done.stderr) == (2, True)
    written = run("record", begun, EVENT, "--edit", EDITOR=f"cp '{path}'", VISUAL="", TMPDIR=str(tmp_path))
    assert (written.returncode, "save it as UTF-8" in written.stderr, "kept" in written.stderr) == (2, True, True)


def test_at_a_terminal_a_faulty_text_can_be_edited_again(begun: str, tmp_path: Path) -> None:
    script = tmp_path / "twice.py"
    script.write_text(
        "import sys, pathlib\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n"
        'first = "2017-H2" not in text\n'
        "for name, value in (('assertion', 'planned'), ('source', 'K'), ('institution', 'x')):\n"
        "    text = text.replace(f'\\n{name} = \"\"', f'\\n{name} = \"{value}\"')\n"
        "text = text.replace('# when = \"\"', 'when = \"2017-H2\"') if first else text.replace('2017-H2', '2017-41')\n"
        "path.write_text(text)\n"
    )
    program = {"EDITOR": f"'{sys.executable}' '{script}'", "VISUAL": "", "TMPDIR": str(tmp_path)}
    done = typed(["record", begun, EVENT, "--edit"], [("Edit it again?", "y\n")], **program)
    assert done.returncode == 0, done.screen
    assert "write 2017-41" in done.screen
    assert [str(claim.when) for claim in claims_of(begun)] == ["2017-41"]
    assert texts_in(tmp_path) == []
    stopped = typed(["record", begun, EVENT, "--edit"], [("Edit it again?", "n\n")], **program)
    assert (stopped.returncode, len(texts_in(tmp_path)), len(claims_of(begun))) == (2, 1, 1)
    broken = typed(["record", begun, EVENT, "--edit"], [("Edit it again?", "\x03")], **program)
    assert (broken.returncode, len(texts_in(tmp_path)), len(claims_of(begun))) == (130, 2, 1)


ENDS_WITH_LINES = occurred(ev.InitiativeStarted("x"), sources=Source("KBS", title="one\\\n\n"), note="a\nb\n\n")
"""Texts that end with blank lines: in a text as it stands, and in one that needs an escape."""


def lies_ahead(claim: Claim) -> bool:
    """Whether it says of a day to come that something happened: drawn dates reach to 9999."""
    try:
        check_body(claim, subjects_of(claim), 0, limit=last_day(datetime.now(UTC)), countries=ISO_COUNTRIES)
    except FutureOccurrenceError:
        return True
    return False


@settings(max_examples=60, deadline=None)
@given(claims())
@example(ENDS_WITH_LINES)
def test_every_claim_comes_back_from_its_text(claim: Claim) -> None:
    assume(not lies_ahead(claim))  # it is refused, wherever it comes from
    found = typed_claim(claim)
    text = template_of(found.texts["event"], found.texts, found.erased)
    assert read_template(text) == found.texts
    assert safe(text) == text
    assert found.erased or claim_of_text(text) == claim


@pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda event: event.__name__)
def test_each_event_has_a_text_that_explains_each_field_and_says_nothing(event: type) -> None:
    name = wire_name(event)
    text = template_of(name, {})
    assert read_template(text) == {"event": name}
    assert max(map(len, text.splitlines())) <= 88
    for line, after in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        if re.match(r"(# )?[a-z_]+ = ", after):
            assert line.startswith("# ")


@pytest.mark.parametrize(
    "text", ["a = 2016-11-15T10:00:00Z", "a = [1]", "a = ", "a = 1\na = 2", "a = [[" * 2000, "a = " + "9" * 5000]
)
def test_what_is_no_text_of_a_claim_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        read_template(text)


@pytest.mark.parametrize("note", ["a\u202eb", "a\n\u2066b\n", "\U000e0041 \U0001f600", "a\x7f\x85", 'say """\u200f'])
def test_no_text_can_steer_what_an_editor_shows(note: str) -> None:
    text = template_of("meeting.held", {"note": note})
    assert safe(text) == text
    assert read_template(text)["note"] == note


@pytest.mark.parametrize("name", ["a\nb", 'a\n"b', "a\r\nb", "a\u2028b", "a,b", '"'])
def test_a_name_that_is_no_column_is_told_whatever_it_holds(name: str) -> None:
    texts = {"event": "meeting.held", "assertion": "occurred", "meeting": "a/1", "source": "X", name: "x"}
    with pytest.raises(ClaimFileError) as told:
        read_typed(texts)
    assert len(told.value.problems) == 1


@pytest.mark.parametrize("note", ["\ud800\nb", "\udcff\n\n\n", "a\0\nb", "a\rb", "a\r", "\r\n", "x" * 2_000_000])
def test_a_text_that_no_claim_can_hold_is_one_fault(note: str) -> None:
    row = read_typed({"event": "meeting.held", "assertion": "occurred", "meeting": "a/1", "source": "X", "note": note})
    assert isinstance(row, BadRow)
    assert len(row.problems) == 1


@pytest.mark.parametrize("texts", [{"event": 1}, {1: "x"}, {"note": None}])
def test_what_is_no_text_is_refused(texts: Any) -> None:
    with pytest.raises(InvalidValueError):
        read_typed(texts)
