"""
What things are called: names of subjects, and the sealed names of persons.

The claim's ``when`` is the time of use, so that a renamed capital has its periods (D7).
"""

from __future__ import annotations

from coop_ledger.domain.events.spec import EventBase, event
from coop_ledger.domain.fields import label, prose, slug, subject_id
from coop_ledger.domain.prose import Prose

__all__ = ["NameUsed", "PersonNamed"]


@event(subject="subject", key=("name",), promise=False)
class NameUsed(EventBase):
    """
    A name was in use for a subject; never for a person, whose name is sealed.

    ``when`` is the time of use: ``2019-03-23/..`` from that day on; a single day proves the name on that day only.
    """

    subject: str = subject_id("what is called so", without=("person",))
    name: str = label("the name as written", limit=300)
    script: str | None = label("ISO 15924 code of the script: Latn, Hang, Cyrl …", default=None)
    language: str | None = label("BCP 47 tag of the language: en, ko …", default=None)


@event(subject="person", key=("script",))
class PersonNamed(EventBase):
    """A name was in use for a person; the name itself can be erased."""

    person: str = slug("person", "opaque id of the person")
    name: Prose = prose("the name as written", limit=300)
    script: str | None = label("ISO 15924 code of the script: Latn, Hang, Cyrl …", default=None)
