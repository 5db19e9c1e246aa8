"""
Whom an auditor trusts, as text: logs, witnesses, groups of them, and the quorum; knows no note and no clock.

    log coop.example/ledger/2026+4adc9345+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
    witness ministry ministry.example/w+214977f1+BCAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/
    group organisations any ministry
    quorum organisations

A policy is the auditor's own file and never comes with the ledger that it judges. The text is C2SP tlog-policy
with nothing added: what it has no words for, times above all, is given beside it as ``Limits``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from coop_ledger.errors import InvalidValueError, NoteError, UnsupportedKeyError
from coop_ledger.log.note import MAX_NOTE
from coop_ledger.log.strict import encode_text, shown
from coop_ledger.log.vkey import COSIGNATURE, ED25519, VerifierKey, parse_vkey

__all__ = ["Limits", "Policy", "PolicyGroup", "PolicyLog", "PolicyWitness", "parse_policy"]

MAX_POLICY: Final = MAX_NOTE
"""Bytes of the largest policy that is read: 256 KiB, room for hundreds of logs, witnesses and groups."""

_RESERVED: Final = {"none", "any", "all"}
_WORDS: Final = re.compile("[^ \t]+")
_THRESHOLD: Final = re.compile("[1-9][0-9]{0,5}")


class Limits(NamedTuple):
    """
    What a policy says of times, in whole seconds; no part of the text, for which C2SP has no words.

    Attributes:
        max_age_s: How old the newest witnessed checkpoint may be; None asks for no freshness.
        delay_s: The agreed longest time from cutting a checkpoint to its cosignature; None: nothing is agreed,
            and a checkpoint says nothing about entries after it.
        skew_s: By how much honest clocks may differ. A time of recording ahead of the checker's own may be so by
            this, and by a day at most.
    """

    max_age_s: int | None = None
    delay_s: int | None = None
    skew_s: int = 300


class PolicyLog(NamedTuple):
    """
    A log that is accepted.

    Attributes:
        key: Its Ed25519 key; the name is the origin.
        url: Where it is served; None if the policy does not say.
    """

    key: VerifierKey
    url: str | None


class PolicyWitness(NamedTuple):
    """
    A witness that may be counted.

    Attributes:
        name: What this policy calls it, in its groups.
        key: Its cosigning key.
        url: Where it takes requests; None if the policy does not say.
    """

    name: str
    key: VerifierKey
    url: str | None


class PolicyGroup(NamedTuple):
    """
    So many of these.

    Attributes:
        name: What this policy calls it.
        needed: How many members must have witnessed; 1 to the number of members.
        members: Names of witnesses and of earlier groups.
    """

    name: str
    needed: int
    members: tuple[str, ...]


class Policy(NamedTuple):
    """
    What ``parse_policy`` reads.

    Attributes:
        logs: The accepted logs; may be empty where the caller knows the log from elsewhere.
        witnesses: The witnesses, in the order of the text.
        groups: The groups; each names only what stands before it.
        quorum: The witness or group that must have witnessed; None asks for none.
        limits: What the caller asks of times.
    """

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: str | None
    limits: Limits = Limits()


def parse_policy(text: str | bytes, limits: Limits = Limits()) -> Policy:  # noqa: B008  (a tuple: cannot change)
    """
    Read a policy.

    Args:
        text: The policy; bytes are UTF-8. At most 256 KiB.
        limits: What is asked of times, for which the text has no words.

    Raises:
        InvalidValueError: No text.
        NoteError: A line that is none of the five kinds, a name that is taken, reserved or not defined on an
            earlier line, a member listed twice, a threshold outside 1 to the number of members, one public key
            for two logs, two witnesses, or a log and a witness, no quorum line or two, a control character
            other than tab, a last line without newline (a cut file must not read as another policy).
        UnsupportedKeyError: A key of a kind that does not fit: a log has 0x01; a witness has 0x04 or 0x06.

    A witness's key that is written as 0x01 is read as 0x04 of the same name and public key, as other programs
    write and read it: its cosignatures are what is checked, never plain signatures.
    Source: C2SP tlog-policy. Stricter than it: a log's key is nobody's witness, ``any`` and ``all`` are no names,
    and control characters U+0080 to U+009F are refused.

    >>> import coop_ledger.log.policy as here
    >>> policy = parse_policy("\\n".join(line.strip() for line in here.__doc__.splitlines()[3:8]))
    >>> policy.quorum, policy.groups
    ('organisations', (PolicyGroup(name='organisations', needed=1, members=('ministry',)),))
    """
    if not isinstance(text, str | bytes):
        raise InvalidValueError("a policy is text", where="text", found=type(text).__name__)
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NoteError("the policy is not UTF-8", where=f"byte {error.start}") from error
    if len(encode_text(text.replace("\t", " "), where="policy")) > MAX_POLICY:
        raise NoteError("the policy is too large", where="policy", expected=f"at most {MAX_POLICY} bytes")
    *lines, rest = text.split("\n")
    if rest:
        raise NoteError(
            "the last line is not ended", where="policy", found=shown(rest), hint="check that the file is whole"
        )
    reader = _Reader()
    for number, line in enumerate(lines, start=1):
        words = _WORDS.findall(line)
        if words and not words[0].startswith("#"):
            reader.read(f"line {number}", words)
    return reader.policy(limits)


class _Reader:
    """What was read so far, line by line."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[PolicyWitness] = []
        self.groups: list[PolicyGroup] = []
        self.quorum: list[str | None] = []
        self.names: set[str] = set()
        self.grouped: set[str] = set()
        self.owners: dict[bytes, str] = {}

    def policy(self, limits: Limits) -> Policy:
        if not self.quorum:
            raise NoteError("a policy has a quorum line", where="policy", hint="write quorum NAME, or quorum none")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum[0], limits)

    def read(self, where: str, words: list[str]) -> None:
        match words:
            case ["log", key, *url] if len(url) <= 1:
                self.read_log(where, key, *url)
            case ["witness", name, key, *url] if len(url) <= 1:
                self.read_witness(where, name, key, *url)
            case ["group", name, needed, *members] if members:
                self.read_group(where, name, needed, members)
            case ["quorum", name]:
                self.read_quorum(where, name)
            case _:
                raise NoteError(
                    "this is no line of a policy",
                    where=where,
                    expected="log KEY [URL], witness NAME KEY [URL], group NAME all|any|NUMBER NAME…, or quorum NAME",
                    found=shown(" ".join(words)),
                )

    def read_log(self, where: str, text: str, url: str | None = None) -> None:
        key = self.read_key(where, text, "another log")
        if key.kind != ED25519:
            raise UnsupportedKeyError(
                "a log has an Ed25519 key", where=where, expected="kind 0x01", found=f"{key.kind:#04x}"
            )
        self.logs.append(PolicyLog(key, url))

    def read_witness(self, where: str, name: str, text: str, url: str | None = None) -> None:
        self.check_free(where, name)
        key = self.read_key(where, text, f"witness {shown(name)}")
        if key.kind == ED25519:
            key = key._replace(kind=COSIGNATURE)
        self.names.add(name)
        self.witnesses.append(PolicyWitness(name, key, url))

    def read_key(self, where: str, text: str, owner: str) -> VerifierKey:
        try:
            key = parse_vkey(text)
        except (NoteError, UnsupportedKeyError) as error:
            place = where if error.where is None else f"{where}, {error.where}"
            raise type(error)(
                error.what, where=place, expected=error.expected, found=error.found, hint=error.hint
            ) from error
        if key.key in self.owners:
            raise NoteError("a public key stands here for the second time", where=where, found=self.owners[key.key])
        self.owners[key.key] = owner
        return key

    def read_group(self, where: str, name: str, needed: str, members: list[str]) -> None:
        self.check_free(where, name)
        for member in members:
            self.check_defined(where, member)
            if member in self.grouped:
                raise NoteError("a name can be a member only once", where=where, found=shown(member))
            self.grouped.add(member)
        number = {"any": 1, "all": len(members)}.get(needed)
        if number is None and _THRESHOLD.fullmatch(needed):
            number = int(needed)
        if number is None or number > len(members):
            raise NoteError(
                "this is no threshold", where=where, expected=f"all, any or 1 to {len(members)}", found=shown(needed)
            )
        self.names.add(name)
        self.groups.append(PolicyGroup(name, number, tuple(members)))

    def read_quorum(self, where: str, name: str) -> None:
        if self.quorum:
            raise NoteError("a policy has one quorum line", where=where)
        if name != "none":
            self.check_defined(where, name)
        self.quorum.append(None if name == "none" else name)

    def check_free(self, where: str, name: str) -> None:
        if name in _RESERVED:
            raise NoteError("this word cannot be a name", where=where, found=name)
        if name in self.names:
            raise NoteError("this name is taken", where=where, found=shown(name))

    def check_defined(self, where: str, name: str) -> None:
        if name not in self.names:
            raise NoteError(
                "no earlier line defines this name", where=where, found=shown(name), hint="define it on a line before"
            )
