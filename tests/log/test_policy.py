"""Policies: the public vectors, each by a documented rule, and what holds for every text."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import CoopLedgerError, NoteError, UnsupportedKeyError
from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    Limits,
    Policy,
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    VerifierKey,
    encode_base64,
    format_vkey,
    parse_policy,
)
from coop_ledger.log.policy import MAX_POLICY
from tests.shared import shared_json


def vectors() -> Any:
    return shared_json("data/vectors/merkle/notes/policy.json")


def made_key(number: int, kind: int = COSIGNATURE, name: str | None = None) -> VerifierKey:
    return VerifierKey(name or f"key.example/{number}", kind, hashlib.sha256(bytes([number])).digest())


def test_public_policies_are_read() -> None:
    for case in vectors()["good"]:
        policy = parse_policy(case["policy"])
        (group,) = policy.groups
        assert (group.needed, len(group.members)) == (case["need"], case["members"])
        assert policy.quorum == group.name
        # written there as plain Ed25519 keys: read as the cosigners of the same name and public key
        assert {witness.key.kind for witness in policy.witnesses} == {COSIGNATURE}
        assert policy == parse_policy(case["policy"].encode())


WHY = {
    "no quorum": "a policy has a quorum line",
    "unknown quorum component": "no earlier line defines this name",
    "duplicate component name": "this name is taken",
    "negative threshold": "this is no threshold",
    "witness name is a keyword": "this word cannot be a name",
    "group named none": "this word cannot be a name",
    "threshold above members (derived)": "this is no threshold",
    "forward reference (derived)": "no earlier line defines this name",
    "same public key under two names (derived)": "a public key stands here for the second time",
    "two quorum lines (derived)": "a policy has one quorum line",
}


def test_public_policies_are_refused_each_for_its_own_fault() -> None:
    cases = vectors()["bad"]
    assert [case["name"] for case in cases] == list(WHY)
    for case in cases:
        text = case["policy"]
        if not text.endswith("\n"):
            with pytest.raises(NoteError) as refused:
                parse_policy(text)
            assert refused.value.what == "the last line is not ended"
            text += "\n"
        with pytest.raises(NoteError) as refused:
            parse_policy(text)
        assert refused.value.what == WHY[case["name"]], case["name"]


@st.composite
def policies(draw: st.DrawFn) -> tuple[str, Policy]:
    """A policy and one of its texts."""
    limits = Limits()
    count_logs, count_witnesses = draw(st.integers(0, 3)), draw(st.integers(0, 6))
    logs = tuple(
        PolicyLog(made_key(200 + at, ED25519), draw(st.none() | st.just("https://log.example/é")))
        for at in range(count_logs)
    )
    urls = st.none() | st.just("https://witness.example")
    witnesses = tuple(PolicyWitness(f"w{at}é", made_key(at), draw(urls)) for at in range(count_witnesses))
    free = [witness.name for witness in witnesses]
    groups: list[PolicyGroup] = []
    for at in range(draw(st.integers(0, 3))):
        if free:
            members = draw(st.lists(st.sampled_from(free), min_size=1, max_size=4, unique=True))
            groups.append(PolicyGroup(f"g{at}", draw(st.integers(1, len(members))), tuple(members)))
            free = [name for name in free if name not in members] + [f"g{at}"]
    named = [*(witness.name for witness in witnesses), *(group.name for group in groups)]
    quorum = draw(st.sampled_from([None, *named]))
    policy = Policy(logs, witnesses, tuple(groups), quorum, limits)
    return draw(texts_of(policy)), policy


@st.composite
def texts_of(draw: st.DrawFn, policy: Policy) -> str:
    lines = [["log", format_vkey(log.key), *([log.url] if log.url else [])] for log in policy.logs]
    for witness in policy.witnesses:
        kind = draw(st.sampled_from([COSIGNATURE, ED25519]))
        words = ["witness", witness.name, format_vkey(witness.key._replace(kind=kind))]
        lines.append([*words, *([witness.url] if witness.url else [])])
    for group in policy.groups:
        spellings = [str(group.needed)]
        spellings += ["any"] if group.needed == 1 else []
        spellings += ["all"] if group.needed == len(group.members) else []
        lines.append(["group", group.name, draw(st.sampled_from(spellings)), *group.members])
    lines.append(["quorum", policy.quorum or "none"])
    blanks = st.sampled_from([" ", "\t", "  \t "])
    text = ""
    for words in lines:
        text += draw(st.sampled_from(["", "\n", " # a comment\n", "#log\n", "\t \n"]))
        text += draw(st.sampled_from(["", " ", "\t"])) + draw(blanks).join(words) + draw(st.sampled_from(["", " "]))
        text += "\n"
    return text


@given(policies())
def test_every_spelling_of_a_policy_reads_as_that_policy(made: tuple[str, Policy]) -> None:
    text, policy = made
    assert parse_policy(text) == policy
    assert parse_policy(text.encode(), Limits(max_age_s=60)) == policy._replace(limits=Limits(max_age_s=60))


@given(policies(), st.data())
def test_a_policy_that_was_cut_is_refused_or_the_same(made: tuple[str, Policy], data: st.DataObject) -> None:
    text, policy = made
    cut = text[: data.draw(st.integers(0, len(text)))]
    with suppress(NoteError):
        assert parse_policy(cut) == policy  # the quorum line comes last: only what is no line can be missing


@given(st.text() | st.binary())
def test_whatever_the_text_only_our_errors_escape(text: str | bytes) -> None:
    with pytest.raises(CoopLedgerError):
        parse_policy(text)


W1 = f"witness w1 {format_vkey(made_key(1))}\n"
W2 = f"witness w2 {format_vkey(made_key(2))}\n"
LOG = f"log {format_vkey(made_key(9, ED25519))}\n"


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        (W1 + "quorum w1\r\n", "a control character other than newline", "policy"),
        (W1 + "quorum w1\x00\n", "a control character other than newline", "policy"),
        (W1 + "quorum w1 # why\n", "this is no line of a policy", "line 2"),
        ("witness w1\nquorum none\n", "this is no line of a policy", "line 1"),
        ("group g all\nquorum none\n", "this is no line of a policy", "line 1"),
        (LOG.replace("\n", " https://a https://b\n"), "this is no line of a policy", "line 1"),
        (W1.replace("\n", " https://a https://b\n"), "this is no line of a policy", "line 1"),
        (W1 + W2.replace("w2", "w1"), "this name is taken", "line 2"),
        (W1.replace("w1", "any"), "this word cannot be a name", "line 1"),
        (W1 + "quorum w2\n", "no earlier line defines this name", "line 2"),
        ("max-age 5\nquorum none\n", "this is no line of a policy", "line 1"),
        ("Quorum none\n", "this is no line of a policy", "line 1"),
        (W1 + "group g all g\nquorum g\n", "no earlier line defines this name", "line 2"),
        (W1 + "group all any w1\nquorum w1\n", "this word cannot be a name", "line 2"),
        (W1 + "group w1 any w1\nquorum w1\n", "this name is taken", "line 2"),
        (W1 + "group g any w1 w1\nquorum g\n", "a name can be a member only once", "line 2"),
        (W1 + "group g any w1\ngroup h any w1\nquorum h\n", "a name can be a member only once", "line 3"),
        (W1 + "group g any none\nquorum g\n", "no earlier line defines this name", "line 2"),
        (W1 + "group g 0 w1\nquorum g\n", "this is no threshold", "line 2"),
        (W1 + "group g +1 w1\nquorum g\n", "this is no threshold", "line 2"),
        (W1 + "group g 01 w1\nquorum g\n", "this is no threshold", "line 2"),
        (W1 + "group g １ w1\nquorum g\n", "this is no threshold", "line 2"),
        (W1 + "group g 1_0 w1\nquorum g\n", "this is no threshold", "line 2"),
        (W1 + f"group g {'1' * 5000} w1\nquorum g\n", "this is no threshold", "line 2"),
        ("quorum none\n" + W1 + W1.replace("w1", "w2"), "a public key stands here for the second time", "line 3"),
        (LOG + LOG, "a public key stands here for the second time", "line 2"),
        ("quorum none\nquorum none\n", "a policy has one quorum line", "line 2"),
        ("", "a policy has a quorum line", "policy"),
        ("quorum none", "the last line is not ended", "policy"),
        ("log nothing\nquorum none\n", "this is no verifier key", "line 1"),
        (LOG[:-3] + "=\nquorum none\n", "this is no base64", "line 1, key 'key.example/9'"),
        ("#" * (256 * 1024) + "\nquorum none\n", "the policy is too large", "policy"),
    ],
)
def test_each_fault_is_named_with_its_line(text: str, what: str, where: str) -> None:
    with pytest.raises(NoteError) as refused:
        parse_policy(text)
    assert (refused.value.what, refused.value.where) == (what, where)


def test_the_largest_policy_is_read() -> None:
    end = "\nquorum none\n"
    for fill in ("#", "é"):  # it is the bytes that count
        room = MAX_POLICY - len(end) - 1
        text = "#" + fill * (room // len(fill.encode())) + "#" * (room % len(fill.encode())) + end
        assert len(text.encode()) == MAX_POLICY
        assert parse_policy(text).quorum is None
        with pytest.raises(NoteError, match="too large"):
            parse_policy("#" + text)


@pytest.mark.parametrize(
    ("first", "found"),
    [(W1, "witness 'w1'"), (f"log {format_vkey(made_key(1, ED25519))}\n", "another log")],
)
def test_a_key_that_stands_twice_names_who_had_it_before(first: str, found: str) -> None:
    with pytest.raises(NoteError, match="second time") as refused:
        parse_policy(f"{first}witness w2 {format_vkey(made_key(1, name='second.example'))}\nquorum none\n")
    assert refused.value.found == found


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(NoteError, match="not UTF-8"):
        parse_policy(b"# \xff\nquorum none\n")


@pytest.mark.parametrize(("log", "witness"), [(ED25519, COSIGNATURE), (ED25519, ED25519)])
def test_the_key_of_a_log_is_no_witness(log: int, witness: int) -> None:
    """T45: the log as its own witness, under whatever name and kind, in either order."""
    lines = [f"log {format_vkey(made_key(7, log))}\n", f"witness w {format_vkey(made_key(7, witness, 'other'))}\n"]
    for text in ("".join(lines), "".join(reversed(lines))):
        with pytest.raises(NoteError, match="second time"):
            parse_policy(f"{text}quorum w\n")


def test_a_public_key_under_two_names_is_refused_whatever_its_kind() -> None:
    text = W1 + f"witness w2 {format_vkey(made_key(1, ED25519, 'second.example'))}\nquorum w1\n"
    with pytest.raises(NoteError, match="second time"):
        parse_policy(text)


def test_a_key_serves_the_part_that_its_kind_fits() -> None:
    with pytest.raises(UnsupportedKeyError, match="line 1"):
        parse_policy(f"log {format_vkey(made_key(1, COSIGNATURE))}\nquorum none\n")
    unknown = made_key(1)
    data = b"\x05" + unknown.key
    key_id = hashlib.sha256(unknown.name.encode() + b"\n" + data).hexdigest()[:8]
    with pytest.raises(UnsupportedKeyError, match="line 1"):
        parse_policy(f"witness w {unknown.name}+{key_id}+{encode_base64(data)}\nquorum w\n")
    later = VerifierKey("later.example", ML_DSA_44, bytes(1312))
    assert parse_policy(f"witness w {format_vkey(later)}\nquorum w\n").witnesses[0].key == later


def test_names_are_opaque_and_only_blanks_and_tabs_part_words() -> None:
    names = ["ministry\u00a0one", "K", "\u212a", "K\u0301", "#w"]  # the second and third look alike
    lines = [f"witness {name} {format_vkey(made_key(at))}\n" for at, name in enumerate(names)]
    policy = parse_policy("".join(lines) + f"group g all {' '.join(names)}\nquorum g\n")
    assert policy.groups == (PolicyGroup("g", 5, tuple(names)),)
