-- Version 3: the triggers that keep `untold`.
--
-- Each trigger takes out what it may concern and puts in what belongs there by the rows as they are
-- after the change, whatever the change was. INSERT OR REPLACE tells no trigger what it deletes, so
-- that an insert is handled like a change of the row with its key.

-- Those of version 2.
DROP TRIGGER IF EXISTS untold_days_go_by;
DROP TRIGGER IF EXISTS untold_days_come_back;
DROP TRIGGER IF EXISTS untold_appointment_inserted;
DROP TRIGGER IF EXISTS untold_appointment_changed;
DROP TRIGGER IF EXISTS untold_appointment_deleted;
DROP TRIGGER IF EXISTS untold_customer_inserted;
DROP TRIGGER IF EXISTS untold_customer_changed;
DROP TRIGGER IF EXISTS untold_customer_deleted;
DROP TRIGGER IF EXISTS untold_message_inserted;
DROP TRIGGER IF EXISTS untold_message_changed;
DROP TRIGGER IF EXISTS untold_message_deleted;
DROP TRIGGER IF EXISTS untold_cover_inserted;
DROP TRIGGER IF EXISTS untold_cover_changed;
DROP TRIGGER IF EXISTS untold_cover_deleted;

-- Counting messages that stated the present start of an appointment to its customer, and after which none
-- stated another: what `untold_now` leaves out. CROSS JOIN keeps to this order: a customer has many messages,
-- an appointment few.
-- Comparisons and no lists where every message comes by, since a list is built anew for each row.
CREATE VIEW told_now AS
SELECT covered.message_id, covered.appointment_id
FROM message_appointment AS covered
CROSS JOIN appointment ON appointment.id = covered.appointment_id
CROSS JOIN message ON message.id = covered.message_id
WHERE
    covered.appointment_start = appointment.start
    AND message.customer_id = appointment.customer_id
    AND (
        message.state = 'sent' OR message.state = 'sending' OR message.state = 'handed_over'
        OR message.state = 'uncertain'
    )
    AND NOT EXISTS (
        SELECT 1
        FROM message_appointment AS other
        CROSS JOIN message AS newer ON newer.id = other.message_id
        WHERE
            other.appointment_id = covered.appointment_id
            AND other.appointment_start <> appointment.start
            AND newer.customer_id = message.customer_id
            AND newer.state IN ('sending', 'sent', 'handed_over', 'uncertain')
            AND (newer.sent_at, newer.id) > (message.sent_at, message.id)
    );

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

-- Every message goes through the next two, of which one or none has something to do. The customer has
-- been told the present start by this very message, and so the appointment is not in here.
CREATE TRIGGER untold_cover_told AFTER INSERT ON message_appointment
WHEN EXISTS (SELECT 1 FROM untold WHERE appointment_id = new.appointment_id)
BEGIN
    DELETE FROM untold WHERE appointment_id = new.appointment_id AND EXISTS (
        SELECT 1 FROM told_now WHERE message_id = new.message_id AND appointment_id = new.appointment_id
    );
END;

-- Or has not.
CREATE TRIGGER untold_cover_not_told AFTER INSERT ON message_appointment
WHEN NOT EXISTS (SELECT 1 FROM told_now WHERE message_id = new.message_id AND appointment_id = new.appointment_id)
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
