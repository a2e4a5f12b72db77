-- Messages that were handed over to staff and are not done, with their customer, and the newest message by hand
-- between then and :now (rule C2) that told this customer something about one of the appointments.
SELECT
    message.id, message.channel, message.address, message.subject, message.body, message.sent_at,
    message.customer_id, customer.first_name, customer.last_name, customer.deceased,
    customer.preferred_contact,
    by_hand.id AS by_hand_id, by_hand.channel AS by_hand_channel, by_hand.sent_at AS by_hand_at
FROM message
LEFT JOIN customer ON customer.id = message.customer_id
LEFT JOIN message AS by_hand ON by_hand.id = (
    SELECT other.id
    FROM message_appointment AS covered
    CROSS JOIN message_appointment AS told ON told.appointment_id = covered.appointment_id
    CROSS JOIN message AS other ON other.id = told.message_id
    WHERE
        covered.message_id = message.id
        AND other.kind = 'manual'
        AND other.customer_id = message.customer_id
        AND other.state IN ('sent', 'handed_over', 'uncertain')
        AND other.sent_at > message.sent_at
        AND other.sent_at <= :now
    ORDER BY other.sent_at DESC, other.id DESC
    LIMIT 1
)
WHERE message.state = 'handed_over' AND message.done_at IS NULL
ORDER BY message.sent_at, message.id
