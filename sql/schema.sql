-- Version 1: all tables, views and triggers.
--
-- Times of appointments are local wall-clock times, `YYYY-MM-DD HH:MM`; instants are UTC,
-- `YYYY-MM-DDTHH:MM:SSZ`. `strftime` normalises what it reads, so that comparing its result with
-- the value refuses every other spelling and every date that does not exist.

-- One row: what is the chain's own. The identity is part of every Message-ID and calendar UID.
CREATE TABLE chain (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    identity TEXT NOT NULL
) STRICT;

CREATE TABLE branch (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    street TEXT,
    postcode TEXT,
    city TEXT,
    phone TEXT,
    email TEXT
) STRICT;

CREATE TABLE customer (
    id INTEGER PRIMARY KEY,
    salutation TEXT,
    first_name TEXT,
    last_name TEXT,
    language TEXT,
    preferred_contact TEXT CHECK (preferred_contact IN ('email', 'sms', 'letter', 'phone', 'none')),
    deceased INTEGER NOT NULL DEFAULT 0 CHECK (deceased IN (0, 1)),
    email TEXT,
    street TEXT,
    postcode TEXT,
    city TEXT
) STRICT;

CREATE TABLE customer_phone (
    customer_id INTEGER NOT NULL REFERENCES customer (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL CHECK (position BETWEEN 1 AND 3),
    number TEXT NOT NULL,
    sms_allowed INTEGER NOT NULL DEFAULT 0 CHECK (sms_allowed IN (0, 1)),
    PRIMARY KEY (customer_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE appointment_type (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    auto_notify INTEGER NOT NULL DEFAULT 0 CHECK (auto_notify IN (0, 1))
) STRICT;

CREATE TABLE appointment (
    id INTEGER PRIMARY KEY,
    branch_id INTEGER NOT NULL REFERENCES branch (id) DEFERRABLE INITIALLY DEFERRED,
    customer_id INTEGER REFERENCES customer (id) DEFERRABLE INITIALLY DEFERRED,
    type_id INTEGER NOT NULL REFERENCES appointment_type (id) DEFERRABLE INITIALLY DEFERRED,
    status TEXT NOT NULL DEFAULT 'booked' CHECK (
        status IN ('proposed', 'booked', 'confirmed', 'arrived', 'completed', 'cancelled', 'no_show')
    ),
    is_group INTEGER NOT NULL DEFAULT 0 CHECK (is_group IN (0, 1)),
    starts_at TEXT NOT NULL CHECK (strftime('%Y-%m-%d %H:%M', starts_at) IS starts_at),
    ends_at TEXT NOT NULL CHECK (strftime('%Y-%m-%d %H:%M', ends_at) IS ends_at),
    customer_starts_at TEXT CHECK (strftime('%Y-%m-%d %H:%M', customer_starts_at) IS customer_starts_at),
    note TEXT,
    -- The start in the words of the rules.
    start TEXT GENERATED ALWAYS AS (coalesce(customer_starts_at, starts_at)) VIRTUAL
) STRICT;

CREATE INDEX appointment_by_start ON appointment (start);
CREATE INDEX appointment_by_customer ON appointment (customer_id, start);
-- Almost always empty: starts that got past the checks, which no window would find.
CREATE INDEX appointment_without_time ON appointment (id) WHERE strftime('%Y-%m-%d %H:%M', start) IS NOT start;

CREATE TABLE document_template (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT,
    format TEXT NOT NULL DEFAULT 'plain_text' CHECK (format IN ('plain_text', 'html', 'odt')),
    subject TEXT,
    body TEXT NOT NULL
) STRICT;

-- Two rows without language are two for the same, which UNIQUE (name, language) would allow.
CREATE UNIQUE INDEX document_template_by_name ON document_template (name, coalesce(language, ''));

CREATE TABLE contact_template (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE contact_template_channel (
    contact_template_id INTEGER NOT NULL REFERENCES contact_template (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'letter', 'phone')),
    document_template TEXT NOT NULL,
    PRIMARY KEY (contact_template_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE interface (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('appointment_notification', 'smtp', 'sms')),
    branch_id INTEGER REFERENCES branch (id) DEFERRABLE INITIALLY DEFERRED,
    workstation TEXT,
    server_side INTEGER NOT NULL DEFAULT 0 CHECK (server_side IN (0, 1)),
    start_date TEXT CHECK (date(start_date) IS start_date),
    settings TEXT NOT NULL DEFAULT '{}'
) STRICT;

-- Real passes only. One that never finished has no `finished_at`.
CREATE TABLE pass (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', at) IS at),
    finished_at TEXT CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', finished_at) IS finished_at),
    result TEXT CHECK (result IN ('complete', 'quiet', 'inactive')),
    exit_status INTEGER,
    host TEXT NOT NULL,
    -- Number and start of its process, by which a pass that still runs is known from one that died.
    process TEXT,
    version TEXT NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    handed_over INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    uncertain INTEGER NOT NULL DEFAULT 0,
    deferred INTEGER NOT NULL DEFAULT 0,
    withdrawn INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    warnings INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX pass_by_instant ON pass (at);

-- The ledger. AUTOINCREMENT, so that an id is never used again for another person.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('confirmation', 'reminder', 'manual')),
    customer_id INTEGER NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'letter', 'phone')),
    address TEXT NOT NULL DEFAULT '',
    subject TEXT,
    body TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (
        state IN ('sending', 'sent', 'handed_over', 'uncertain', 'failed', 'deferred', 'withdrawn')
    ),
    -- The instant of its pass, or of the message by hand; when it really left is `settled_at`.
    sent_at TEXT NOT NULL CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', sent_at) IS sent_at),
    error TEXT,
    pass_id INTEGER,
    interface_id INTEGER,
    language TEXT,
    -- The calendar file that went with it.
    calendar TEXT,
    claimed_at TEXT CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', claimed_at) IS claimed_at),
    settled_at TEXT CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', settled_at) IS settled_at),
    -- How often it was repeated after its fate had become unknown (rule G3).
    repeats INTEGER NOT NULL DEFAULT 0,
    -- Our own name for it on the wire (Message-ID, reference at the gateway), and the server's.
    reference TEXT,
    server_reference TEXT,
    reply TEXT,
    -- A task for staff that is done.
    done_at TEXT CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', done_at) IS done_at)
) STRICT;

CREATE INDEX message_by_customer ON message (customer_id, sent_at);
CREATE INDEX message_by_pass ON message (pass_id);
CREATE INDEX message_unfinished ON message (state, customer_id) WHERE state IN ('sending', 'uncertain', 'deferred');
CREATE INDEX message_task ON message (sent_at) WHERE state = 'handed_over' AND done_at IS NULL;

-- What a message covers. `kind`, `customer_id` and `counts` repeat the message's, so that an index
-- can refuse a second telling of the same; triggers keep them.
CREATE TABLE message_appointment (
    message_id INTEGER NOT NULL,
    appointment_id INTEGER NOT NULL,
    appointment_start TEXT CHECK (strftime('%Y-%m-%d %H:%M', appointment_start) IS appointment_start),
    -- The number of changed starts told so far (rule H), of automatic messages.
    sequence INTEGER,
    kind TEXT,
    customer_id INTEGER,
    counts INTEGER,
    PRIMARY KEY (message_id, appointment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_appointment_by_appointment ON message_appointment (appointment_id);

CREATE UNIQUE INDEX message_appointment_told_once
ON message_appointment (appointment_id, customer_id, kind, sequence)
WHERE counts = 1 AND kind <> 'manual';

CREATE TRIGGER message_appointment_completed AFTER INSERT ON message_appointment
WHEN new.appointment_start IS NULL OR new.kind IS NULL OR new.customer_id IS NULL OR new.counts IS NULL
BEGIN
    UPDATE message_appointment
    SET appointment_start = coalesce(
            new.appointment_start,
            (SELECT start FROM appointment WHERE id = new.appointment_id)
        ),
        (kind, customer_id, counts) = (
            SELECT kind, customer_id, state IN ('sending', 'sent', 'handed_over', 'uncertain')
            FROM message
            WHERE id = new.message_id
        )
    WHERE message_id = new.message_id AND appointment_id = new.appointment_id;
END;

CREATE TRIGGER message_state_counts AFTER UPDATE OF state ON message
WHEN (old.state IN ('sending', 'sent', 'handed_over', 'uncertain'))
<> (new.state IN ('sending', 'sent', 'handed_over', 'uncertain'))
BEGIN
    UPDATE message_appointment
    SET counts = new.state IN ('sending', 'sent', 'handed_over', 'uncertain')
    WHERE message_id = new.id;
END;

-- What a deleted message leaves behind must not stand in the way of another one.
CREATE TRIGGER message_deleted AFTER DELETE ON message
BEGIN
    UPDATE message_appointment SET counts = 0 WHERE message_id = old.id;
END;

-- The states of a message and the ways between them:
--
--   (new) -> sending -> sent | handed_over | uncertain | failed | deferred | withdrawn
--   (new) -> deferred -> sending | withdrawn
--   (new) -> withdrawn
--   uncertain -> sending (repeated once) | sent | failed | deferred (the gateway has never seen it)
--   sent, handed_over -> failed (it came back later)
CREATE TRIGGER message_state_checked BEFORE UPDATE OF state ON message
WHEN old.state <> new.state
AND (old.state, new.state) NOT IN (VALUES
    ('sending', 'sent'), ('sending', 'handed_over'), ('sending', 'uncertain'), ('sending', 'failed'),
    ('sending', 'deferred'), ('sending', 'withdrawn'),
    ('deferred', 'sending'), ('deferred', 'withdrawn'),
    ('uncertain', 'sending'), ('uncertain', 'sent'), ('uncertain', 'failed'), ('uncertain', 'deferred'),
    ('sent', 'failed'), ('handed_over', 'failed')
)
BEGIN
    SELECT RAISE(ABORT, 'a message cannot go from its state to that one');
END;

CREATE VIEW customer_history AS
SELECT customer_id, sent_at AS at, kind, channel, address, subject, body, state, error, id AS message_id
FROM message;

-- The date of the last notification (rule G1): that of the newest counting message.
CREATE VIEW appointment_last_notification AS
SELECT covered.appointment_id, max(message.sent_at) AS at
FROM message_appointment AS covered
INNER JOIN message ON message.id = covered.message_id
WHERE covered.counts = 1
GROUP BY covered.appointment_id;

CREATE VIEW appointment_history AS
SELECT
    covered.appointment_id, message.sent_at AS at, message.kind, message.channel, message.address,
    covered.appointment_start, message.state, message.error, message.id AS message_id
FROM message_appointment AS covered
INNER JOIN message ON message.id = covered.message_id;
