-- Withdraws deferred messages that pass ?1 has not decided anew and whose appointment has begun at ?2 (local). The
-- appointment is still the one that was to be told of, and the customer is to be written to; that somebody has marked
-- it as missed changes nothing. ?3 begins the sentence that says why.
UPDATE message SET state = 'withdrawn', error = ?3 || coalesce(error, '')
WHERE
    state = 'deferred'
    AND pass_id IS NOT ?1
    AND EXISTS (
        SELECT 1
        FROM message_appointment AS covered
        CROSS JOIN appointment ON appointment.id = covered.appointment_id
        CROSS JOIN customer ON customer.id = appointment.customer_id
        WHERE
            covered.message_id = message.id
            AND appointment.start = covered.appointment_start
            AND appointment.start <= ?2
            AND appointment.customer_id = message.customer_id
            AND appointment.status <> 'cancelled'
            AND customer.deceased <> 1
            AND customer.preferred_contact IS NOT 'none'
    )
