"""
What the server itself does, in PL/pgSQL: find entries by labels, and append. The text of SQL, and no Python.

``append`` is one round trip: it locks the head, looks whether conditions and keys hold, puts each leaf together as
head, placed and tail, hashes, indexes, and grows the tree. It knows no JSON of a leaf. The functions work in the schema
that is searched first; what they refuse has a code of its own, which ``answers.py`` reads.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CLOCK", "CONDITION_BEYOND", "CONFLICT", "FUNCTIONS", "KEY_TAKEN", "OPENINGS_CHANGED", "TURN"]

CONFLICT: Final = "CL001"
"""A condition does not hold; the detail is ``since`` and the positions in the way, as JSON."""
KEY_TAKEN: Final = "CL002"
"""A key is there; the detail is the key."""
OPENINGS_CHANGED: Final = "CL003"
"""An erasure rests on openings that are others by now; the detail is their position."""
CONDITION_BEYOND: Final = "CL004"
"""A condition about entries that do not exist yet; the detail is ``since`` and the size, as JSON."""

CLOCK: Final = """to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
"""The server's present instant, as leaves write it."""

TURN: Final = "LOCK TABLE turn IN EXCLUSIVE MODE"
"""
Waits in line until nobody else writes, and has the turn until the transaction ends; only who may write can have it.

What holds is the lock of the head's row. But who waits for a row waits for its place in line, then for the row, and
looks at it anew each time; here each is woken once, and eight writers got half as much again done (measured).
"""

_REFUSE: Final = """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a ledger only grows: % on %', TG_OP, TG_TABLE_NAME;
END $$"""

_TELL: Final = """CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(TG_TABLE_SCHEMA, '');
  RETURN NULL;
END $$"""

# Each group is driven by its rarest label, counted no further than it matters, so that a pair of countries costs what
# the rarer one has.
# A label is looked up by itself, here and below: a join, planned while tables are small, would read them whole later.
_MATCHING: Final = """CREATE FUNCTION matching(groups jsonb, after bigint, before bigint, most bigint) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
  one jsonb;
  numbers bigint[];
  driver bigint;
  counted bigint;
  rarest bigint;
  found bigint[] := '{}';
BEGIN
  FOR one IN SELECT value FROM jsonb_array_elements(groups) LOOP
    IF jsonb_array_length(one) = 0 THEN
      found := found || ARRAY(
        SELECT e.position FROM entries e WHERE e.position > after AND e.position < before ORDER BY e.position LIMIT most
      );
      CONTINUE;
    END IF;
    numbers := ARRAY(
      SELECT (SELECT l.number FROM labels l WHERE l.text = t) FROM jsonb_array_elements_text(one) AS t
    );
    CONTINUE WHEN array_position(numbers, NULL) IS NOT NULL;
    driver := numbers[1];
    IF cardinality(numbers) > 1 THEN
      FOREACH counted IN ARRAY ARRAY[64, 10000]::bigint[] LOOP
        SELECT n, c INTO driver, rarest FROM (
          SELECT n, (SELECT count(*) FROM (SELECT 1 FROM labelled WHERE number = n LIMIT counted) AS part) AS c
          FROM unnest(numbers) AS n
        ) counts ORDER BY c LIMIT 1;
        EXIT WHEN rarest < counted;
      END LOOP;
    END IF;
    found := found || ARRAY(
      SELECT a.position FROM labelled a
      WHERE a.number = driver AND a.position > after AND a.position < before AND (
        cardinality(numbers) = 1 OR cardinality(numbers) = (
          SELECT count(*) FROM labelled b WHERE b.number = ANY (numbers) AND b.position = a.position
        )
      ) ORDER BY a.position LIMIT most
    );
  END LOOP;
  RETURN ARRAY(SELECT DISTINCT p FROM unnest(found) AS p ORDER BY p LIMIT most);
END $$"""

_CHECK: Final = f"""CREATE FUNCTION check_new(size bigint, conditions jsonb, keys text[]) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
  given jsonb;
  since bigint;
  found bigint[];
  taken text;
BEGIN
  FOR given IN SELECT value FROM jsonb_array_elements(conditions) LOOP
    since := (given ->> 0)::bigint;
    IF since > size THEN
      RAISE EXCEPTION USING ERRCODE = '{CONDITION_BEYOND}', MESSAGE = 'a condition beyond the log',
        DETAIL = jsonb_build_array(since, size);
    END IF;
    found := matching(given -> 1, since - 1, size, 1000);
    IF cardinality(found) > 0 THEN
      RAISE EXCEPTION USING ERRCODE = '{CONFLICT}', MESSAGE = 'a condition does not hold',
        DETAIL = jsonb_build_array(since, to_jsonb(found));
    END IF;
  END LOOP;
  SELECT k INTO taken FROM unnest(keys) AS k
  WHERE (SELECT o.key FROM once o WHERE o.key = k LIMIT 1) IS NOT NULL LIMIT 1;
  IF taken IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = '{KEY_TAKEN}', MESSAGE = 'a key is there', DETAIL = taken;
  END IF;
END $$"""

_ERASE: Final = f"""CREATE FUNCTION erase(erased bigint, old bytea, remaining bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE openings o SET blob = remaining WHERE o.position = erased AND o.blob = old;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = '{OPENINGS_CHANGED}', MESSAGE = 'other openings', DETAIL = erased::text;
  END IF;
END $$"""

# A tile is full where the subtrees that meet have 256, 65,536, … leaves: its root is the node that was just made.
_GROW: Final = """CREATE FUNCTION grow(at bigint, INOUT frontier bytea, hashes bytea[], OUT root bytea)
LANGUAGE plpgsql AS $$
DECLARE
  node bytea;
  tile bytea;
  height integer;
  length integer := octet_length(frontier);
  first bigint;
BEGIN
  FOREACH node IN ARRAY hashes LOOP
    height := 0;
    WHILE (at >> height) & 1 = 1 LOOP
      node := sha256('\\x01'::bytea || substr(frontier, length - 31) || node);
      length := length - 32;
      frontier := substr(frontier, 1, length);
      height := height + 1;
      IF height % 8 = 0 THEN
        first := (at >> height) << 8;
        IF height = 8 THEN
          SELECT string_agg(e.hash, ''::bytea ORDER BY e.position) INTO tile
          FROM entries e WHERE e.position >= first AND e.position < first + 256;
        ELSE
          SELECT string_agg(t.root, ''::bytea ORDER BY t.place) INTO tile
          FROM tiles t WHERE t.level = height / 8 - 2 AND t.place >= first AND t.place < first + 256;
        END IF;
        INSERT INTO tiles VALUES (height / 8 - 1, at >> height, node, tile);
      END IF;
    END LOOP;
    frontier := frontier || node;
    length := length + 32;
    at := at + 1;
  END LOOP;
  root := substr(frontier, length - 31);
  FOR here IN REVERSE length / 32 - 2 .. 0 LOOP
    root := sha256('\\x01'::bytea || substr(frontier, here * 32 + 1, 32) || root);
  END LOOP;
END $$"""

# told: an id and its labels for each draft; keyed: key, place in the call, and number of the draft. Most labels are
# known by now, so that new ones are looked for only if some are missing.
_APPEND: Final = f"""CREATE FUNCTION append(
  heads bytea[], tails bytea[], opened bytea[], told jsonb, keyed jsonb, conditions jsonb, now text,
  erased bigint, old bytea, remaining bytea,
  OUT start bigint, OUT recorded_at text, OUT clamped boolean, OUT root bytea
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  last text COLLATE "C";
  edge bytea;
  first bigint;
  mark text := '';
  hashes bytea[];
  texts text[];
  places bigint[];
  known bigint;
BEGIN
  {TURN};
  SELECT h.size, h.recorded_at, h.frontier INTO first, last, edge FROM head h FOR UPDATE;
  IF conditions IS NOT NULL OR keyed IS NOT NULL THEN
    PERFORM check_new(
      first, coalesce(conditions, '[]'), ARRAY(SELECT value ->> 0 FROM jsonb_array_elements(keyed))
    );
  END IF;
  IF erased IS NOT NULL THEN
    PERFORM erase(erased, old, remaining);
  END IF;
  append.recorded_at := coalesce(now, {CLOCK});
  append.clamped := last IS NOT NULL AND append.recorded_at < last;
  IF append.clamped THEN
    append.recorded_at := last;
    mark := '"recorded_clamped":true,';
  END IF;
  mark := ',"recorded_at":"' || append.recorded_at || '",' || mark;
  WITH added AS (
    INSERT INTO entries (position, id, leaf)
    SELECT first + n - 1, t ->> 0, h || convert_to('"position":' || first + n - 1 || mark, 'UTF8') || e
    FROM ROWS FROM (unnest(heads), unnest(tails), jsonb_array_elements(told)) WITH ORDINALITY AS d(h, e, t, n)
    RETURNING position, hash
  ) SELECT array_agg(hash ORDER BY position) INTO hashes FROM added;
  INSERT INTO openings (position, blob)
  SELECT first + n - 1, blob FROM unnest(opened) WITH ORDINALITY AS o(blob, n) WHERE blob IS NOT NULL;
  SELECT array_agg(label), array_agg(first + n - 1) INTO texts, places
  FROM jsonb_array_elements(told) WITH ORDINALITY AS d(t, n), jsonb_array_elements_text(t -> 1) AS label;
  INSERT INTO labelled (number, position)
  SELECT l.number, at FROM unnest(texts, places) AS g(t, at),
    LATERAL (SELECT number FROM labels WHERE text = t LIMIT 1) AS l;
  GET DIAGNOSTICS known = ROW_COUNT;
  IF known < cardinality(texts) THEN
    WITH fresh AS (
      INSERT INTO labels (text)
      SELECT DISTINCT t FROM unnest(texts) AS t WHERE (SELECT l.number FROM labels l WHERE l.text = t) IS NULL
      RETURNING number, text
    ) INSERT INTO labelled (number, position)
    SELECT number, at FROM fresh JOIN unnest(texts, places) AS g(t, at) ON text = t;
  END IF;
  IF keyed IS NOT NULL THEN
    INSERT INTO once (key, place, position)
    SELECT value ->> 0, (value ->> 1)::integer, first + (value ->> 2)::bigint FROM jsonb_array_elements(keyed);
  END IF;
  SELECT g.frontier, g.root INTO edge, append.root FROM grow(first, edge, hashes) AS g;
  UPDATE head SET size = first + cardinality(hashes), recorded_at = append.recorded_at, frontier = edge;
  append.start := first;
END $$"""

FUNCTIONS: Final = (_REFUSE, _TELL, _MATCHING, _CHECK, _ERASE, _GROW, _APPEND)
"""The statements that make the functions, in order."""
