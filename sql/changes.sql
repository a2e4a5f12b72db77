-- Version 2: what has changed since, and what each pass saw of it (rules, chapter I).

-- One row for each insert, change and deletion in the tables that rules and texts read, written by
-- the triggers that `src/store/changes.rs` makes for each of them, and never by anybody else. `seq`
-- tells the order, also within a second. `old` are the values before, as one JSON object by column;
-- NULL for an insert, and for what `purge` has taken out. Of an interface it has the names of the
-- secrets alone (NULL: no object of secrets; 0: something else in its place).
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    -- The rest of the key where it has two columns, else 0.
    row_part INTEGER NOT NULL,
    -- Three comparisons and not IN, which would build its list anew for each row.
    what TEXT NOT NULL CHECK (what = 'insert' OR what = 'update' OR what = 'delete'),
    old TEXT
) STRICT;

-- What the row being inserted may replace, from before its insert to after it: INSERT OR REPLACE
-- tells no trigger what it deletes. A row without `row_id`: the one being inserted is a new one.
CREATE TABLE change_stash (
    table_name TEXT NOT NULL,
    row_id INTEGER,
    row_part INTEGER NOT NULL,
    old TEXT
) STRICT;

-- The instant from which changes are recorded.
ALTER TABLE chain ADD COLUMN changes_since TEXT;
UPDATE chain SET changes_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now');

-- What a pass saw: the last change before it read the chain (interfaces, branches, types, texts),
-- the last one before it read the appointments, the newest message, and, as a JSON list, messages
-- that somebody else was handing over at that moment. The plan of a pass is made from the data at
-- these marks alone, whatever others write while it runs.
ALTER TABLE pass ADD COLUMN chain_change INTEGER;
ALTER TABLE pass ADD COLUMN last_change INTEGER;
ALTER TABLE pass ADD COLUMN last_message INTEGER;
ALTER TABLE pass ADD COLUMN in_flight TEXT;
-- Files and variables with secrets that could not be read, as a JSON object: which, and why.
ALTER TABLE pass ADD COLUMN secrets_missing TEXT;
-- The interfaces in force, as JSON, without secrets.
ALTER TABLE pass ADD COLUMN settings TEXT;
ALTER TABLE pass ADD COLUMN took_ms INTEGER;
ALTER TABLE pass ADD COLUMN reminder_until TEXT;
ALTER TABLE pass ADD COLUMN look_ahead INTEGER;
ALTER TABLE pass ADD COLUMN confirmation_from TEXT;
ALTER TABLE pass ADD COLUMN confirmation_to TEXT;
-- How many appointments were skipped for which reason, as a JSON object.
ALTER TABLE pass ADD COLUMN skipped_by_reason TEXT;
