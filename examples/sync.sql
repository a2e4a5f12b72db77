-- Keeps the practice's data in step with an export, such as praxis.db. Run it before each pass, in
-- the folder of both databases:
--
--     sqlite3 -bail -cmd '.timeout 10000' terminbote.db < sync.sql
--
-- Only rows that differ are touched; run twice, the second run changes nothing. Never delete all
-- rows and insert them again: a pass in between would find nobody, and what has really changed
-- could not be told any more.
--
-- The export is a SQLite database with these tables; if yours are others, change the views below.
-- The ids are those of the practice's software and must stay the same for the same row.
--
--   branch            id, code, name, street, postcode, city, phone, email
--   appointment_type  id, name, auto_notify (0 or 1)
--   customer          id, salutation, first_name, last_name, language, preferred_contact
--                     (email, sms, letter, phone, none or NULL), deceased (0 or 1), email, street,
--                     postcode, city
--   customer_phone    customer_id, position (1 to 3), number, sms_allowed (0 or 1)
--   appointment       id, branch_id, customer_id (NULL: none), type_id, status (proposed, booked,
--                     confirmed, arrived, completed, cancelled, no_show), is_group (0 or 1),
--                     starts_at, ends_at, customer_starts_at (NULL: starts_at), note; times are
--                     local, 'YYYY-MM-DD HH:MM'
--
-- What has vanished from the export: appointments become cancelled, telephone numbers are deleted.
-- Customers, types and branches stay, since nothing is sent for them without an appointment.
--
-- A row that breaks a rule of the tables is left as it was here and printed, with what is wrong with it;
-- cron mails that. All others are taken over. A row that points to one that does not exist is taken over as
-- well: the next pass names it in its report and looks after all others. All is one transaction.

-- An export that is missing is an error, and not made anew.
ATTACH 'file:praxis.db?mode=rw' AS source;

CREATE TEMP VIEW their_branch AS
SELECT id, code, name, street, postcode, city, phone, email
FROM source.branch;

CREATE TEMP VIEW their_appointment_type AS
SELECT id, name, auto_notify
FROM source.appointment_type;

CREATE TEMP VIEW their_customer AS
SELECT id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city
FROM source.customer;

CREATE TEMP VIEW their_customer_phone AS
SELECT customer_id, position, number, sms_allowed
FROM source.customer_phone;

CREATE TEMP VIEW their_appointment AS
SELECT id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note
FROM source.appointment;

PRAGMA foreign_keys = OFF;

BEGIN IMMEDIATE;

-- What cannot be taken over. `place` is the number of the row, of a telephone number "customer/position".
CREATE TEMP TABLE left_out (table_name TEXT, place, problem TEXT);

INSERT INTO left_out
SELECT 'branch', id,
    CASE
        WHEN id IS NULL OR CAST(CAST(id AS INTEGER) AS TEXT) <> CAST(id AS TEXT) THEN 'id is ' || quote(id)
        WHEN code IS NULL OR name IS NULL THEN 'code or name is missing'
        WHEN (SELECT count(*) FROM their_branch AS same WHERE same.code = theirs.code) > 1
            THEN 'several have the code ' || quote(code)
        WHEN EXISTS (
            SELECT 1 FROM branch AS ours
            WHERE ours.code = theirs.code AND ours.id NOT IN (SELECT id FROM their_branch WHERE id IS NOT NULL)
        ) THEN 'a branch that the export does not have any more has the code ' || quote(code)
    END AS problem
FROM their_branch AS theirs
WHERE problem IS NOT NULL;

INSERT INTO left_out
SELECT 'appointment_type', id,
    CASE
        WHEN id IS NULL OR CAST(CAST(id AS INTEGER) AS TEXT) <> CAST(id AS TEXT) THEN 'id is ' || quote(id)
        WHEN name IS NULL THEN 'name is missing'
        WHEN auto_notify IS NULL OR CAST(auto_notify AS TEXT) NOT IN ('0', '1')
            THEN 'auto_notify is ' || quote(auto_notify)
    END AS problem
FROM their_appointment_type
WHERE problem IS NOT NULL;

INSERT INTO left_out
SELECT 'customer', id,
    CASE
        WHEN id IS NULL OR CAST(CAST(id AS INTEGER) AS TEXT) <> CAST(id AS TEXT) THEN 'id is ' || quote(id)
        WHEN preferred_contact NOT IN ('email', 'sms', 'letter', 'phone', 'none')
            THEN 'preferred_contact is ' || quote(preferred_contact)
        WHEN deceased IS NULL OR CAST(deceased AS TEXT) NOT IN ('0', '1')
            THEN 'deceased is ' || quote(deceased)
    END AS problem
FROM their_customer
WHERE problem IS NOT NULL;

INSERT INTO left_out
SELECT 'customer_phone', coalesce(customer_id, '') || '/' || coalesce(position, ''),
    CASE
        WHEN customer_id IS NULL OR CAST(CAST(customer_id AS INTEGER) AS TEXT) <> CAST(customer_id AS TEXT)
            THEN 'customer_id is ' || quote(customer_id)
        WHEN position IS NULL OR CAST(position AS TEXT) NOT IN ('1', '2', '3')
            THEN 'position is ' || quote(position)
        WHEN number IS NULL THEN 'number is missing'
        WHEN sms_allowed IS NULL OR CAST(sms_allowed AS TEXT) NOT IN ('0', '1')
            THEN 'sms_allowed is ' || quote(sms_allowed)
    END AS problem
FROM their_customer_phone
WHERE problem IS NOT NULL;

INSERT INTO left_out
SELECT 'appointment', id,
    CASE
        WHEN id IS NULL OR CAST(CAST(id AS INTEGER) AS TEXT) <> CAST(id AS TEXT) THEN 'id is ' || quote(id)
        WHEN branch_id IS NULL OR CAST(CAST(branch_id AS INTEGER) AS TEXT) <> CAST(branch_id AS TEXT)
            THEN 'branch_id is ' || quote(branch_id)
        WHEN type_id IS NULL OR CAST(CAST(type_id AS INTEGER) AS TEXT) <> CAST(type_id AS TEXT)
            THEN 'type_id is ' || quote(type_id)
        WHEN CAST(CAST(customer_id AS INTEGER) AS TEXT) <> CAST(customer_id AS TEXT)
            THEN 'customer_id is ' || quote(customer_id)
        WHEN status IS NULL
            OR status NOT IN ('proposed', 'booked', 'confirmed', 'arrived', 'completed', 'cancelled', 'no_show')
            THEN 'status is ' || quote(status)
        WHEN is_group IS NULL OR CAST(is_group AS TEXT) NOT IN ('0', '1')
            THEN 'is_group is ' || quote(is_group)
        WHEN starts_at IS NULL OR strftime('%Y-%m-%d %H:%M', starts_at) IS NOT starts_at
            THEN 'starts_at is ' || quote(starts_at)
        WHEN ends_at IS NULL OR strftime('%Y-%m-%d %H:%M', ends_at) IS NOT ends_at
            THEN 'ends_at is ' || quote(ends_at)
        WHEN strftime('%Y-%m-%d %H:%M', customer_starts_at) IS NOT customer_starts_at
            THEN 'customer_starts_at is ' || quote(customer_starts_at)
    END AS problem
FROM their_appointment
WHERE problem IS NOT NULL;

CREATE INDEX left_out_by_place ON left_out (table_name, place);

-- Two branches may swap their codes, of which there must never be two.
UPDATE branch
SET code = '? ' || id
WHERE EXISTS (
    SELECT 1 FROM their_branch AS theirs
    WHERE theirs.id = branch.id AND theirs.code <> branch.code
        AND NOT EXISTS (SELECT 1 FROM left_out WHERE table_name = 'branch' AND place IS theirs.id)
);

-- Of the others, only what differs.

INSERT INTO branch (id, code, name, street, postcode, city, phone, email)
SELECT id, code, name, street, postcode, city, phone, email
FROM their_branch AS theirs
WHERE NOT EXISTS (SELECT 1 FROM left_out WHERE table_name = 'branch' AND place IS theirs.id)
ON CONFLICT (id) DO UPDATE SET
    code = excluded.code,
    name = excluded.name,
    street = excluded.street,
    postcode = excluded.postcode,
    city = excluded.city,
    phone = excluded.phone,
    email = excluded.email
WHERE (code, name, street, postcode, city, phone, email)
    IS NOT (
        excluded.code, excluded.name, excluded.street, excluded.postcode, excluded.city, excluded.phone,
        excluded.email
    );

INSERT INTO appointment_type (id, name, auto_notify)
SELECT id, name, auto_notify
FROM their_appointment_type AS theirs
WHERE NOT EXISTS (SELECT 1 FROM left_out WHERE table_name = 'appointment_type' AND place IS theirs.id)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name,
    auto_notify = excluded.auto_notify
WHERE (name, auto_notify) IS NOT (excluded.name, excluded.auto_notify);

INSERT INTO customer (
    id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city
)
SELECT id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city
FROM their_customer AS theirs
WHERE NOT EXISTS (SELECT 1 FROM left_out WHERE table_name = 'customer' AND place IS theirs.id)
ON CONFLICT (id) DO UPDATE SET
    salutation = excluded.salutation,
    first_name = excluded.first_name,
    last_name = excluded.last_name,
    language = excluded.language,
    preferred_contact = excluded.preferred_contact,
    deceased = excluded.deceased,
    email = excluded.email,
    street = excluded.street,
    postcode = excluded.postcode,
    city = excluded.city
WHERE (salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city)
    IS NOT (
        excluded.salutation, excluded.first_name, excluded.last_name, excluded.language,
        excluded.preferred_contact, excluded.deceased, excluded.email, excluded.street, excluded.postcode,
        excluded.city
    );

-- Numbers that have vanished, of customers whom the export still has.
DELETE FROM customer_phone
WHERE EXISTS (SELECT 1 FROM their_customer WHERE id = customer_phone.customer_id)
    AND NOT EXISTS (
        SELECT 1 FROM their_customer_phone AS present
        WHERE present.customer_id = customer_phone.customer_id AND present.position = customer_phone.position
    );

INSERT INTO customer_phone (customer_id, position, number, sms_allowed)
SELECT customer_id, position, number, sms_allowed
FROM their_customer_phone AS theirs
WHERE NOT EXISTS (
    SELECT 1 FROM left_out
    WHERE table_name = 'customer_phone' AND place IS theirs.customer_id || '/' || theirs.position
)
ON CONFLICT (customer_id, position) DO UPDATE SET
    number = excluded.number,
    sms_allowed = excluded.sms_allowed
WHERE (number, sms_allowed) IS NOT (excluded.number, excluded.sms_allowed);

INSERT INTO appointment (
    id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note
)
SELECT id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note
FROM their_appointment AS theirs
WHERE NOT EXISTS (SELECT 1 FROM left_out WHERE table_name = 'appointment' AND place IS theirs.id)
ON CONFLICT (id) DO UPDATE SET
    branch_id = excluded.branch_id,
    customer_id = excluded.customer_id,
    type_id = excluded.type_id,
    status = excluded.status,
    is_group = excluded.is_group,
    starts_at = excluded.starts_at,
    ends_at = excluded.ends_at,
    customer_starts_at = excluded.customer_starts_at,
    note = excluded.note
WHERE (branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note)
    IS NOT (
        excluded.branch_id, excluded.customer_id, excluded.type_id, excluded.status, excluded.is_group,
        excluded.starts_at, excluded.ends_at, excluded.customer_starts_at, excluded.note
    );

-- Appointments that have vanished. An export without a single appointment cancels nothing: it is
-- far more likely to be broken. If yours leaves out the past, its appointments end up here too,
-- which does no harm: nothing is sent for them any more.
UPDATE appointment
SET status = 'cancelled'
WHERE status NOT IN ('cancelled', 'no_show', 'completed')
    AND NOT EXISTS (SELECT 1 FROM their_appointment AS present WHERE present.id = appointment.id)
    AND EXISTS (SELECT 1 FROM their_appointment);

COMMIT;

SELECT 'left as it was: ' || table_name || ' ' || coalesce(place, 'without a number') || ', ' || problem
FROM left_out
ORDER BY table_name, place;

DROP TABLE left_out;
DROP VIEW their_branch;
DROP VIEW their_appointment_type;
DROP VIEW their_customer;
DROP VIEW their_customer_phone;
DROP VIEW their_appointment;
DETACH source;
