"""
What happens to agreements, in the terms of the Vienna Convention on the Law of Treaties (VCLT).

A title decides nothing (VCLT 2(1)(a)): ``form`` is as titled, ``binding`` as a source says.
A claim with several signatories feeds one milestone for each; without a signatory it speaks of the treaty.
"""

from __future__ import annotations

from coop_ledger.domain.codes import AgreementEnd, Binding, InstrumentKind, SignatureKind
from coop_ledger.domain.events.spec import EventBase, event
from coop_ledger.domain.fields import code, label, prose, slug
from coop_ledger.domain.parties import Role
from coop_ledger.domain.prose import Prose

__all__ = [
    "AgreementAmended",
    "AgreementEnded",
    "AgreementSigned",
    "EnteredIntoForce",
    "InstrumentDeposited",
    "NegotiationConcluded",
    "NegotiationOpened",
    "OperationResumed",
    "OperationSuspended",
    "ProvisionalApplicationBegan",
    "ProvisionalApplicationEnded",
    "ReservationMade",
    "ReservationWithdrawn",
    "TextAdopted",
    "WithdrawalNotified",
    "WithdrawalTookEffect",
]

SIGNATORY = (Role.SIGNATORY,)
PER_PARTY = ("@signatory",)
"""One milestone for each signatory; without one, the treaty as a whole."""


@event(subject="agreement", roles=SIGNATORY)
class NegotiationOpened(EventBase):
    """Talks on the agreement began."""

    agreement: str = slug("agreement", "what was talked about")


@event(subject="agreement", roles=SIGNATORY)
class NegotiationConcluded(EventBase):
    """Talks on the agreement ended with a text."""

    agreement: str = slug("agreement", "what was agreed in substance")


@event(subject="agreement", roles=SIGNATORY)
class TextAdopted(EventBase):
    """Form and content of the text were fixed (VCLT 9); joint documents of a meeting name it in ``where``."""

    agreement: str = slug("agreement", "the text")
    form: str | None = label("form as titled: memorandum, joint statement …", default=None)
    binding: Binding | None = code(Binding, "whether it binds, as a source says", default=None)


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class AgreementSigned(EventBase):
    """The signatories signed (VCLT 10 to 12, 18)."""

    agreement: str = slug("agreement", "what was signed")
    form: str | None = label("form as titled: memorandum, joint statement …", default=None)
    binding: Binding | None = code(Binding, "whether it binds, as a source says", default=None)
    signature: SignatureKind | None = code(SignatureKind, "what the signature does", default=None)


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class InstrumentDeposited(EventBase):
    """The signatories deposited their consent to be bound (VCLT 14 to 16): the day of the treaty action."""

    agreement: str = slug("agreement", "what is consented to")
    instrument: InstrumentKind = code(InstrumentKind, "ratification, acceptance, accession …")


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class ReservationMade(EventBase):
    """The signatories excluded or changed the effect of provisions for themselves (VCLT 19)."""

    agreement: str = slug("agreement", "what is reserved against")
    text: Prose | None = prose("the reservation, in words", default=None)


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class ReservationWithdrawn(EventBase):
    """The signatories withdrew a reservation (VCLT 22)."""

    agreement: str = slug("agreement", "what was reserved against")


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class ProvisionalApplicationBegan(EventBase):
    """The agreement is applied before it enters into force (VCLT 25)."""

    agreement: str = slug("agreement", "what is applied")


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class ProvisionalApplicationEnded(EventBase):
    """The agreement is no longer applied provisionally (VCLT 25)."""

    agreement: str = slug("agreement", "what was applied")


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class EnteredIntoForce(EventBase):
    """The agreement entered into force; with signatories, for each of them (VCLT 24)."""

    agreement: str = slug("agreement", "what is in force")


@event(subject="agreement", key=("instrument",), roles=SIGNATORY)
class AgreementAmended(EventBase):
    """The agreement was amended by an instrument (VCLT 39 to 41)."""

    agreement: str = slug("agreement", "what was amended")
    instrument: str = label("the amending protocol or exchange, as titled")


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class OperationSuspended(EventBase):
    """Operation was suspended; with signatories, for each of them (VCLT 57 to 60)."""

    agreement: str = slug("agreement", "what is suspended")


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class OperationResumed(EventBase):
    """Operation was resumed; with signatories, for each of them."""

    agreement: str = slug("agreement", "what is resumed")


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class WithdrawalNotified(EventBase):
    """The signatories gave notice of withdrawal or denunciation (VCLT 56, 65)."""

    agreement: str = slug("agreement", "what is to be left")


@event(subject="agreement", key=PER_PARTY, roles=SIGNATORY)
class WithdrawalTookEffect(EventBase):
    """The notice ran out and the signatories are former parties (VCLT 56)."""

    agreement: str = slug("agreement", "what was left")


@event(subject="agreement", roles=SIGNATORY)
class AgreementEnded(EventBase):
    """The agreement ended for all (VCLT 54, 59, 60)."""

    agreement: str = slug("agreement", "what ended")
    how: AgreementEnd = code(AgreementEnd, "terminated, expired or superseded")
    successor: str | None = slug("agreement", "what took its place", default=None)
