-- Appointments of the confirmation range whose customer has not been told their present start, for the
-- days that `untold` does not have. The last condition narrows by rule C1 so that what has been
-- confirmed is not read again; the rules decide about what is left.
SELECT appointment.start, appointment.id, appointment.customer_id
FROM appointment
WHERE
    appointment.start >= :from
    AND appointment.start < :until
    AND appointment.customer_id IS NOT NULL
    AND appointment.status NOT IN ('cancelled', 'no_show')
    AND appointment.is_group <> 1
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
            AND (message.kind <> 'manual' OR message.sent_at <= :now)
            AND NOT EXISTS (
                SELECT 1
                FROM message_appointment AS other
                CROSS JOIN message AS newer ON newer.id = other.message_id
                WHERE
                    other.appointment_id = appointment.id
                    AND other.appointment_start <> appointment.start
                    AND newer.customer_id = appointment.customer_id
                    AND newer.state IN ('sending', 'sent', 'handed_over', 'uncertain')
                    AND (newer.kind <> 'manual' OR newer.sent_at <= :now)
                    AND ((newer.sent_at, newer.id) > (message.sent_at, message.id) OR newer.pass_id > message.pass_id)
            )
    )
ORDER BY appointment.start, appointment.id
