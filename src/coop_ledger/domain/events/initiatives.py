"""
What happens to initiatives: projects, programmes, policies, areas of work.

Also the two classifications that any subject may have (sectors, links). Status follows IATI
ActivityStatus; transaction types and sector codes are IATI's and the DAC's (``domain/codes.py``).
"""

from __future__ import annotations

from decimal import Decimal

import attrs

from coop_ledger.domain.codes import (
    RelatedActivityType,
    SectorVocabulary,
    TransactionType,
    check_currency,
    check_sector,
)
from coop_ledger.domain.events.spec import EventBase, event
from coop_ledger.domain.fields import (
    check_decimal,
    code,
    date,
    decimal,
    flag,
    items,
    label,
    party_ref,
    percent,
    prose,
    slug,
    subject_id,
)
from coop_ledger.domain.parties import Role
from coop_ledger.domain.prose import Prose, check_label
from coop_ledger.domain.value import Value
from coop_ledger.domain.when import When
from coop_ledger.errors import InvalidValueError, repr_of

__all__ = [
    "ActivityLinked",
    "FundsReported",
    "InitiativeAdopted",
    "InitiativeCancelled",
    "InitiativeClosed",
    "InitiativeDelivered",
    "InitiativeProgressed",
    "InitiativeResumed",
    "InitiativeStarted",
    "InitiativeSuspended",
    "PartnerJoined",
    "PartnerWithdrew",
    "SectorShare",
    "SectorsClassified",
]

WORKERS = (Role.IMPLEMENTING, Role.FUNDING, Role.ACCOUNTABLE, Role.EXTENDING)
"""The four IATI organisation roles, which own an initiative's promises."""


@event(subject="initiative", roles=WORKERS)
class InitiativeAdopted(EventBase):
    """The initiative was decided on."""

    initiative: str = slug("initiative", "what was decided on")
    description: Prose | None = prose("what it is to do, in words", default=None)


@event(subject="initiative", roles=WORKERS)
class InitiativeStarted(EventBase):
    """Work on the initiative began."""

    initiative: str = slug("initiative", "what began")
    description: Prose | None = prose("what it is to do, in words", default=None)


@event(subject="initiative", key=("@source_day",), roles=(*WORKERS, Role.BENEFICIARY))
class InitiativeProgressed(EventBase):
    """Work on the initiative went on; each report day is a happening of its own."""

    initiative: str = slug("initiative", "what went on")
    share: Decimal | None = percent("how much of the whole is done, in percent", default=None)
    description: Prose | None = prose("what was done, in words", default=None)


@event(subject="initiative", key=("output",), roles=(*WORKERS, Role.BENEFICIARY))
class InitiativeDelivered(EventBase):
    """The initiative, or one output of it, was delivered to the beneficiaries among the parties."""

    initiative: str = slug("initiative", "what was delivered")
    output: str | None = label("the output delivered; absent: the whole", default=None)
    partial: bool | None = flag("whether a source says that only a part was delivered", default=None)
    description: Prose | None = prose("what was delivered, in words", default=None)


@event(subject="initiative", roles=WORKERS)
class InitiativeClosed(EventBase):
    """The initiative ended, its work done or its last money paid."""

    initiative: str = slug("initiative", "what ended")


@event(subject="initiative", roles=WORKERS)
class InitiativeSuspended(EventBase):
    """Work on the initiative stopped for the time being."""

    initiative: str = slug("initiative", "what stopped")


@event(subject="initiative", roles=WORKERS)
class InitiativeResumed(EventBase):
    """Work on the initiative went on after a suspension."""

    initiative: str = slug("initiative", "what went on")


@event(subject="initiative", roles=WORKERS)
class InitiativeCancelled(EventBase):
    """The initiative was given up."""

    initiative: str = slug("initiative", "what was given up")


@event(subject="initiative", key=("party",), roles=(Role.PARTNER,))
class PartnerJoined(EventBase):
    """A party became a partner of the initiative."""

    initiative: str = slug("initiative", "what was joined")
    party: str = party_ref("who joined")


@event(subject="initiative", key=("party",), roles=(Role.PARTNER,))
class PartnerWithdrew(EventBase):
    """A party ceased to be a partner of the initiative."""

    initiative: str = slug("initiative", "what was left")
    party: str = party_ref("who left")


@event(
    subject="initiative",
    key=("transaction", "currency", "value_date", "@provider", "@receiver"),
    roles=(Role.PROVIDER, Role.RECEIVER),
)
class FundsReported(EventBase):
    """Money for the initiative, as one IATI transaction; every other sum is a figure."""

    initiative: str = slug("initiative", "what the money is for")
    transaction: TransactionType = code(TransactionType, "IATI transaction type")
    amount: Decimal = decimal("how much, in units of the currency")
    currency: str = label("ISO 4217 code")
    value_date: When | None = date(
        "the day whose exchange rate counts; absent: `when` tells payments apart", default=None
    )

    def __attrs_post_init__(self) -> None:
        check_currency("currency", self.currency)


@attrs.frozen(eq=False, repr=False)
class SectorShare(Value):
    """
    One sector code, with its share where the source gives one.

    Args:
        code: The code in the vocabulary, at most 20 characters; its shape is checked, not its being in a list.
        percentage: More than 0, at most 100; all codes of a classification have one, or none has.
    """

    code: str = attrs.field(validator=lambda _, a, v: check_label(a.name, v, 20))
    percentage: Decimal | None = attrs.field(default=None)

    @percentage.validator
    def _check_percentage(self, attribute: attrs.Attribute[Decimal | None], value: object) -> None:
        if value is None:
            return
        check_decimal(attribute.name, value)
        if not 0 < Decimal(str(value)) <= 100:
            raise InvalidValueError(
                "a percentage is out of range",
                where=attribute.name,
                expected="more than 0, at most 100",
                found=str(value),
            )


def _check_share(name: str, value: object) -> None:
    if not isinstance(value, SectorShare):
        raise InvalidValueError(
            "a sector is a SectorShare",
            where=name,
            expected="SectorShare",
            found=repr_of(value),
            hint="write SectorShare('14010')",
        )


@event(subject="subject", key=("vocabulary",), promise=False)
class SectorsClassified(EventBase):
    """The sectors that a subject belongs to, in one vocabulary."""

    subject: str = subject_id("what is classified")
    vocabulary: SectorVocabulary = code(SectorVocabulary, "IATI sector vocabulary")
    sectors: tuple[SectorShare, ...] = items("SectorShare", "the codes; percentages all or none", _check_share)
    vocabulary_version: str | None = label("edition or date of the code list", default=None)

    def __attrs_post_init__(self) -> None:
        if not self.sectors:
            raise InvalidValueError("a classification names no sector", where="sectors", hint="give at least one")
        if len({share.code for share in self.sectors}) != len(self.sectors):
            raise InvalidValueError("a sector code stands twice", where="sectors")
        for share in self.sectors:
            check_sector(self.vocabulary, share.code)
        given = [share.percentage for share in self.sectors if share.percentage is not None]
        if given and len(given) != len(self.sectors):
            raise InvalidValueError(
                "percentages are given for some sectors only", where="sectors", hint="give all of them or none"
            )
        if given and sum(given) != 100:
            raise InvalidValueError(
                "the percentages do not sum to 100", where="sectors", expected="100", found=str(sum(given))
            )


@event(subject="subject", key=("target", "relation"), promise=False)
class ActivityLinked(EventBase):
    """A subject stands in an IATI relation to another subject or to a published activity."""

    subject: str = subject_id("what is linked")
    target: str = label("IATI identifier, or id of another subject")
    relation: RelatedActivityType = code(RelatedActivityType, "IATI related-activity type")
