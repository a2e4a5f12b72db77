-- Version 6: what a later pass has written is newer, whatever its clock said.
--
-- A message of a pass whose clock was wrong would otherwise be the newest for days, or never. `untold` has
-- every appointment of which that can be thought; the rules decide (rules/told.rs).
DROP TRIGGER untold_message_changed;
DROP VIEW told_now;
DROP VIEW untold_now;

-- As in version 3, but for the last condition.
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
            AND ((newer.sent_at, newer.id) > (message.sent_at, message.id) OR newer.pass_id > message.pass_id)
    );

-- As in version 2, but for the last condition.
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
                    AND ((newer.sent_at, newer.id) > (message.sent_at, message.id) OR newer.pass_id > message.pass_id)
            )
    );

-- As in version 3, but for the pass.
CREATE TRIGGER untold_message_changed AFTER UPDATE OF id, customer_id, state, sent_at, pass_id ON message
WHEN (old.id, old.customer_id, old.sent_at) <> (new.id, new.customer_id, new.sent_at)
OR old.pass_id IS NOT new.pass_id
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

DELETE FROM untold;
INSERT INTO untold (appointment_id, start, customer_id, branch_id, type_id)
SELECT appointment_id, start, customer_id, branch_id, type_id FROM untold_now;
