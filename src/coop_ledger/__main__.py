"""``python -m coop_ledger``: the same as the command ``coop-ledger``."""

from coop_ledger.cli import main

main()
