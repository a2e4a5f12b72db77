-- Appointments of the confirmation range whose customer has not been told their present start.
-- The last condition narrows by rule C1 so that what has been confirmed is not read again; the
-- rules decide about what is left. `untold` answers for the days that it has.
SELECT appointment.start, appointment.id, appointment.customer_id
FROM appointment
WHERE
    appointment.start >= :from
    AND appointment.start < :until
    AND appointment.customer_id IS NOT NULL
    AND appointment.status NOT IN ('cancelled', 'no_show')
    AND appointment.is_group <> 1
    AND (
        SELECT covered.appointment_start
        FROM message_appointment AS covered
        -- In this order: a customer has many messages, an appointment few.
        CROSS JOIN message ON message.id = covered.message_id
        WHERE
            covered.appointment_id = appointment.id
            AND message.state IN ('sending', 'sent', 'handed_over', 'uncertain')
            AND message.customer_id = appointment.customer_id
            AND (message.kind <> 'manual' OR message.sent_at <= :now)
        ORDER BY message.sent_at DESC, message.id DESC
        LIMIT 1
    ) IS NOT appointment.start
ORDER BY appointment.start, appointment.id
