-- Appointments of the confirmation range about which a message by hand says something from a later
-- instant on (rule C2), so that `untold`, which knows no instants, may lack them.
SELECT appointment.start, appointment.id, appointment.customer_id
FROM message
CROSS JOIN message_appointment AS covered ON covered.message_id = message.id
CROSS JOIN appointment ON appointment.id = covered.appointment_id
WHERE
    message.kind = 'manual'
    AND message.sent_at > :now
    AND appointment.start >= :from
    AND appointment.start < :until
    AND appointment.customer_id IS NOT NULL
