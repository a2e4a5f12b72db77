-- Keeps the practice's data in step with an export, such as praxis.db. Run it before each pass, in
-- the folder of both databases:
--
--     sqlite3 -bail -cmd '.timeout 10000' terminbote.db < sync.sql
--
-- Only rows that differ are touched; run twice, the second run changes nothing. Never delete all
-- rows and insert them again: a pass in between would find nobody, and what has really changed
-- could not be told any more.
--
-- The export is a SQLite database with these tables; change the SELECTs below if yours are others.
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
-- It is one transaction: if a row breaks a rule of the tables, nothing at all is changed, and the
-- error names the rule.

ATTACH 'praxis.db' AS source;

-- A row that points to one that does not exist is not refused here: the next pass names it in its
-- report and looks after all others.
PRAGMA foreign_keys = OFF;

BEGIN IMMEDIATE;

-- `WHERE true` is there so that ON CONFLICT is not read as part of the SELECT.

INSERT INTO branch (id, code, name, street, postcode, city, phone, email)
SELECT id, code, name, street, postcode, city, phone, email
FROM source.branch
WHERE true
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
FROM source.appointment_type
WHERE true
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name,
    auto_notify = excluded.auto_notify
WHERE (name, auto_notify) IS NOT (excluded.name, excluded.auto_notify);

INSERT INTO customer (
    id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city
)
SELECT id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city
FROM source.customer
WHERE true
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
WHERE EXISTS (SELECT 1 FROM source.customer WHERE id = customer_phone.customer_id)
    AND NOT EXISTS (
        SELECT 1 FROM source.customer_phone AS present
        WHERE present.customer_id = customer_phone.customer_id AND present.position = customer_phone.position
    );

INSERT INTO customer_phone (customer_id, position, number, sms_allowed)
SELECT customer_id, position, number, sms_allowed
FROM source.customer_phone
WHERE true
ON CONFLICT (customer_id, position) DO UPDATE SET
    number = excluded.number,
    sms_allowed = excluded.sms_allowed
WHERE (number, sms_allowed) IS NOT (excluded.number, excluded.sms_allowed);

INSERT INTO appointment (
    id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note
)
SELECT id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note
FROM source.appointment
WHERE true
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
    AND NOT EXISTS (SELECT 1 FROM source.appointment AS present WHERE present.id = appointment.id)
    AND EXISTS (SELECT 1 FROM source.appointment);

COMMIT;

DETACH source;
