"""
A ledger in a PostgreSQL database: for many services on many machines. Needs the extra ``postgres``.

Its modules are loaded when a first ledger is opened, and so is the driver. Design: ``docs/decisions/0024``.
"""

__all__: list[str] = []  # what is for others stands at the door of ``stores``
