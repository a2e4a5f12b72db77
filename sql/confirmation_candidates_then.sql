-- As confirmation_candidates.sql, in the past. `appointment` is a view then; what is known of messages
-- holds where no message has changed since; the others are in `touched`, for the rules to decide. The newest message
-- is that of the latest instant or of the latest pass, whose clock may have been wrong.
SELECT appointment.start, appointment.id, appointment.customer_id
FROM appointment
WHERE
    appointment.start >= :from
    AND appointment.start < :until
    AND appointment.customer_id IS NOT NULL
    AND appointment.status NOT IN ('cancelled', 'no_show')
    AND appointment.is_group <> 1
    AND (appointment.id IN (SELECT appointment_id FROM temp.touched) OR (
        SELECT covered.appointment_start
        FROM main.message_appointment AS covered
        INNER JOIN main.message AS message ON message.id = covered.message_id
        WHERE
            covered.appointment_id = appointment.id
            AND covered.counts = 1
            AND message.customer_id = appointment.customer_id
            AND (message.kind <> 'manual' OR message.sent_at <= :now)
        ORDER BY message.sent_at DESC, message.id DESC
        LIMIT 1
    ) IS NOT appointment.start OR (
        SELECT covered.appointment_start
        FROM main.message_appointment AS covered
        INNER JOIN main.message AS message ON message.id = covered.message_id
        WHERE
            covered.appointment_id = appointment.id
            AND covered.counts = 1
            AND message.customer_id = appointment.customer_id
            AND (message.kind <> 'manual' OR message.sent_at <= :now)
        ORDER BY message.pass_id DESC, message.sent_at DESC, message.id DESC
        LIMIT 1
    ) IS NOT appointment.start)
ORDER BY appointment.start, appointment.id
