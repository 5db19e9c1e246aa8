"""T19 two notes of one size; T39 unknown key; T41 name and ID; T42 bad line; T44 cosignatures; T45 quorum; T47 age."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Report, Verdict, verify
from coop_ledger.errors import InvalidValueError
from coop_ledger.log import (
    COSIGNATURE,
    ML_DSA_44,
    Checkpoint,
    Limits,
    Note,
    VerifierKey,
    format_note,
    format_vkey,
    join_cosignature,
    parse_note,
    parse_policy,
    split_cosignature,
)
from coop_ledger.signing import SigningKey
from tests.attacks.signed import (
    DAY,
    LOG,
    NOON,
    NOW,
    WITNESSES,
    cosigned,
    grow,
    note_of,
    policy,
    policy_text,
    respelled,
    signed,
)
from tests.attacks.tools import ORIGIN, attacked, convicted, copy_of, honest, rewrite, root_of_file, settle


def test_what_witnesses_saw(ledger: Path, tmp_path: Path) -> None:
    note = note_of(ledger, "one", "three")
    text = policy_text()
    file = tmp_path / "policy"
    file.write_text(text)
    for given in (policy(), text, text.encode(), file, str(file)):
        report = convicted(ledger, verdict=Verdict.WITNESSED, policy=given, checkpoint=note, now=NOW)
    assert report.exit_code == 0
    words = report.as_text()
    assert words.startswith("WITNESSED 2/3: ")
    assert "one at 2016-11-20T09:00:00Z, three at" in words
    plain = report.as_plain()["signed"]
    assert (plain["log"], plain["of"], plain["quorum"]) == (format_vkey(LOG.vkey), 3, True)
    assert plain["witnesses"] == [
        {"name": name, "key": format_vkey(WITNESSES[name].vkey), "timestamp": NOON} for name in ("one", "three")
    ]
    assert Report.from_json(report.as_json()) == report
    convicted(ledger, verdict=Verdict.WITNESSED, policy=text, checkpoint=[signed_only(ledger), note], now=NOW)


def signed_only(path: Path) -> bytes:
    return note_of(path)


def test_without_a_quorum_the_log_and_the_caller_are_the_anchor(ledger: Path) -> None:
    rules = policy(quorum="none")
    convicted(ledger, verdict=Verdict.ANCHORED, policy=rules, checkpoint=note_of(ledger), now=NOW)
    unsigned = root_of_file(ledger)
    report = convicted(ledger, verdict=Verdict.SELF_CONSISTENT, policy=rules, checkpoint=unsigned, now=NOW)
    assert any("does not count" in line for line in report.notes)


def test_the_policy_of_an_empty_ledger(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    Ledger.open(empty, origin=ORIGIN).close()
    note = note_of(empty, "one", "two")
    convicted(empty, verdict=Verdict.SELF_CONSISTENT, policy=policy(), checkpoint=note, now=NOW)


def test_t02_rewritten_with_all_hashes_against_a_signed_checkpoint(ledger: Path, tmp_path: Path) -> None:
    note = note_of(ledger, "one", "two")
    with attacked(ledger) as db:
        rewrite(db, 3, lambda leaf: leaf.update(recorder="other"))
        settle(db)
    folder = tmp_path / "evidence"
    report = convicted(
        ledger, "T04", verdict=Verdict.DIVERGED, policy=policy(), checkpoint=note, evidence=folder, now=NOW
    )
    (file,) = folder.iterdir()
    assert report.evidence == str(file)
    kept = json.loads(file.read_text())
    assert kept["checkpoints"] == [note.decode()]
    assert kept["ledger"].split("\n")[:2] == [ORIGIN, "12"]
    assert kept["report"]["findings"][0]["code"] == "T04"
    verify(ledger, policy=policy(), checkpoint=note, evidence=folder, now=NOW)
    assert list(folder.iterdir()) == [file]
    (tmp_path / "file").touch()
    with pytest.raises(InvalidValueError):
        verify(ledger, evidence=tmp_path / "file")


@pytest.mark.parametrize("cut", [False, True])
def test_t18_two_histories_signed_with_one_key(ledger: Path, tmp_path: Path, cut: bool) -> None:
    twin = copy_of(ledger, tmp_path / "twin.db")
    for path, numbers in ((ledger, (60,)), (twin, (61, 62) if cut else (61,))):
        grow(path, *numbers)
    notes = [note_of(ledger, "one", "two"), note_of(twin, "one", "two")]
    expected = {"T08"} if cut else {"T04", "T19"}
    folder = tmp_path / "evidence"
    convicted(ledger, *expected, verdict=Verdict.DIVERGED, policy=policy(), checkpoint=notes, evidence=folder, now=NOW)
    assert len(list(folder.iterdir())) == 1


def test_t19_two_signed_notes_of_one_size(ledger: Path) -> None:
    first = note_of(ledger, "one", "two")
    other = signed(Checkpoint(ORIGIN, 12, bytes(32)))
    report = convicted(
        ledger, "T19", "T04", verdict=Verdict.DIVERGED, policy=policy(), checkpoint=[first, other], now=NOW
    )
    assert report.exit_code == 30
    forged = signed(Checkpoint(ORIGIN, 12, bytes(32)), SigningKey.generate(ORIGIN))
    convicted(ledger, "T41", policy=policy(), checkpoint=[first, forged], now=NOW)  # no evidence against the log


def test_two_checkpoints_of_one_size_of_two_ledgers_are_no_two_histories(ledger: Path) -> None:
    size, root = root_of_file(ledger)[1:]
    for other in (("other.example/1", size, bytes(32)), signed(Checkpoint("other.example/1", size, bytes(32)))):
        convicted(ledger, "T33", verdict=Verdict.DIVERGED, checkpoint=[(ORIGIN, size, root), other], now=NOW)


def test_t39_an_unknown_key(ledger: Path) -> None:
    stranger = SigningKey.generate("stranger.example/1")
    note = signed(Checkpoint(*root_of_file(ledger)), stranger)
    report = convicted(ledger, "T39", verdict=Verdict.UNDECIDED, policy=policy(), checkpoint=note, now=NOW)
    assert "your policy does not know its log" in report.as_text()


def test_t41_names_and_ids_that_do_not_fit(ledger: Path) -> None:
    note = note_of(ledger)
    other_id = signed(Checkpoint(*root_of_file(ledger)), SigningKey.generate(ORIGIN))
    other_name = respelled(note, 0, name="other.example/1")
    stolen_id = respelled(other_id, 0, key_id=LOG.vkey.key_id)
    report = convicted(ledger, "T41", policy=policy(), checkpoint=other_id, now=NOW)
    assert report.findings[0].expected == f"one of {ORIGIN}+{LOG.vkey.key_id.hex()}"
    assert report.findings[0].found not in (None, report.findings[0].expected)
    convicted(ledger, "T41", policy=policy(), checkpoint=other_name, now=NOW)
    convicted(ledger, "T42", policy=policy(), checkpoint=stolen_id, now=NOW)


def test_t42_a_spoiled_line_beside_good_ones(ledger: Path) -> None:
    note = note_of(ledger, "one", "two")
    line = parse_note(note).signatures[0]
    spoiled = line.blob[:-1] + bytes([line.blob[-1] ^ 1])
    convicted(ledger, "T42", policy=policy(), checkpoint=respelled(note, 0, blob=spoiled), now=NOW)
    both = parse_note(note)
    beside = format_note(Note(both.text, (*both.signatures, line._replace(blob=spoiled))))
    convicted(ledger, "T42", policy=policy(), checkpoint=beside, now=NOW)
    changed = note.replace(b"\n12\n", b"\n11\n")
    text = convicted(ledger, "T42", policy=policy(), checkpoint=changed, now=NOW).as_text()
    assert "the checkpoint that you brought does not hold" in text.splitlines()[0]
    assert "The ledger agrees with itself" in text
    with attacked(ledger) as db:
        rewrite(db, 3, lambda leaf: leaf.update(recorder="other"))
    assert "altered or damaged" in verify(ledger, policy=policy(), checkpoint=changed, now=NOW).as_text()


def test_t44_a_cosignature_moved_or_dated_anew(ledger: Path) -> None:
    old = note_of(ledger, "one", "two")
    grow(ledger, 60)
    new = parse_note(note_of(ledger, "two"))
    moved = format_note(Note(new.text, (*new.signatures, parse_note(old).signatures[1])))
    convicted(ledger, "T44", policy=policy(), checkpoint=moved, now=NOW)
    fresh = note_of(ledger, "one", "two")
    at, signature = split_cosignature(parse_note(fresh).signatures[1].blob)
    dated = respelled(fresh, 1, blob=join_cosignature(at + DAY, signature))
    convicted(ledger, "T44", policy=policy(), checkpoint=dated, now=NOW + timedelta(days=2))


def test_t45_too_few_witnesses_are_no_quorum(ledger: Path) -> None:
    note = note_of(ledger, "one")
    report = convicted(ledger, "T45", verdict=Verdict.SELF_CONSISTENT, policy=policy(), checkpoint=note, now=NOW)
    words = report.as_text()
    for part in (
        "1 of 3 witnesses: one",
        "too few witnesses of the policy did\n",
        "What to do next",
        "exit code is not 0",
    ):
        assert part in words


def test_t45_a_padded_quorum(ledger: Path) -> None:
    note = note_of(ledger, "one")
    again = parse_note(cosigned(note, {"one": NOON - 60}))
    twice = format_note(again)
    convicted(ledger, "T45", verdict=Verdict.SELF_CONSISTENT, policy=policy(), checkpoint=twice, now=NOW)
    lines = policy_text().split("\n")
    one = WITNESSES["one"].vkey
    for padding in (
        f"witness more {format_vkey(one._replace(name='more.example/w'))}",
        f"witness more {format_vkey(LOG.vkey._replace(kind=COSIGNATURE))}",
    ):
        with pytest.raises(InvalidValueError):
            verify(ledger, policy="\n".join([lines[0], lines[1], padding, *lines[2:]]), checkpoint=note)
    alias = one._replace(name="more.example/w")
    found = parse_note(note)
    line = found.signatures[1]._replace(name=alias.name, key_id=alias.key_id)
    padded = format_note(Note(found.text, (*found.signatures, line)))
    rules = policy()
    by_hand = rules._replace(witnesses=(rules.witnesses[0], rules.witnesses[1]._replace(key=alias), rules.witnesses[2]))
    convicted(ledger, "T45", verdict=Verdict.SELF_CONSISTENT, policy=by_hand, checkpoint=padded, now=NOW)


def test_t45_witnesses_from_the_future_do_not_count(ledger: Path) -> None:
    note = cosigned(signed(Checkpoint(*root_of_file(ledger))), {"one": NOON, "two": NOON + 301})
    report = convicted(ledger, "T45", verdict=Verdict.SELF_CONSISTENT, policy=policy(), checkpoint=note, now=NOW)
    assert "1 dated in the future" in report.as_text()


def test_t47_an_old_note_offered_as_current(ledger: Path) -> None:
    rules = policy(Limits(max_age_s=DAY))
    note = cosigned(signed(Checkpoint(*root_of_file(ledger))), {"one": NOON - DAY - 1, "two": NOON})
    report = convicted(ledger, "T47", verdict=Verdict.STALE, policy=rules, checkpoint=note, now=NOW)
    words = report.as_text()
    for part in ("the checkpoint is old", "What to do next", "exit code is 11", "newest signed checkpoint"):
        assert part in words
    newer = note_of(ledger, "two", "three")
    convicted(ledger, verdict=Verdict.WITNESSED, policy=rules, checkpoint=[note, newer], now=NOW)
    unwitnessed = policy(Limits(max_age_s=DAY), quorum="none")
    convicted(ledger, "T47", verdict=Verdict.STALE, policy=unwitnessed, checkpoint=note_of(ledger), now=NOW)


def test_entries_that_no_witness_saw(ledger: Path) -> None:
    note = note_of(ledger, "one", "two")
    grow(ledger, 60)
    report = convicted(ledger, verdict=Verdict.STALE, policy=policy(), checkpoint=note, now=NOW)
    assert (
        "The 1 recorded since then rest on the file alone: nobody whom your policy trusts has seen" in report.as_text()
    )


def test_kinds_of_keys_that_cannot_be_checked(ledger: Path) -> None:
    key = VerifierKey("new.example/w", ML_DSA_44, bytes(1312))
    rules = parse_policy(policy_text().replace("\ngroup", f"\nwitness four {format_vkey(key)}\ngroup"))
    note = parse_note(note_of(ledger, "one", "two"))
    line = note.signatures[0]._replace(name=key.name, key_id=key.key_id, blob=bytes(2428))
    given = format_note(Note(note.text, (*note.signatures, line)))
    convicted(ledger, "T24", verdict=Verdict.UNDECIDED, policy=rules, checkpoint=given, now=NOW)
    convicted(
        ledger, "T24", verdict=Verdict.UNDECIDED, policy=policy_text().replace(format_vkey(LOG.vkey), UNKNOWN), now=NOW
    )


UNKNOWN = "example.org/log+29cf2b6e+BwABAgM="
"""A key of kind 0x07."""

WITHOUT_EXTRA = """
import sys
sys.modules["cryptography"] = None
from coop_ledger.audit import verify
report = verify(sys.argv[1], policy=sys.argv[2], checkpoint=open(sys.argv[3], "rb").read())
print(report.verdict.value, [finding.code for finding in report.findings])
"""


def test_without_the_extra_a_policy_is_undecided(ledger: Path, tmp_path: Path) -> None:
    rules, note = tmp_path / "policy", tmp_path / "note"
    rules.write_text(policy_text())
    note.write_bytes(note_of(ledger, "one", "two"))
    command = [sys.executable, "-c", WITHOUT_EXTRA, str(ledger), str(rules), str(note)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "UNDECIDED ['T24']\n"


@pytest.mark.parametrize("bad", [7, "missing-file", "a\x00b", b"", b"\xff", "quorum none", "quorum nobody\n"])
def test_what_is_no_policy_is_refused(ledger: Path, bad: object) -> None:
    with pytest.raises(InvalidValueError) as caught:
        verify(ledger, policy=bad)
    assert (caught.value.where or "").startswith("policy")


@pytest.mark.parametrize(
    "bad",
    [
        NOW.replace(tzinfo=None),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_what_is_no_clock_is_refused(ledger: Path, bad: datetime) -> None:
    with pytest.raises(InvalidValueError) as caught:
        verify(ledger, now=bad)
    assert caught.value.where == "now"


def test_a_ledger_of_another_origin_than_the_policys(ledger: Path, tmp_path: Path) -> None:
    other = honest(tmp_path / "other.db", origin="other.example/1")
    convicted(other, "T33", verdict=Verdict.DIVERGED, policy=policy(), checkpoint=note_of(ledger), now=NOW)
