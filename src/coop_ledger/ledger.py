"""
The facade: one ledger, opened, written and read. The only room that knows all floors; no rule lives here.

A ledger draws ids and salts, checks countries and dates, hands drafts to its store, and rebuilds states
with the shipped projections. It knows neither SQL nor bytes. Reading one subject reads that subject's
entries only; reads never hold a transaction (DESIGN §6, §8).
"""
