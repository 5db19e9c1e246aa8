"""
The tables of a ledger in PostgreSQL, their triggers, and where they are. Knows no Python value of a ledger.

Each ledger has a schema of its own, named after its origin (decision 0024). A leaf's hash is computed by the database
from its bytes, and cannot be written. Triggers keep accidents out, also the owner's; evidence is the tree.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from coop_ledger.log import MAX_LEAF, TILE_BYTES
from coop_ledger.stores.postgres.functions import FUNCTIONS

__all__ = ["APPEND_ONLY", "MARK", "POSTGRES_SCHEMA_VERSION", "schema_of", "statements"]

POSTGRES_SCHEMA_VERSION: Final = 1
"""``version`` in the table ``coop_ledger`` of the schema."""

MARK: Final = "coop_ledger"
"""The table by which a schema is known as a ledger."""

APPEND_ONLY: Final = ("entries", "once", "labels", "labelled", "tiles")
"""The tables that only grow."""

_NAME: Final = 40  # characters of an origin that its schema's name keeps; PostgreSQL cuts names at 63 bytes

_TABLES: Final = (
    f"""CREATE TABLE {MARK} (
  one integer PRIMARY KEY CHECK (one = 1),
  origin text COLLATE "C" NOT NULL,
  version integer NOT NULL
)""",
    # the one row that changes, and that every writer locks; with room for its next versions on its page
    """CREATE TABLE head (
  one integer PRIMARY KEY CHECK (one = 1),
  size bigint NOT NULL CHECK (size >= 0),
  recorded_at text COLLATE "C",
  frontier bytea NOT NULL
) WITH (fillfactor = 10)""",
    "CREATE TABLE turn (nobody integer)",  # without rows: writers stand in line for its lock
    f"""CREATE TABLE entries (
  position bigint PRIMARY KEY CHECK (position >= 0),
  id text COLLATE "C" NOT NULL CONSTRAINT entries_id UNIQUE,
  leaf bytea NOT NULL CONSTRAINT entries_leaf CHECK (octet_length(leaf) <= {MAX_LEAF}),
  hash bytea NOT NULL GENERATED ALWAYS AS (sha256('\\x00'::bytea || leaf)) STORED
)""",
    """CREATE TABLE once (
  key text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  position bigint NOT NULL,
  CONSTRAINT once_key PRIMARY KEY (key, place)
)""",
    "CREATE TABLE openings (position bigint PRIMARY KEY, blob bytea NOT NULL)",
    # uncompressed, so that a search of the pages finds what stands there
    "ALTER TABLE openings ALTER COLUMN blob SET STORAGE EXTERNAL",
    """CREATE TABLE labels (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  text text COLLATE "C" NOT NULL UNIQUE
)""",
    "CREATE TABLE labelled (number bigint NOT NULL, position bigint NOT NULL, PRIMARY KEY (number, position))",
    f"""CREATE TABLE tiles (
  level integer NOT NULL,
  place bigint NOT NULL,
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  blob bytea NOT NULL CHECK (octet_length(blob) = {TILE_BYTES}),
  PRIMARY KEY (level, place)
)""",
)

_TRIGGERS: Final = (
    *(
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse()"
        for table in APPEND_ONLY
    ),
    *(
        f"CREATE TRIGGER {table}_keep BEFORE DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse()"
        for table in ("openings", "head", MARK)
    ),
    f"""CREATE TRIGGER {MARK}_stays BEFORE UPDATE ON {MARK} FOR EACH ROW
WHEN (NEW.one <> OLD.one OR NEW.origin <> OLD.origin OR NEW.version <= OLD.version) EXECUTE FUNCTION refuse()""",
    """CREATE TRIGGER openings_shrink BEFORE UPDATE ON openings FOR EACH ROW
WHEN (NEW.position <> OLD.position OR octet_length(NEW.blob) >= octet_length(OLD.blob)) EXECUTE FUNCTION refuse()""",
    """CREATE TRIGGER head_grows BEFORE UPDATE ON head FOR EACH ROW
WHEN (NEW.one <> OLD.one OR NEW.size <= OLD.size OR NEW.recorded_at < OLD.recorded_at) EXECUTE FUNCTION refuse()""",
    # whoever listens to the schema's name hears of each commit; nothing rests on it
    "CREATE TRIGGER head_tells AFTER UPDATE ON head FOR EACH ROW EXECUTE FUNCTION tell()",
)


def schema_of(origin: str) -> str:
    """
    The name of the schema of a ledger: readable, and another one for every origin.

    >>> schema_of("forum.example.org/2026-k3f9")
    'ledger_forum_example_org_2026_k3f9_64fa5fa5'
    """
    name = re.sub(r"[^a-z0-9]+", "_", origin.casefold(), flags=re.ASCII).strip("_")[:_NAME]
    return f"ledger_{name}_{hashlib.sha256(origin.encode()).hexdigest()[:8]}"


def statements() -> tuple[str, ...]:
    """What makes the tables, functions and triggers of an empty ledger in the schema that is searched first."""
    return (
        *_TABLES,
        *FUNCTIONS,
        *_TRIGGERS,
        "INSERT INTO head VALUES (1, 0, NULL, '')",
    )
