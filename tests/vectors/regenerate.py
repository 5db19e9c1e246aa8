"""
Write the golden vectors: ``python -m tests.vectors.regenerate``.

Envelope vectors are frozen: only missing ones are written, and each with its digest in ``frozen.json``. Vectors of
event bodies are written anew until the first tagged release; then ``BODIES_ARE_FROZEN`` is set, for ever.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Final

from tests.vectors.vectors import envelope_vectors, event_vectors, text_of

__all__ = ["BODIES_ARE_FROZEN", "FOLDER", "regenerate"]

FOLDER: Final = Path(__file__).parent

BODIES_ARE_FROZEN: Final = False
"""Whether a release was tagged."""


def regenerate(folder: Path, *, frozen: bool) -> list[str]:
    """
    Write what is missing or, of event bodies that are not frozen, what differs.

    Returns:
        The files written, as paths below *folder*.
    """
    written = []
    events, envelope = folder / "events", folder / "envelope"
    for place in (events, envelope):
        place.mkdir(exist_ok=True)
    for name, vector in event_vectors().items():
        path = events / f"{name}.json"
        if not path.exists() or (not frozen and path.read_text("utf-8") != text_of(vector)):
            path.write_text(text_of(vector), "utf-8")
            written.append(f"events/{path.name}")
    digests = folder / "frozen.json"
    known = json.loads(digests.read_text("utf-8")) if digests.exists() else {}
    for name, vector in envelope_vectors().items():
        path = envelope / f"{name}.json"
        if not path.exists() and path.name not in known:
            path.write_text(text_of(vector), "utf-8")
            known[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
            written.append(f"envelope/{path.name}")
    digests.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")
    return written


if __name__ == "__main__":
    for name in regenerate(FOLDER, frozen=BODIES_ARE_FROZEN):
        sys.stdout.write(f"wrote tests/vectors/{name}\n")
