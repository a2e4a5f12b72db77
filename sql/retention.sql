-- Version 2: what `terminbote purge` leaves of old messages.

-- One row, made by the first purge.
CREATE TABLE retention (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The random key of `message.address_hash`. Without it, nobody can tell which address is meant.
    address_key BLOB NOT NULL,
    -- Whether bytes of what was taken out may still stand in unused parts of the file.
    traces INTEGER NOT NULL DEFAULT 0 CHECK (traces IN (0, 1))
) STRICT;

-- When text and address were taken out.
ALTER TABLE message ADD COLUMN purged_at TEXT CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', purged_at) IS purged_at);
-- HMAC-SHA-256 of the address that was taken out, in hexadecimal: one for each way to read it, with
-- blanks between them.
ALTER TABLE message ADD COLUMN address_hash TEXT;
