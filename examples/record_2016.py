"""Record the forum of November 2016 and ask what follows: ``python examples/record_2016.py [FILE]``."""

from __future__ import annotations

import sys
from pathlib import Path

from coop_ledger import Ledger
from coop_ledger.interchange import load_claims

DATASET = Path(__file__).with_name("korea-central-asia-2016.json")


def main(path: str) -> None:
    """Record the claims once, and print what is known of the secretariat and of who came."""
    claims = load_claims(DATASET)
    with Ledger.open(path, origin="kcac-forum.example/2016", recorder="example") as ledger:
        receipt = ledger.record(*claims, once="the record of November 2016")
        print(f"{len(receipt.ids)} claims, {ledger.size} entries, root {ledger.root.hex()[:16]}…")
        secretariat = ledger.institution("kcac-secretariat")
        print(f"The secretariat is {secretariat.status}; it is to open in {secretariat.target}.")
        for party in ledger.meeting("kcac-forum/10").participation:
            print(f"  {party.party} {party.presence} {', '.join(party.ranks)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "forum.db")
