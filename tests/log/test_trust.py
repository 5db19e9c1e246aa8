"""What a policy makes of a signed checkpoint: real keys, and a twin that counts by hand."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import NoteError, QuorumError, SignatureError, UnsupportedKeyError, UntrustedNoteError
from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    Anchor,
    Checkpoint,
    Limits,
    Note,
    Policy,
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    Signature,
    VerifierKey,
    examine,
    format_checkpoint,
    format_vkey,
    judge,
    parse_policy,
)
from coop_ledger.signing import SigningKey, check_ed25519
from tests.log.test_policy import policies

ORIGIN = "coop.example/ledger/1"
TEXT = format_checkpoint(Checkpoint(ORIGIN, 5, hashlib.sha256(b"root").digest()))


@cache
def key(name: str, kind: int = COSIGNATURE) -> SigningKey:
    return SigningKey.generate(name, kind=kind)


LOG = key(ORIGIN, ED25519)
W = tuple(key(f"witness.example/{at}") for at in range(6))


def signed(*cosigned: tuple[SigningKey, int], text: str = TEXT, log: SigningKey | None = LOG) -> Note:
    lines = [log.sign_note(text)] if log else []
    return Note(text, (*lines, *(witness.cosign(text, timestamp) for witness, timestamp in cosigned)))


def policy_of(*lines: str, limits: Limits = Limits()) -> Policy:  # noqa: B008
    named = [f"witness w{at} {format_vkey(witness.vkey)}" for at, witness in enumerate(W)]
    return parse_policy("".join(f"{line}\n" for line in (f"log {format_vkey(LOG.vkey)}", *named, *lines)), limits)


TWO_OF_THREE = policy_of("group g 2 w0 w1 w2", "quorum g")


def test_a_quorum_of_two_of_three() -> None:
    judgement = judge(signed((W[2], 30), (W[0], 20)), TWO_OF_THREE, check_ed25519)
    assert judgement.checkpoint.size == 5
    assert judgement.log == LOG.vkey
    assert [(one.name, one.key, one.timestamp) for one in judgement.witnesses] == [
        ("w0", W[0].vkey, 20),
        ("w2", W[2].vkey, 30),
    ]
    assert judgement.met
    assert judgement.witnessed_at == 20  # the quorum, not its youngest member
    assert judgement.fresh is None
    assert judgement.anchors == (Anchor(5, 20), Anchor(5, 30))


def test_too_few_witnesses_are_an_error_with_the_count() -> None:
    note = signed((W[1], 20), (W[4], 20))  # w4 is named, but not in the group
    with pytest.raises(QuorumError) as refused:
        judge(note, TWO_OF_THREE, check_ed25519)
    assert refused.value.expected == "quorum 'g'"
    assert refused.value.found == "2 of 6 witnesses: 'w1', 'w4'"
    judgement = examine(note, TWO_OF_THREE, check_ed25519)
    assert (judgement.met, judgement.witnessed_at) == (False, None)
    with pytest.raises(QuorumError, match="0 of 6 witnesses: none"):
        judge(signed(), TWO_OF_THREE, check_ed25519)


@given(
    policies(),
    st.sets(st.integers(0, 5)),
    st.lists(st.integers(0, 9), min_size=6, max_size=6),
    st.none() | st.integers(0, 9),
)
def test_the_same_as_counting_by_hand(
    made: tuple[str, Policy], signing: set[int], times: list[int], now: int | None
) -> None:
    _, shape = made
    witnesses = tuple(one._replace(key=W[at].vkey) for at, one in enumerate(shape.witnesses))
    policy = Policy((PolicyLog(LOG.vkey, None),), witnesses, shape.groups, shape.quorum, Limits(max_age_s=3, skew_s=1))
    note = signed(*((W[at], times[at]) for at in sorted(signing)))

    def witnessed(name: str | None, names: set[str]) -> bool:
        if name is None or name in names:
            return True
        for group in policy.groups:
            if group.name == name:
                return sum(witnessed(member, names) for member in group.members) >= group.needed
        return False

    here = {
        one.name: times[at]
        for at, one in enumerate(witnesses)
        if at in signing and (now is None or times[at] <= now + 1)
    }
    judgement = examine(note, policy, check_ed25519, now)
    assert {one.name: one.timestamp for one in judgement.witnesses} == here
    assert {one.name for one in judgement.ahead} == {
        one.name for at, one in enumerate(witnesses) if at in signing
    } - set(here)
    assert judgement.met is witnessed(policy.quorum, set(here))
    since = [at for at in here.values() if witnessed(policy.quorum, {name for name in here if here[name] >= at})]
    assert judgement.witnessed_at == max(since, default=None)
    assert judgement.fresh is (None if now is None else bool(since) and now - max(since) <= 3)


def test_without_a_quorum_the_log_alone_is_enough_but_nothing_is_fresh() -> None:
    policy = policy_of("quorum none", limits=Limits(max_age_s=10))
    judgement = judge(signed(), policy, check_ed25519, now=100)
    assert (judgement.met, judgement.witnesses, judgement.witnessed_at, judgement.fresh) == (True, (), None, False)


def test_an_old_checkpoint_is_genuine_but_not_fresh() -> None:
    """T47."""
    policy = TWO_OF_THREE._replace(limits=Limits(max_age_s=60))
    note = signed((W[0], 100), (W[1], 140), (W[2], 130))
    assert [judge(note, policy, check_ed25519, now).fresh for now in (1_000, 191, 190)] == [False, False, True]
    assert judge(note, policy, check_ed25519).fresh is None


def test_a_cosignature_from_the_future_does_not_count() -> None:
    note = signed((W[0], 100), (W[1], 401))
    judgement = examine(note, TWO_OF_THREE, check_ed25519, now=100)
    assert [one.name for one in judgement.ahead] == ["w1"]
    with pytest.raises(QuorumError, match="1 of 6 witnesses: 'w0', and 1 dated in the future"):
        judge(note, TWO_OF_THREE, check_ed25519, now=100)
    assert judge(note, TWO_OF_THREE, check_ed25519, now=101).met


def twice() -> tuple[SigningKey, SigningKey]:
    """One public key as two cosigners."""
    second = SigningKey("second.example", COSIGNATURE, W[0]._private)
    assert second.vkey.key == W[0].vkey.key
    assert second.vkey.key_id != W[0].vkey.key_id
    return W[0], second


def test_one_public_key_under_two_names_counts_once() -> None:
    """T45, where a policy was not read from text, which refuses it."""
    first, second = twice()
    witnesses = (PolicyWitness("a", first.vkey, None), PolicyWitness("b", second.vkey, None))
    policy = Policy((PolicyLog(LOG.vkey, None),), witnesses, (PolicyGroup("g", 2, ("a", "b")),), "g")
    judgement = examine(signed((first, 1), (second, 2)), policy, check_ed25519)
    assert [one.name for one in judgement.witnesses] == ["a"]
    assert not judgement.met


def test_the_key_of_a_log_is_never_a_witness() -> None:
    """T45 again: also that of another log of the policy."""
    for owner in (LOG, key("coop.example/ledger/2", ED25519)):
        own = SigningKey("own.example", COSIGNATURE, owner._private)
        logs = tuple(PolicyLog(vkey, None) for vkey in dict.fromkeys((LOG.vkey, owner.vkey)))
        policy = Policy(logs, (PolicyWitness("own", own.vkey, None),), (), "own")
        assert not examine(signed((own, 1)), policy, check_ed25519).met


def test_a_key_of_the_wrong_kind_in_a_policy_made_by_hand_counts_for_nothing() -> None:
    plain = key("witness.example/plain", ED25519)
    policy = Policy((PolicyLog(LOG.vkey, None),), (PolicyWitness("w", plain.vkey, None),), (), "w")
    note = Note(TEXT, (LOG.sign_note(TEXT), plain.sign_note(TEXT)))
    assert not examine(note, policy, check_ed25519).met
    cosigning = SigningKey(ORIGIN, COSIGNATURE, LOG._private)
    policy = Policy((PolicyLog(cosigning.vkey, None),), (), (), None)
    with pytest.raises(UntrustedNoteError):
        examine(signed((cosigning, 5), log=None), policy, check_ed25519)


def test_groups_that_name_what_comes_later_or_themselves_are_not_met() -> None:
    for groups in (
        (PolicyGroup("g", 1, ("g",)),),
        (PolicyGroup("g", 1, ("h",)), PolicyGroup("h", 1, ("w0",))),
        (PolicyGroup("g", 2, ("w0", "w0")),),
        (),
    ):
        policy = TWO_OF_THREE._replace(groups=groups, quorum="g")
        assert not examine(signed((W[0], 1)), policy, check_ed25519).met


def test_a_note_that_no_log_of_the_policy_signed() -> None:
    """T39, T40, T20, T33: a stranger under the log's name, witnesses alone, another log's key, another origin."""
    other = key("coop.example/ledger/2", ED25519)
    elsewhere = TEXT.replace(ORIGIN, "coop.example/ledger/2")
    stranger = SigningKey.generate(ORIGIN)
    two = Policy((*TWO_OF_THREE.logs, PolicyLog(other.vkey, None)), TWO_OF_THREE.witnesses, (), None)
    cases = [
        (signed(log=stranger), two),
        (signed((W[0], 1), log=None), two),
        (signed((W[0], 1), log=other), two),
        (signed((W[0], 1), text=elsewhere), two),
        (signed((W[0], 1)), two._replace(logs=())),
    ]
    for note, policy in cases:
        with pytest.raises(UntrustedNoteError):
            judge(note, policy, check_ed25519)
    assert judge(signed(text=elsewhere, log=other), two, check_ed25519).log == other.vkey


def test_a_known_line_that_is_spoiled_rejects_the_note() -> None:
    """T42: of the log or of a witness, beside a quorum of good ones."""
    good = signed((W[0], 20), (W[1], 20), (W[2], 20))
    assert judge(good, TWO_OF_THREE, check_ed25519).met
    for at, line in enumerate(good.signatures):
        for place in (0, len(line.blob) - 1):
            blob = bytearray(line.blob)
            blob[place] ^= 1
            lines = list(good.signatures)
            lines[at] = line._replace(blob=bytes(blob))
            with pytest.raises(SignatureError):
                judge(Note(good.text, tuple(lines)), TWO_OF_THREE, check_ed25519)


def test_a_cosignature_that_was_moved_or_redated_rejects_the_note() -> None:
    """T44."""
    other = format_checkpoint(Checkpoint(ORIGIN, 6, hashlib.sha256(b"other").digest()))
    moved = Note(other, (LOG.sign_note(other), W[0].cosign(TEXT, 20)))
    line = W[0].cosign(TEXT, 20)
    redated = Note(TEXT, (LOG.sign_note(TEXT), line._replace(blob=(21).to_bytes(8) + line.blob[8:])))
    for note in (moved, redated):
        with pytest.raises(SignatureError):
            judge(note, policy_of("quorum w0"), check_ed25519)


def test_lines_of_strangers_change_nothing() -> None:
    stranger = SigningKey.generate("stranger.example", kind=COSIGNATURE)
    note = signed((W[0], 1), (W[1], 2))
    more = Note(note.text, (*note.signatures, stranger.cosign(TEXT, 9), Signature("w2", bytes(4), b"x")))
    assert judge(more, TWO_OF_THREE, check_ed25519) == judge(note, TWO_OF_THREE, check_ed25519)


def test_a_signature_that_cannot_be_checked_is_undecided() -> None:
    later = VerifierKey("later.example", ML_DSA_44, bytes(1312))
    policy = policy_of(f"witness later {format_vkey(later)}", "quorum w0")
    note = signed((W[0], 1))
    assert judge(note, policy, check_ed25519).met
    line = Signature(later.name, later.key_id, bytes(2428))
    with pytest.raises(UnsupportedKeyError):
        judge(Note(note.text, (*note.signatures, line)), policy, check_ed25519)


def test_what_a_log_signed_must_be_a_checkpoint() -> None:
    with pytest.raises(NoteError):
        judge(signed(text=f"{ORIGIN}\n5\nnothing\n"), TWO_OF_THREE, check_ed25519)
