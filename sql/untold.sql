-- Version 2: what a customer may still have to be told by a confirmation, kept by the database
-- itself, so that a pass does not look at the months that have been confirmed long ago. The triggers
-- that keep it are in `untold_triggers.sql`.

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
