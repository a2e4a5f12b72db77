-- Version 2: what a customer may still have to be told by a confirmation, kept by the database
-- itself, so that a pass does not look at the months that have been confirmed long ago.

-- The first day (`YYYY-MM-DD`) whose appointments `untold` holds. A pass that has to look before it
-- asks the appointments themselves. Each real pass moves it on to its own day.
CREATE TABLE untold_since (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    start TEXT NOT NULL
) STRICT;

INSERT INTO untold_since (id, start) VALUES (1, strftime('%Y-%m-%d', 'now'));

-- Appointments whose customer can be written to by e-mail and has not been told the present start
-- (rules B, C1, D). The rules decide about them; what is not in here is never confirmed.
CREATE TABLE untold (
    appointment_id INTEGER NOT NULL UNIQUE,
    start TEXT NOT NULL,
    customer_id INTEGER NOT NULL,
    -- NULL where something is wrong with the row, which is said whatever its branch and its type.
    branch_id INTEGER,
    type_id INTEGER,
    PRIMARY KEY (start, appointment_id)
) STRICT, WITHOUT ROWID;

-- Messages by hand count from their instant on: those to come are few, and looked at by themselves.
CREATE INDEX message_by_hand ON message (sent_at) WHERE kind = 'manual';

-- What belongs into `untold`, by the present rows.
CREATE VIEW untold_now AS
SELECT
    appointment.id AS appointment_id, appointment.start, appointment.customer_id,
    iif(
        customer.id IS NULL OR appointment.ends_at < max(appointment.starts_at, appointment.start),
        NULL, appointment.branch_id
    ) AS branch_id,
    iif(
        customer.id IS NULL OR appointment.ends_at < max(appointment.starts_at, appointment.start),
        NULL, appointment.type_id
    ) AS type_id
FROM appointment
LEFT JOIN customer ON customer.id = appointment.customer_id
WHERE
    appointment.start >= (SELECT start FROM untold_since)
    AND appointment.customer_id IS NOT NULL
    AND appointment.status NOT IN ('cancelled', 'no_show')
    AND appointment.is_group <> 1
    AND (
        customer.id IS NULL
        OR appointment.ends_at < max(appointment.starts_at, appointment.start)
        OR customer.deceased <> 1
        AND customer.preferred_contact IS NOT 'none'
        AND trim(coalesce(customer.email, '')) <> ''
    )
    AND NOT EXISTS (
        -- A counting message that stated the present start, and no newer one that stated another.
        -- CROSS JOIN keeps to this order: a customer has many messages, an appointment few.
        SELECT 1
        FROM message_appointment AS covered
        CROSS JOIN message ON message.id = covered.message_id
        WHERE
            covered.appointment_id = appointment.id
            AND covered.appointment_start = appointment.start
            AND message.customer_id = appointment.customer_id
            AND message.state IN ('sending', 'sent', 'handed_over', 'uncertain')
            AND NOT EXISTS (
                SELECT 1
                FROM message_appointment AS other
                CROSS JOIN message AS newer ON newer.id = other.message_id
                WHERE
                    other.appointment_id = appointment.id
                    AND other.appointment_start <> appointment.start
                    AND newer.customer_id = appointment.customer_id
                    AND newer.state IN ('sending', 'sent', 'handed_over', 'uncertain')
                    AND (newer.sent_at, newer.id) > (message.sent_at, message.id)
            )
    );

INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now;

-- Each trigger takes out what it may concern and puts in what belongs there by the rows as they are
-- after the change, whatever the change was. INSERT OR REPLACE tells no trigger what it deletes, so
-- that an insert is handled like a change of the row with its key.

CREATE TRIGGER untold_days_go_by AFTER UPDATE OF start ON untold_since WHEN new.start > old.start
BEGIN
    DELETE FROM untold WHERE start < new.start;
END;

CREATE TRIGGER untold_days_come_back AFTER UPDATE OF start ON untold_since WHEN new.start < old.start
BEGIN
    DELETE FROM untold;
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now;
END;

CREATE TRIGGER untold_appointment_inserted AFTER INSERT ON appointment
WHEN new.start >= (SELECT start FROM untold_since)
OR EXISTS (SELECT 1 FROM untold WHERE appointment_id = new.id)
BEGIN
    DELETE FROM untold WHERE appointment_id = new.id;
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now WHERE appointment_id = new.id;
END;

CREATE TRIGGER untold_appointment_changed
AFTER UPDATE OF id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at
ON appointment
WHEN (
    max(old.start, new.start) >= (SELECT start FROM untold_since)
    OR EXISTS (SELECT 1 FROM untold WHERE appointment_id = new.id)
)
AND (
    (old.id, old.branch_id, old.type_id, old.is_group, old.starts_at, old.ends_at, old.start)
    <> (new.id, new.branch_id, new.type_id, new.is_group, new.starts_at, new.ends_at, new.start)
    OR old.customer_id IS NOT new.customer_id
    OR (old.status IN ('cancelled', 'no_show')) <> (new.status IN ('cancelled', 'no_show'))
)
BEGIN
    DELETE FROM untold WHERE appointment_id IN (old.id, new.id);
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now WHERE appointment_id = new.id;
END;

CREATE TRIGGER untold_appointment_deleted AFTER DELETE ON appointment
BEGIN
    DELETE FROM untold WHERE appointment_id = old.id;
END;

CREATE TRIGGER untold_customer_inserted AFTER INSERT ON customer
WHEN EXISTS (SELECT 1 FROM appointment WHERE customer_id = new.id)
BEGIN
    DELETE FROM untold WHERE appointment_id IN (SELECT id FROM appointment WHERE customer_id = new.id);
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now WHERE customer_id = new.id;
END;

CREATE TRIGGER untold_customer_changed AFTER UPDATE OF id, deceased, preferred_contact, email ON customer
WHEN (old.id, old.deceased) <> (new.id, new.deceased)
OR old.preferred_contact IS NOT new.preferred_contact
OR old.email IS NOT new.email
BEGIN
    DELETE FROM untold WHERE appointment_id IN (SELECT id FROM appointment WHERE customer_id IN (old.id, new.id));
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now WHERE customer_id IN (old.id, new.id);
END;

CREATE TRIGGER untold_customer_deleted AFTER DELETE ON customer
BEGIN
    DELETE FROM untold WHERE appointment_id IN (SELECT id FROM appointment WHERE customer_id = old.id);
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now WHERE customer_id = old.id;
END;

CREATE TRIGGER untold_message_inserted AFTER INSERT ON message
WHEN EXISTS (SELECT 1 FROM message_appointment WHERE message_id = new.id)
BEGIN
    DELETE FROM untold
    WHERE appointment_id IN (SELECT appointment_id FROM message_appointment WHERE message_id = new.id);
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now
    WHERE appointment_id IN (SELECT appointment_id FROM message_appointment WHERE message_id = new.id);
END;

CREATE TRIGGER untold_message_changed AFTER UPDATE OF id, customer_id, state, sent_at ON message
WHEN (old.id, old.customer_id, old.sent_at) <> (new.id, new.customer_id, new.sent_at)
-- Nearly every message goes this way, and each list is made anew each time.
OR NOT (old.state = 'sending' AND new.state = 'sent')
AND (old.state IN ('sending', 'sent', 'handed_over', 'uncertain'))
<> (new.state IN ('sending', 'sent', 'handed_over', 'uncertain'))
BEGIN
    DELETE FROM untold
    WHERE appointment_id IN (SELECT appointment_id FROM message_appointment WHERE message_id IN (old.id, new.id));
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now
    WHERE appointment_id IN (SELECT appointment_id FROM message_appointment WHERE message_id IN (old.id, new.id));
END;

CREATE TRIGGER untold_message_deleted AFTER DELETE ON message
BEGIN
    DELETE FROM untold
    WHERE appointment_id IN (SELECT appointment_id FROM message_appointment WHERE message_id = old.id);
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now
    WHERE appointment_id IN (SELECT appointment_id FROM message_appointment WHERE message_id = old.id);
END;

CREATE TRIGGER untold_cover_inserted AFTER INSERT ON message_appointment
BEGIN
    DELETE FROM untold WHERE appointment_id = new.appointment_id;
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now
    WHERE appointment_id = new.appointment_id;
END;

CREATE TRIGGER untold_cover_changed AFTER UPDATE OF message_id, appointment_id, appointment_start ON message_appointment
WHEN (old.message_id, old.appointment_id) <> (new.message_id, new.appointment_id)
OR old.appointment_start IS NOT new.appointment_start
BEGIN
    DELETE FROM untold WHERE appointment_id IN (old.appointment_id, new.appointment_id);
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now
    WHERE appointment_id IN (old.appointment_id, new.appointment_id);
END;

CREATE TRIGGER untold_cover_deleted AFTER DELETE ON message_appointment
BEGIN
    DELETE FROM untold WHERE appointment_id = old.appointment_id;
    INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
    SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now
    WHERE appointment_id = old.appointment_id;
END;
